"""What a reader must know first: the warning, the verdict, the scores, and what to do next."""

from dataclasses import dataclass

from ml_intern.records.data import LEAK_FINDING, NEAR_LEAK_FINDING, DataReport, Finding
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.metrics import Interval, Metric
from ml_intern.records.runs import RunStatus
from ml_intern.records.spec import TaskSpec
from ml_intern.reporting.dossier import Dossier, Step

NO_TRANSFORMER = (
    "No transformer was trained: the task did not ask for one. The model is a linear one, which takes "
    "seconds to train and runs anywhere."
)
_STANDING = {
    RunStatus.OPEN: "This run is not finished. Either it is at work right now, or its process was ended.",
    RunStatus.WAITING: "The plan is ready and waits for your yes or no. Nothing has been trained yet.",
    RunStatus.DONE: "This run did all that it was asked for so far.",
    RunStatus.FAILED: "This run failed. What it found before is kept.",
    RunStatus.DENIED: "The plan was turned down, so nothing was trained.",
    RunStatus.CANCELLED: "This run was cancelled. What it found before is kept.",
    RunStatus.UNSUPPORTED: "The task or the data cannot support the claim that was asked for.",
    RunStatus.INTERRUPTED: "This run was interrupted. Nothing is lost.",
}
_STANDING_TO_PUBLISH = {
    RunStatus.WAITING: "The model is packaged; its publication waits for your yes. Nothing was uploaded.",
    RunStatus.DENIED: "The publication was turned down, so nothing was uploaded. The packaged model is kept.",
}
_MEANING = {
    Metric.ACCURACY: "share of test texts that got the right label",
    Metric.MACRO_F1: "how well the classes are found, each class counting alike",
    Metric.WEIGHTED_F1: "how well the classes are found, large classes counting more",
}


@dataclass(frozen=True)
class Headline:
    """One score on the sealed test split; `clean` is the same without rows that repeat training rows."""

    words: str
    meaning: str
    score: Interval
    clean: Interval | None


@dataclass(frozen=True)
class Standing:
    """Where a run stands that has not gone all the way: why, at which stage, and how to go on."""

    said: str
    stage: Step | None
    reasons: tuple[str, ...]
    error: str
    hint: str
    commands: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Opening:
    """The first screen. `standing` is None where the run is complete."""

    title: str
    alarms: tuple[Finding, ...]
    verdict: str
    headlines: tuple[Headline, ...]
    rows: int
    clean_rows: int | None
    baselines: tuple[str, ...]
    worth: str
    standing: Standing | None


def opening(dossier: Dossier) -> Opening:
    """The first screen of the report on this run."""
    spec, evaluation = dossier.get(TaskSpec), dossier.get(Evaluation)
    return Opening(
        title=spec.goal if spec else dossier.run.request.sentence,
        alarms=evaluation.findings if evaluation else _leaks(dossier),
        verdict=evaluation.verdict if evaluation else "",
        headlines=_headlines(spec, evaluation) if spec and evaluation else (),
        rows=evaluation.rows if evaluation else 0,
        clean_rows=evaluation.clean_rows if evaluation and evaluation.clean else None,
        baselines=tuple(each.name for each in evaluation.baselines) if evaluation else (),
        worth=_worth(spec, evaluation) if spec and evaluation else "",
        standing=_standing(dossier),
    )


def _leaks(dossier: Dossier) -> tuple[Finding, ...]:
    """Before the evaluation has judged the scores, the audit may already know of a leak."""
    report = dossier.get(DataReport)
    return tuple(f for f in report.findings if f.id in (LEAK_FINDING, NEAR_LEAK_FINDING)) if report else ()


def _headlines(spec: TaskSpec, evaluation: Evaluation) -> tuple[Headline, ...]:
    # The metric that the verdict speaks of comes first.
    metrics = sorted(spec.metrics, key=lambda metric: metric is not spec.selection_metric)
    return tuple(
        Headline(
            words=metric.words,
            meaning=_MEANING[metric],
            score=evaluation.scores[metric],
            clean=evaluation.clean[metric] if evaluation.clean else None,
        )
        for metric in metrics
    )


def _worth(spec: TaskSpec, evaluation: Evaluation) -> str:
    return evaluation.worth or (NO_TRANSFORMER if spec.method == "linear" else "")


def _standing(dossier: Dossier) -> Standing | None:
    run = dossier.run
    stage = next((step for step in dossier.steps if not step.done), None)
    if stage is None and run.status is RunStatus.DONE:
        return None
    publishing = _STANDING_TO_PUBLISH if stage is not None and stage.name == "publish" else {}
    return Standing(
        said=publishing.get(run.status, _STANDING[run.status]),
        stage=stage,
        # That a stage has not made its artifacts yet is no news.
        reasons=tuple(o for o in stage.objections if not o.endswith(" is missing")) if stage else (),
        error=run.error,
        hint=run.hint,
        commands=dossier.commands,
        steps=dossier.steps,
    )
