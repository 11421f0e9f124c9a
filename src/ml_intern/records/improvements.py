"""What could make the model better, why, and what became of it."""

from typing import Any

from pydantic import Field

from ml_intern.records.base import Artifact, Record
from ml_intern.records.metrics import Interval
from ml_intern.records.training import Prediction


class Evidence(Record):
    """One measured fact behind a suggestion.

    `source` is a dotted path into a stored artifact, such as `stress_report.capabilities.typos_heavy.rate`
    or `evaluation.slices.length_long`; `text` says it with its figures.
    """

    source: str
    text: str


class Suggestion(Record):
    """One change worth trying. `number` is what `improve --apply` takes, 1 for the strongest evidence.

    `config` are the settings it changes in the training script's config, `rows` the ids of rows to leave out,
    `merge` classes to make one; a suggestion with none of them (`advice`) is for a person to carry out.
    `expected` is the gain in points of `measure`, such as `stress typos_heavy failure rate`.
    """

    number: int
    id: str
    title: str
    change: str
    evidence: tuple[Evidence, ...]
    measure: str
    expected: Prediction
    minutes: float
    cost_micro_usd: int
    config: dict[str, Any] = Field(default_factory=dict)
    base_model: str | None = None
    method: str | None = None
    rows: tuple[str, ...] = ()
    merge: tuple[str, ...] = ()
    score: str | None = None

    @property
    def applies(self) -> bool:
        """Whether `improve --apply` can carry it out."""
        return bool(self.config or self.base_model or self.method or self.rows or self.merge or self.score)


class Improvements(Artifact):
    """Suggestions, the strongest evidence first. None of them trains anything by itself."""

    suggestions: tuple[Suggestion, ...]
    note: str
    seconds: float


class Difference(Record):
    """One figure before and after; `change` is after less before, with its 95 % interval.

    `good` says which sign is better; `said` is "better", "worse" or "no difference beyond noise".
    """

    measure: str
    before: Interval
    after: Interval
    change: Interval
    good: int
    said: str
    aimed_at: bool


class BeforeAfter(Artifact):
    """An iteration beside the model before it: what was changed, what it gained, what it cost."""

    applied: tuple[int, ...]
    titles: tuple[str, ...]
    differences: tuple[Difference, ...]
    verdict: str
