"""What could make the model better, why, and what became of it."""

from typing import Any, Final

from pydantic import Field

from ml_intern.records.base import Artifact, Record
from ml_intern.records.metrics import Interval
from ml_intern.records.spec import UnknownTarget
from ml_intern.records.training import Prediction

UNKNOWN: Final = "unknown"
"""The name of the UNKNOWN answer's target among what a suggestion changes."""
ALPHA: Final = 0.05
"""The share of 95 % intervals that miss."""


class Evidence(Record):
    """One measured fact behind a suggestion.

    `source` is a dotted path into a stored artifact, such as `stress_report.capabilities.typos_heavy.rate`
    or `evaluation.slices.length_long`; `text` says it with its figures.
    """

    source: str
    text: str


class Suggestion(Record):
    """One change worth trying. `number` is what `improve --apply` takes, 1 for the strongest evidence.

    `config` are the settings of the training script that it changes, `unknown` is what the UNKNOWN answer is
    to be fitted for, without a training; with neither it is for a person to carry out. `expected` is the gain
    in points of a hundred of `measure`, such as "failures under heavy typing errors". `minutes` are those of
    the training that it takes.
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
    unknown: UnknownTarget | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What it changes, by name, as `BeforeAfter.config` says it."""
        return changes(self.config, self.unknown)

    @property
    def applies(self) -> bool:
        """Whether `improve --apply` can carry it out."""
        return bool(self.changes)


def changes(config: dict[str, Any], unknown: UnknownTarget | None) -> dict[str, Any]:
    """Settings of the script and the target of the UNKNOWN answer under one name each."""
    return config | ({UNKNOWN: unknown.option} if unknown else {})


class Difference(Record):
    """One figure before and after; `change` is after less before, with its 95 % interval.

    `good` is the sign of `change` that is better; `aimed_at` marks what the change was made for.
    """

    measure: str
    before: float
    after: float
    change: Interval
    good: int
    aimed_at: bool

    @property
    def said(self) -> str:
        """Whether it helped, where the interval leaves no doubt."""
        if self.change.low <= 0 <= self.change.high:
            return "no difference beyond noise"
        return "better" if (self.change.low > 0) == (self.good > 0) else "worse"


class BeforeAfter(Record):
    """The model beside the one before it, on the same test rows and the same stress cases.

    `config` holds the settings that differ, as before and after, the UNKNOWN answer's target among them;
    `titles` are the suggestions that they follow. `seconds` are those of both trainings.
    """

    titles: tuple[str, ...]
    config: dict[str, tuple[Any, Any]]
    differences: tuple[Difference, ...]
    seconds: tuple[float, float]
    verdict: str

    @property
    def by_chance(self) -> str:
        """How many of the side looks differ by chance, in a sentence; empty where there are few looks."""
        looks = sum(not each.aimed_at and each.measure.startswith("failures") for each in self.differences)
        if looks < 1 / ALPHA:
            return ""
        chance = f"{ALPHA * looks:.0f}"
        return (
            f"Of {looks} capabilities about {chance} differ by chance alone: each interval holds by itself."
        )


class Improvements(Artifact):
    """Suggestions, the strongest evidence first, and what the last one that was applied has brought.

    None of them trains anything by itself. `compared` is None for the first model of a run.
    """

    suggestions: tuple[Suggestion, ...]
    compared: BeforeAfter | None
    seconds: float
