"""The `result` line: a run's outcome as scripts read it."""

from typing import Any

from ml_intern.app.home import Home
from ml_intern.records.bundle import Bundle
from ml_intern.records.data import DataReport, Finding
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.metrics import ScoredModel, Scores
from ml_intern.records.publication import Publication, PublicationPlan
from ml_intern.records.runs import Event, EventName, RunRecord, RunStatus
from ml_intern.records.training import Baselines, TrainingPlan
from ml_intern.records.words import dollars, storage
from ml_intern.store import events
from ml_intern.store.ledger import LedgerTable
from ml_intern.workflow.run import Run

REPORT = "report.html"
"""The report's place in a run's folder."""


def snapshot(home: Home, prefix: str | None) -> dict[str, Any]:
    """The result of a run as it stands, without driving it."""
    record = home.resolve(prefix)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    with home.engine.begin() as connection:
        history = events.history(connection, record.id)
    return _result(run, history, LedgerTable(home.engine, record.id).spoken_for())


def _result(run: Run, history: list[Event], spent_micro_usd: int) -> dict[str, Any]:
    """All fields of the `result` event; those not reached yet are null or empty."""
    record, stage = run.record, run.stage()
    evaluation, bundle = run.get(Evaluation), run.get(Bundle)
    baselines = evaluation.baselines if evaluation else _validated(run)
    report = run.folder / REPORT
    return {
        "event": "result",
        "run": record.id,
        "status": record.status.value,
        "exit_code": record.exit_code,
        "stage": stage.name if stage else "done",
        "question": _question(run),
        "next": list(_ways_on(record, stage.name if stage else "done")),
        "error": record.error,
        "hint": record.hint,
        "metrics": _scores(evaluation.scores) if evaluation else {},
        "clean_metrics": _scores(evaluation.clean) if evaluation and evaluation.clean else {},
        "baselines": {model.name: _scores(model.scores) for model in baselines},
        "baselines_split": "test" if evaluation else "validation",
        "trust": _trust(evaluation) if evaluation else {},
        "findings": [finding.model_dump(mode="json") for finding in findings_of(run)],
        "verdict": evaluation.verdict if evaluation else "",
        "worth": evaluation.worth if evaluation else "",
        "cost_usd": spent_micro_usd / 1_000_000,
        "seconds": _seconds(history),
        "report": str(report) if report.exists() else None,
        "card": str(run.folder / bundle.folder / bundle.card.path) if bundle else None,
        "bundle": str(run.folder / bundle.folder) if bundle else None,
        "published": _published(run),
        "folder": str(run.folder),
    }


def _published(run: Run) -> dict[str, Any] | None:
    made = run.get(Publication)
    return made.model_dump(include={"repo", "url", "revision", "private", "space"}) if made else None


def _trust(evaluation: Evaluation) -> dict[str, Any]:
    """How far confidence can be trusted, and what UNKNOWN costs; empty where it was not measured."""
    calibration, held = evaluation.calibration, evaluation.abstention
    if calibration is None or held is None:
        return {}
    carried = next(each for each in held.scores if each.score is held.chosen)
    return {
        "calibration_error": calibration.ece.model_dump(),
        "brier": calibration.brier.model_dump(),
        "unknown": carried.model_dump(mode="json") | {"target": held.target},
        "worse_slices": [each.id for each in evaluation.slices if each.worse],
    }


def _question(run: Run) -> str:
    """What waits for a person's yes or was turned down, in a sentence; empty where nothing does."""
    if run.record.status not in (RunStatus.WAITING, RunStatus.DENIED) or (asked := run.question()) is None:
        return ""
    if asked.kind == PublicationPlan.kind:
        plan = PublicationPlan.model_validate_json(asked.content)
        seen = "you alone" if plan.private else "everybody"
        demo = f", and a demo as the Space {plan.space.repo}" if plan.space else ""
        return f"Publish {len(plan.files)} files, {storage(plan.bytes)}, as {plan.repo} for {seen}{demo}."
    training = TrainingPlan.model_validate_json(asked.content)
    cost = f"{dollars(training.cost_micro_usd)}, at worst {dollars(training.worst_case_micro_usd)}"
    return f"{training.summary} About {training.minutes.value:.1f} min on {training.place.words}, {cost}."


def _ways_on(record: RunRecord, stage: str) -> tuple[str, ...]:
    """The commands that take the run further; none where it is complete or cannot go on."""
    approve = f"ml-intern approve {record.id}"
    if record.status is RunStatus.WAITING:
        deny = f"ml-intern deny {record.id}"
        return approve, deny if stage == "publish" else f'{deny} --reason "what to change"'
    if record.status is RunStatus.DENIED:
        return (approve,) if stage in ("plan", "publish") else ()
    if stage == "done" or record.status is RunStatus.UNSUPPORTED:
        return ()
    return (f"ml-intern resume {record.id}",)


def findings_of(run: Run) -> list[Finding]:
    """What the evaluation found, then what the audit found; each id once, the evaluation's first."""
    evaluation, report = run.get(Evaluation), run.get(DataReport)
    found = list(evaluation.findings) if evaluation else []
    known = {finding.id for finding in found}
    return found + [f for f in (report.findings if report else ()) if f.id not in known]


def _validated(run: Run) -> tuple[ScoredModel, ...]:
    baselines = run.get(Baselines)
    return baselines.scores if baselines else ()


def _scores(scores: Scores) -> dict[str, Any]:
    return {metric.value: interval.model_dump() for metric, interval in scores.items()}


def _seconds(history: list[Event]) -> dict[str, float]:
    finished = [event for event in history if event.event is EventName.STAGE_FINISHED]
    return {event.stage: event.data["seconds"] for event in finished}
