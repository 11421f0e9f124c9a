"""What was spent: money, time and memory."""

from dataclasses import dataclass

from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingPlan, TrainingRun
from ml_intern.reporting.dossier import Dossier


@dataclass(frozen=True)
class StageTime:
    """A stage's seconds, and that as a share of the longest."""

    name: str
    seconds: float
    share: float


@dataclass(frozen=True)
class Costs:
    """The section on what was spent."""

    spent_usd: float
    budget_micro_usd: int
    plan: TrainingPlan | None
    run: TrainingRun | None
    stages: tuple[StageTime, ...]
    seconds: float


def costs(dossier: Dossier) -> Costs | None:
    """The section on what was spent; None until a stage was finished."""
    times = {step.name: step.seconds for step in dossier.steps if step.seconds is not None}
    if not times:
        return None
    spec, longest = dossier.get(TaskSpec), max(times.values()) or 1.0
    return Costs(
        spent_usd=dossier.spent_usd,
        budget_micro_usd=spec.budget_micro_usd if spec else dossier.run.request.budget_micro_usd or 0,
        plan=dossier.get(TrainingPlan),
        run=dossier.get(TrainingRun),
        stages=tuple(StageTime(name, seconds, seconds / longest) for name, seconds in times.items()),
        seconds=sum(times.values()),
    )
