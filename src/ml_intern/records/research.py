"""What is known about the task before anything is measured on the user's data."""

from enum import StrEnum
from typing import Final

from ml_intern.records.base import Artifact, Record
from ml_intern.records.spec import DataSource, PretrainedModel, TaskSpec


class Reference(Record):
    """One published or measured score. `score` is a percentage of `measure`, as its source states it."""

    id: str
    dataset: str
    model: str
    measure: str
    score: str
    source: str
    second_hand: bool = False


class Approach(Record):
    """One way to do the task, with its evidence. Without a reference, `uncertain` must be true."""

    name: str
    summary: str
    references: tuple[Reference, ...]
    uncertain: bool
    chosen: bool
    reason: str


class Standing(StrEnum):
    """Whether a claim's source was named, and returned by a tool of this run: code compares."""

    READ = "read"
    UNREAD = "unread"
    UNSOURCED = "unsourced"

    @property
    def words(self) -> str:
        """What to say of it beside the claim; empty where there is nothing to say."""
        return {"read": "", "unread": "source not read in this run", "unsourced": "no source"}[self.value]


class Claim(Record):
    """Something that a brain says it has found out, as it says it: nothing here was measured.

    `expected_score` and `cost` are in the words of the source. That a source was read does not prove that it
    says so.
    """

    claim: str
    source: str
    standing: Standing
    expected_score: str = ""
    cost: str = ""


class Research(Artifact):
    """The approaches that were compared, exactly one of them chosen, and what a brain found out besides."""

    approaches: tuple[Approach, ...]
    claims: tuple[Claim, ...] = ()


class Criterion(Record):
    """How a candidate does by one stated criterion. `score` runs from 0 to 1 and counts `weight` times.

    Where `needed` holds and `met` does not, the candidate is unfit whatever its other scores.
    """

    name: str
    score: float
    weight: float
    needed: bool
    met: bool
    reason: str


BY_USER: Final = "the user at the terminal"
BY_CRITERIA: Final = "the stated criteria"


class Verdict(StrEnum):
    """What became of a candidate."""

    CHOSEN = "chosen"
    LOST = "lost"
    UNFIT = "unfit"


class Candidate(Record):
    """Something that was looked at on the Hub: what it is, how it did, and why it was chosen or not.

    `score` is the weighted mean of its criteria, 0 to 1. `rows` were counted, or as many were looked at where
    `whole` is false. For a base model, `rows` is None and so are the columns.
    """

    name: str
    revision: str
    verdict: Verdict
    score: float
    reason: str
    licence: str
    rows: int | None = None
    whole: bool = True
    classes: int | None = None
    text: str | None = None
    label: str | None = None
    usable: bool = False
    criteria: tuple[Criterion, ...] = ()


class DatasetChoice(Artifact):
    """The dataset that will be used. `revision` is a commit of the Hub, or the hash of local files.

    `private_use_only` holds while the licence is not known. Where the task named no data, `data` pins what
    was chosen, `queries` are what the Hub was asked, `candidates` all that was looked at, best first, and
    `accepted_by` is who chose.
    """

    name: str
    revision: str
    licence: str
    source: str
    reason: str
    private_use_only: bool
    data: DataSource | None = None
    queries: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    accepted_by: str = ""


def data_in_use(spec: TaskSpec, choice: DatasetChoice | None) -> DataSource | None:
    """The data that the task names, else what research has chosen; None before that."""
    return spec.data or (choice.data if choice else None)


class ModelChoice(Artifact):
    """The model that will be trained, and the weights it starts from; None where it starts from nothing.

    `licence` is that of the weights. `candidates` are the base models that were looked at on the Hub, if any.
    """

    recipe: str
    base_model: PretrainedModel | None
    licence: str
    source: str
    reason: str
    candidates: tuple[Candidate, ...] = ()
