"""The plan: what was proposed and why, who agreed, and how it compares with what came."""

from dataclasses import dataclass

from ml_intern.records.evaluation import Evaluation
from ml_intern.records.research import ModelChoice, Research
from ml_intern.records.runs import Approval
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines, Prediction, TrainingPlan, TrainingRun
from ml_intern.records.words import dollars, storage
from ml_intern.reporting.dossier import Dossier


@dataclass(frozen=True)
class Forecast:
    """One quantity as it was foretold and as it came; `came` is empty until it has."""

    what: str
    foretold: str
    basis: str
    came: str
    within: str


@dataclass(frozen=True)
class Plan:
    """The section on the plan. `plan` is None until one was made; `approvals` are answers, oldest first."""

    spec: TaskSpec
    research: Research
    model: ModelChoice
    plan: TrainingPlan | None
    sha256: str
    forecasts: tuple[Forecast, ...]
    approvals: tuple[Approval, ...]
    baselines: Baselines | None


def plan(dossier: Dossier) -> Plan | None:
    """The section on task, choices and plan; None until approaches were compared."""
    spec, research, model = dossier.get(TaskSpec), dossier.get(Research), dossier.get(ModelChoice)
    if spec is None or research is None or model is None:
        return None
    made = dossier.get(TrainingPlan)
    newest = [v.sha256 for v in dossier.versions if v.current and v.kind == TrainingPlan.kind]
    return Plan(
        spec=spec,
        research=research,
        model=model,
        plan=made,
        sha256=newest[-1] if newest else "",
        forecasts=_forecasts(dossier, spec, made) if made else (),
        approvals=tuple(a for a in dossier.approvals if a.subject_kind == TrainingPlan.kind),
        # Once the test split was scored, the baselines stand there beside the model.
        baselines=None if dossier.get(Evaluation) else dossier.get(Baselines),
    )


def _forecasts(dossier: Dossier, spec: TaskSpec, made: TrainingPlan) -> tuple[Forecast, ...]:
    run, evaluation = dossier.get(TrainingRun), dossier.get(Evaluation)
    metric = spec.selection_metric
    score = evaluation.scores[metric].value if evaluation else None
    return (
        _forecast(metric.words, made.expected, score, 3),
        _forecast("minutes of training", made.minutes, run.seconds / 60 if run else None, 2),
        Forecast(
            what="memory at the peak",
            foretold=storage(made.memory_bytes),
            basis="as in the smoke test",
            came=storage(run.peak_memory_bytes) if run and run.peak_memory_bytes else "",
            within="",
        ),
        Forecast(
            what="cost",
            foretold=f"{dollars(made.cost_micro_usd)}, at worst {dollars(made.worst_case_micro_usd)}",
            basis=f"price of {made.backend}, {made.flavour}; at worst for the whole time limit",
            came=dollars(round(dossier.spent_usd * 1_000_000)) if run else "",
            within="",
        ),
    )


def _forecast(what: str, foretold: Prediction, came: float | None, digits: int) -> Forecast:
    value, low, high = (f"{each:.{digits}f}" for each in (foretold.value, foretold.low, foretold.high))
    within = "" if came is None else "yes" if foretold.low <= came <= foretold.high else "no"
    shown = "" if came is None else f"{came:.{digits}f}"
    return Forecast(what, f"{value} [{low}, {high}]", foretold.basis, shown, within)
