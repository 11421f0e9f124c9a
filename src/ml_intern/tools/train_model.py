"""Tool: train what was approved."""

import json
from pathlib import Path
from typing import Any

from ml_intern.evaluation.curves import curves_figure
from ml_intern.ports.compute import Site
from ml_intern.records.errors import ComputeRefused, JobFailed, SandboxMissing
from ml_intern.records.jobs import JobResult, JobState, Limits, Refusal
from ml_intern.records.metrics import Metric
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import FittedBaseline, TrainingPlan, TrainingRun, TrainingScript
from ml_intern.records.words import dollars
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.propose_plan import plan_on, told
from ml_intern.training.monitor import alerts_in
from ml_intern.training.script import file_ref, script_inputs, tree_refs
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("train")
def train_model(bench: Workbench) -> Done:
    """Train the approved script on the whole training split where the plan says."""
    run = bench.run
    plan, script = run.need(TrainingPlan), run.need(TrainingScript)
    if plan.place not in bench.compute.places:
        return plan_on(bench, ())  # the user has named other places since
    try:
        site = bench.compute.site(plan.place, run.need(TaskSpec).budget_micro_usd)
        if not site.started and (change := _change(plan, site)):
            done = plan_on(bench, plan.refusals)
            news = [(EventName.MESSAGE, {"text": change}), *done.news]
            return Done(f"{change} A new plan: {done.summary}", done.made, news)
        result = site.jobs(
            "train",
            ["python", "train.py", "config.json"],
            script_inputs(script, run.folder) | split_inputs(run.folder),
            Limits(seconds=plan.time_limit_seconds),
            mounts_of(bench),
        )
    except ComputeRefused as refused:
        if plan.place == bench.compute.places[-1] or isinstance(refused, SandboxMissing):
            raise
        return _elsewhere(bench, plan, refused)
    news = []
    if site.hardware.micro_usd_per_unit:
        spent = site.hardware.cost(result.status.seconds)
        news.append((EventName.COST, {"what": "train", "place": plan.place.words, "micro_usd": spent}))
    require_success(result, "The training", 'change the plan with: ml-intern deny --reason "learning_rate=…"')
    trained = _read(result, script, bench, site.backend)
    metric = Metric(trained.selection_metric).words
    return Done(
        f"Trained; best step {trained.best_step} with validation {metric} {trained.best_value:.3f}.",
        [trained],
        news,
    )


def _change(plan: TrainingPlan, site: Site) -> str:
    """What is not as it was when the plan was approved; empty where all is. Nothing was started yet."""
    if plan.account and plan.account != site.account:
        return f"The plan was to rent for {plan.account}; now it would be for {site.account}."
    try:
        worst = site.hardware.cost(plan.time_limit_seconds)
    except ValueError:  # whoever sets the money aside refuses such a price
        return ""
    if worst > plan.worst_case_micro_usd:
        before, now = dollars(plan.worst_case_micro_usd), dollars(worst)
        return f"{plan.place.words} has become dearer: at worst {now}; {before} were approved."
    return ""


def _elsewhere(bench: Workbench, plan: TrainingPlan, refused: ComputeRefused) -> Done:
    """The plan for the next place, which is to be approved like the first; what was refused is told.

    Raises:
        ComputeRefused: there is no next place.
    """
    refusal = Refusal(place=plan.place, reason=refused.message, hint=refused.hint)
    done = plan_on(bench, (*plan.refusals, refusal))
    news = [(EventName.COMPUTE_REFUSED, told(refusal)), *done.news]
    return Done(
        f"{plan.place.words} was refused: {refused.message} A new plan: {done.summary}", done.made, news
    )


def split_inputs(folder: Path) -> dict[str, Path]:
    """The train and validation parts, as a job sees them. The test part is never among them."""
    return {f"data/{part}.parquet": folder / "data" / f"{part}.parquet" for part in ("train", "validation")}


def model_inputs(made: TrainingRun | FittedBaseline, folder: Path) -> dict[str, Path]:
    """The files of a fitted model by their names inside its own folder."""
    return {Path(file.path).relative_to(made.folder).as_posix(): folder / file.path for file in made.model}


def require_success(result: JobResult, what: str, otherwise: str = "") -> None:
    """Raise with the job's own last words where it did not succeed; `otherwise` is what else can be done.

    Raises:
        JobFailed: the job ended in any other way.
    """
    if result.status.state is JobState.SUCCEEDED:
        return
    last = next((line for line in reversed(result.log_tail) if line.strip()), "it printed nothing")
    why = result.status.reason or result.status.state.value
    hint = "; ".join(filter(None, ("Read the log with: ml-intern logs", otherwise)))
    raise JobFailed(f"{what} did not succeed: {why}. Last line: {last}", hint)


def _finite(text: str) -> Any:
    """JSON without NaN and infinity, which Python's reader would otherwise let pass."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not a finite number")

    return json.loads(text, parse_constant=refuse)


def _draw(summary: dict[str, Any], curve: list[dict[str, Any]], folder: Path) -> tuple[Path, Path]:
    best = Metric(summary["selection_metric"]).words
    title = f"Training: the best {best} on validation was {summary['best_value']:.3f}"
    return curves_figure(folder / "evaluation", curve, summary["best_step"], title)


def _read(result: JobResult, script: TrainingScript, bench: Workbench, backend: str) -> TrainingRun:
    outputs, folder = Path(result.outputs), bench.run.folder
    try:
        summary: dict[str, Any] = _finite((outputs / "result.json").read_text())
        curve = [_finite(line) for line in (outputs / "metrics.jsonl").read_text().splitlines()]
        return TrainingRun(
            intent_id=outputs.name,
            backend=backend,
            script_sha256=script.script_sha256,
            config_sha256=script.config_sha256,
            curve=tuple(curve),
            best_step=summary["best_step"],
            selection_metric=summary["selection_metric"],
            best_value=summary["best_value"],
            folder=(outputs / "model").relative_to(folder).as_posix(),
            model=tree_refs(outputs / "model", folder),
            validation_predictions=file_ref(outputs / "predictions-validation.parquet", folder),
            figures=tuple(file_ref(path, folder) for path in _draw(summary, curve, folder)),
            alerts=tuple(alerts_in(curve)),
            seconds=result.status.seconds,
            peak_memory_bytes=result.status.peak_memory_bytes,
            versions=summary["versions"],
        )
    except (OSError, ValueError, KeyError) as error:
        raise JobFailed(f"The training left outputs that break the training contract: {error}") from error
