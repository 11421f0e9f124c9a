"""What is known about the task before anything is measured on the user's data."""

from ml_intern.records.base import Artifact, Record
from ml_intern.records.spec import PretrainedModel


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


class Research(Artifact):
    """The approaches that were compared, exactly one of them chosen."""

    approaches: tuple[Approach, ...]


class DatasetChoice(Artifact):
    """The dataset that will be used. `revision` is a content hash for local files.

    `private_use_only` holds while the licence is not known.
    """

    name: str
    revision: str
    licence: str
    source: str
    reason: str
    private_use_only: bool


class ModelChoice(Artifact):
    """The model that will be trained, and the weights it starts from; None where it starts from nothing.

    `licence` is that of the weights.
    """

    recipe: str
    base_model: PretrainedModel | None
    licence: str
    source: str
    reason: str
