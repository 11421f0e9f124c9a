"""What suggestions are made from, and what one is before it has its rank."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ml_intern.records.data import DataReport, Finding
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import Evidence, changes
from ml_intern.records.spec import TaskSpec, UnknownTarget
from ml_intern.records.stress import CapabilityResult, StressReport
from ml_intern.records.training import Prediction, TrainingRun, TrainingScript


@dataclass(frozen=True)
class Facts:
    """The stored results of a run whose model was evaluated and stressed."""

    spec: TaskSpec
    unknown: UnknownTarget
    report: DataReport
    script: TrainingScript
    trained: TrainingRun
    evaluation: Evaluation
    stress: StressReport
    in_vain: tuple[dict[str, Any], ...] = ()
    """Changes that earlier iterations tried and that did not help."""
    training_ids: frozenset[str] = frozenset()
    """Of the rows of the training split: what they come from and their number there, as `train:17`."""

    def setting(self, name: str) -> Any:
        """A setting of the training script; None where it has none of that name."""
        return self.script.config.get(name)

    def capability(self, id: str) -> tuple[CapabilityResult, Evidence] | None:
        """A capability that failed beyond doubt, with the sentence that says so; None for any other."""
        for place, each in enumerate(self.stress.capabilities):
            if each.id == id and each.rate and each.failures and each.rate.low > LEAST_RATE:
                rate = each.rate
                text = (
                    f"{each.title}: {each.failures} of {each.cases} cases failed "
                    f"[{rate.low:.2f}, {rate.high:.2f}]."
                )
                return each, Evidence(source=f"stress_report.capabilities.{place}.rate", text=text)
        return None

    def training_rows(self, finding: Finding) -> tuple[str, ...]:
        """The ids of the rows of a finding that the model is trained on."""
        rows = {str(row) for row in finding.rows}
        own = [each.rpartition(":") for each in self.training_ids]
        sources = {source for source, _, _ in own}
        source = finding.split if finding.split in sources or len(sources) != 1 else next(iter(sources))
        return tuple(sorted(f"{s}:{row}" for s, _, row in own if s == source and row in rows))

    def evidence(self, place: int) -> Evidence:
        """The sentence of the audit's finding at `place`."""
        return Evidence(
            source=f"data_report.findings.{place}.message", text=self.report.findings[place].message
        )


LEAST_RATE = 0.02
"""A capability counts where even the low end of its failure rate is above this."""


@dataclass(frozen=True)
class Idea:
    """A suggestion without its number. `strength` ranks it: points of a hundred that are at stake."""

    id: str
    title: str
    change: str
    evidence: tuple[Evidence, ...]
    measure: str
    expected: Prediction
    strength: float
    config: dict[str, Any] = field(default_factory=dict)
    unknown: UnknownTarget | None = None
    slower: float = 1.0
    """How many times as long the training will take."""

    @property
    def changes(self) -> dict[str, Any]:
        """What it changes, by name; empty where it is for a person to carry out."""
        return changes(self.config, self.unknown)


Suggest = Callable[[Facts], Idea | None]


def guess(value: float, low: float, high: float, basis: str) -> Prediction:
    """A gain in points of a hundred, rounded."""
    return Prediction(value=round(value, 1), low=round(low, 1), high=round(high, 1), basis=basis)
