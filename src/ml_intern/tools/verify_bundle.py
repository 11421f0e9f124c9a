"""What a downloaded bundle is held against, with the sealed test rows of the run that made it."""

from pathlib import Path

import polars as pl

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.evaluation.scores import score
from ml_intern.evaluation.truth import Truth
from ml_intern.hub.classifier import open_classifier
from ml_intern.publishing.verify import (
    example_holds,
    example_of,
    files_are_whole,
    nothing_runs_when_loaded,
    scores_hold,
)
from ml_intern.records.data import DataReport, Split
from ml_intern.records.jobs import Limits
from ml_intern.records.metrics import Metric
from ml_intern.records.publication import Check
from ml_intern.tools.mounts import mounts_of
from ml_intern.tools.train_model import require_success
from ml_intern.workflow.run import Run
from ml_intern.workflow.workbench import Workbench

LIMITS = Limits(seconds=1800)


def verify_bundle(bench: Workbench, folder: Path) -> list[Check]:
    """Check the files, run the model on the test inputs in the sandbox, and compare every score.

    The job runs the downloaded predict.py only where the manifest says that it is ours.
    """
    checks = [files_are_whole(folder), nothing_runs_when_loaded(folder)]
    if any(check.ok is False for check in checks):
        return [*checks, *scores_hold(folder, None, "the files are not what they should be.")]
    recomputed = _scores(bench, folder)
    checks += scores_hold(folder, recomputed, "")
    example = example_of(folder)
    if example is not None:
        text, said = example
        checks.append(example_holds(said, _answer(bench, folder, text)))
    return checks


def test_texts(run: Run) -> tuple[pl.DataFrame, Truth]:
    """The sealed test inputs in the order of their labels, and the labels."""
    split, report = run.need(Split), run.need(DataReport)
    sealed = pl.read_parquet(run.folder / split.sealed_test.path)
    inputs = pl.read_parquet(run.folder / split.test_inputs.path)
    ids = sealed.select(pl.col("test_case_id").alias("row_id"))
    clean = (~sealed["row_id"].is_in(split.seen_test_rows)).to_list()
    truth = Truth.of(sealed[report.label.name].to_list(), split.labels, clean)
    return ids.join(inputs, on="row_id", maintain_order="left"), truth


def _scores(bench: Workbench, folder: Path) -> dict[str, float]:
    model = open_classifier(folder, folder.name)
    rows, truth = test_texts(bench.run)
    place = bench.run.folder / "verification-inputs.parquet"
    rows.write_parquet(place)
    files = {"predict.py": model.script, "data/inputs.parquet": place}
    files |= {f"model/{name}": path for name, path in model.files.items()}
    command = ["python", "predict.py", "model", "data/inputs.parquet", "outputs/predictions.parquet"]
    result = bench.jobs("verify", command, files, LIMITS, mounts_of(bench))
    require_success(result, "Predicting with the downloaded model")
    path = Path(result.outputs) / "predictions.parquet"
    found = read_predictions(path, rows["row_id"].to_list(), bench.run.need(Split).labels)
    confusion = truth.confusion(found)
    return {metric.value: float(score(metric, confusion)) for metric in Metric}


def _answer(bench: Workbench, folder: Path, text: str) -> str:
    model = open_classifier(folder, folder.name)
    files = {**model.files, "predict.py": model.script}
    result = bench.jobs(
        "verify-example", ["python", "predict.py", ".", "--text", text], files, LIMITS, mounts_of(bench)
    )
    require_success(result, "The card's example")
    return "\n".join(result.log_tail)
