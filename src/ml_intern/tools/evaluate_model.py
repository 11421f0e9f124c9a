"""Tool: score the trained model on the sealed test split."""

import time
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ml_intern.evaluation.baselines import majority_predictions
from ml_intern.evaluation.compare import compare, worth
from ml_intern.evaluation.evaluate import Scored, evaluate
from ml_intern.evaluation.figures import confusion_figure
from ml_intern.evaluation.intervals import SAMPLES
from ml_intern.evaluation.investigate import investigate, leak, verdict
from ml_intern.evaluation.predictions import Predictions, read_predictions
from ml_intern.evaluation.truth import Truth
from ml_intern.records.data import DataReport, Finding, Split
from ml_intern.records.evaluation import Comparison, Evaluation
from ml_intern.records.jobs import Limits
from ml_intern.records.runs import EventName
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import Baselines, FittedBaseline, TrainingRun, TrainingScript
from ml_intern.tools.confidence import confidence
from ml_intern.tools.predict_parts import predict_parts
from ml_intern.tools.train_model import model_inputs, require_success
from ml_intern.training.recipes import recipe_files
from ml_intern.training.script import file_ref, script_inputs
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Done, Workbench, tool

LIMITS = Limits(seconds=1800)


@tool("evaluate")
def evaluate_model(bench: Workbench) -> Done:
    """Predict the sealed test inputs in the sandbox and score the answers here, baselines beside them."""
    began = time.monotonic()
    run = bench.run
    spec, report, split = run.need(TaskSpec), run.need(DataReport), run.need(Split)
    sealed = pl.read_parquet(run.folder / split.sealed_test.path)
    ids = sealed["test_case_id"].to_list()
    clean = (~sealed["row_id"].is_in(split.seen_test_rows)).to_list()
    truth = Truth.of(sealed[report.label.name].to_list(), split.labels, clean)

    parts = predict_parts(bench, ids)
    model = parts.test
    train_labels = pl.read_parquet(run.folder / split.train.path)[report.label.name].to_list()
    baselines = {"majority": majority_predictions(train_labels, ids, split.labels)}
    for each in run.need(Baselines).models:
        if is_the_model(each, run):
            baselines[each.name] = model
            continue
        purpose = "evaluate-baseline" if each.name == "linear" else f"evaluate-{each.name}"
        files = model_inputs(each, run.folder)
        baselines[each.name] = _predict(bench, purpose, recipe_files(each.name), files, split, ids)

    scored = evaluate(truth, model, baselines, spec.seed)
    title = f"Confusion matrix: {len(ids)} sealed test rows"
    figures = confusion_figure(run.folder / "evaluation", truth.labels, scored.confusion, title)
    comparisons = compare(truth, model, baselines, spec.selection_metric, spec.seed)
    findings = _findings(scored, report, split, comparisons, spec.method)
    trust = confidence(run, parts, truth, sealed)
    evaluation = Evaluation(
        rows=len(ids),
        scores=scored.scores,
        clean_rows=scored.clean_rows,
        clean=scored.clean,
        baselines=scored.baselines,
        labels=truth.labels,
        per_class=scored.per_class,
        confusion=tuple(tuple(map(int, row)) for row in scored.confusion),
        predictions=parts.file,
        figures=tuple(file_ref(path, run.folder) for path in (*figures, *trust.figures)),
        findings=findings,
        comparisons=comparisons,
        worth=worth(spec.method, comparisons, _training_seconds(run)),
        verdict=verdict(scored.scores, spec.selection_metric, findings),
        bootstrap_samples=SAMPLES,
        seed=spec.seed,
        seconds=round(time.monotonic() - began, 3),
        calibration=trust.calibration,
        clean_calibration=trust.clean_calibration,
        doubts=trust.doubts,
        confused=trust.confused,
        slices=trust.slices,
        abstention=trust.abstention,
    )
    news = [(EventName.FINDING, f.model_dump(mode="json", exclude={"examples", "rows"})) for f in findings]
    return Done(evaluation.verdict, [evaluation], news)


def is_the_model(baseline: FittedBaseline, run: Run) -> bool:
    """Whether a baseline is the trained model, byte for byte, and answers by the same script."""
    trained, answering = run.need(TrainingRun), recipe_files(baseline.name)["predict.py"]
    if (
        script_inputs(run.need(TrainingScript), run.folder)["predict.py"].read_bytes()
        != answering.read_bytes()
    ):
        return False
    found = [
        {(Path(file.path).relative_to(made.folder), file.sha256) for file in made.model}
        for made in (baseline, trained)
    ]
    return found[0] == found[1]


def _predict(
    bench: Workbench,
    purpose: str,
    scripts: dict[str, Path],
    model: dict[str, Path],
    split: Split,
    ids: list[str],
) -> Predictions:
    """Run a baseline's predict.py on the test inputs, which have no labels, and read what it wrote."""
    folder = bench.run.folder
    inputs = {
        "predict.py": scripts["predict.py"],
        "data/test-inputs.parquet": folder / split.test_inputs.path,
    }
    inputs |= {f"model/{name}": path for name, path in model.items()}
    command = ["python", "predict.py", "model", "data/test-inputs.parquet", "outputs/predictions.parquet"]
    result = bench.jobs(purpose, command, inputs, LIMITS)
    require_success(result, "Predicting the test split")
    return read_predictions(Path(result.outputs) / "predictions.parquet", ids, split.labels)


def _training_seconds(run: Run) -> dict[str, float]:
    times = {each.name: each.seconds for each in run.need(Baselines).models}
    return times | {"model": run.need(TrainingRun).seconds}


def _findings(
    scored: Scored, report: DataReport, split: Split, comparisons: Sequence[Comparison], method: str
) -> tuple[Finding, ...]:
    return investigate(
        scored.scores,
        scored.clean,
        scored.clean_rows,
        scored.baselines,
        scored.gain_over_majority,
        leak(report.findings),
        next((c for c in comparisons if c.baseline == "linear" and method != "linear"), None),
        len(split.nearly_repeated_test_rows),
    )
