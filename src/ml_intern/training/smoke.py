"""The smoke test: the real script, through its real entry point, on a small sample, in the sandbox."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from ml_intern.ports.jobs import JobRunner
from ml_intern.records.data import Split
from ml_intern.records.errors import JobFailed
from ml_intern.records.jobs import JobResult, JobState, Limits
from ml_intern.records.training import Check, SmokeReport, TrainingScript
from ml_intern.training.sample import write_sample
from ml_intern.training.script import script_inputs

DRIVER = Path(__file__).with_name("smoke_driver.py")
LIMITS = Limits(seconds=300)
ROUND_TRIP_TOLERANCE = 1e-4
STEP_MESSAGES = {
    "train": "the script trains on the sample and exits 0",
    "restart": "started again in the same folder, it takes up its checkpoint and exits 0",
    "reload": "a fresh process loads the saved model and predicts",
}

PredictionReader = Callable[[Path, list[str], list[str]], Any]
"""Reads a prediction file for the given row ids and labels, raising JobFailed where it is unsound."""


def smoke_test(
    jobs: JobRunner, script: TrainingScript, split: Split, run_folder: Path, read: PredictionReader
) -> SmokeReport:
    """Run `script` on a sample of the split and check what it leaves."""
    sample = run_folder / "smoke"
    label = script.config["label_column"]
    rows = write_sample(run_folder / "data", sample, label, split.seed)
    inputs = script_inputs(script, run_folder) | {
        "smoke_driver.py": DRIVER,
        "data/train.parquet": sample / "train.parquet",
        "data/validation.parquet": sample / "validation.parquet",
    }
    result = jobs("smoke", ["python", "smoke_driver.py"], inputs, LIMITS)
    outputs = Path(result.outputs)
    steps = _driver_steps(result)
    checks = [
        *_step_checks(steps, result),
        *(_left_behind(outputs, sample, script, read) if _ran(result) else []),
    ]
    measured = _json(outputs / "result.json")
    return SmokeReport(
        script_sha256=script.script_sha256,
        config_sha256=script.config_sha256,
        dataset_fingerprint=split.fingerprint,
        checks=tuple(checks),
        sample_rows=rows,
        train_seconds=float(steps.get("train", {}).get("seconds", 0.0)),
        startup_seconds=float(measured.get("startup_seconds", 0.0)),
        peak_memory_bytes=result.status.peak_memory_bytes,
        log_tail=result.log_tail,
    )


def _ran(result: JobResult) -> bool:
    return result.status.state is JobState.SUCCEEDED


def _driver_steps(result: JobResult) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in result.log_tail if line.startswith('{"smoke"')]
    return {line["smoke"]: line for line in lines}


def _step_checks(steps: dict[str, dict[str, Any]], result: JobResult) -> list[Check]:
    why = result.status.reason or next(reversed(result.log_tail), "no output")
    checks = []
    for name, message in STEP_MESSAGES.items():
        ok = steps.get(name, {}).get("exit_code") == 0
        checks.append(Check(id=name, ok=ok, message=message if ok else f"{name} did not succeed: {why}"))
        if not ok:
            break
    return checks


def _left_behind(outputs: Path, sample: Path, script: TrainingScript, read: PredictionReader) -> list[Check]:
    validation = pl.read_parquet(sample / "validation.parquet")
    labels = sorted(pl.read_parquet(sample / "train.parquet")[script.config["label_column"]].unique())
    ids = validation[script.config["id_column"]].to_list()
    return [
        _check("metrics", "every step wrote finite metrics", lambda: _metrics_are_sound(outputs)),
        _check(
            "predictions",
            "predictions cover every row with probabilities over the known labels",
            lambda: read(outputs / "predictions-validation.parquet", ids, labels),
        ),
        _check(
            "honest_metrics",
            "the accuracy that the script wrote is that of the predictions it saved",
            lambda: _metrics_are_true(outputs, validation, script.config),
        ),
        _check(
            "round_trip",
            "the reloaded model predicts what the trained one did",
            lambda: _same_predictions(outputs),
        ),
        _check("format", "the model is stored without pickle", lambda: _no_pickle(outputs / "model")),
    ]


def _check(name: str, message: str, test: Callable[[], object]) -> Check:
    try:
        test()
    except (JobFailed, OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        return Check(id=name, ok=False, message=f"{message}: no, {error}")
    return Check(id=name, ok=True, message=message)


def _metrics_are_sound(outputs: Path) -> None:
    rows = [json.loads(line) for line in (outputs / "metrics.jsonl").read_text().splitlines()]
    if not rows:
        raise ValueError("metrics.jsonl is empty")
    for row in rows:
        numbers = [value for value in row.values() if isinstance(value, float)]
        if any(value != value or value in (float("inf"), float("-inf")) for value in numbers):
            raise ValueError(f"step {row.get('step')} has a value that is not finite")


def _metrics_are_true(outputs: Path, validation: pl.DataFrame, config: dict[str, Any]) -> None:
    rows = {row["step"]: row for row in map(json.loads, (outputs / "metrics.jsonl").read_text().splitlines())}
    claimed = rows[_json(outputs / "result.json")["best_step"]]["accuracy"]
    saved = pl.read_parquet(outputs / "predictions-validation.parquet").rename({"label": "answer"})
    joined = validation.join(saved, left_on=config["id_column"], right_on="row_id")
    right = sum(joined["answer"] == joined[config["label_column"]])
    if abs(right / joined.height - claimed) > ROUND_TRIP_TOLERANCE:
        raise ValueError(f"it claims {claimed:.4f}, they have {right / joined.height:.4f}")


def _same_predictions(outputs: Path) -> None:
    before = pl.read_parquet(outputs / "predictions-validation.parquet").sort("row_id")
    after = pl.read_parquet(outputs / "reloaded.parquet").sort("row_id")
    if before["row_id"].to_list() != after["row_id"].to_list():
        raise ValueError("the row ids differ")
    pairs = zip(before["probabilities"].explode(), after["probabilities"].explode(), strict=True)
    difference = max(abs(one - other) for one, other in pairs)
    if before["label"].to_list() != after["label"].to_list() or difference > ROUND_TRIP_TOLERANCE:
        raise ValueError(f"probabilities differ by up to {difference:.2g}")


def _no_pickle(model: Path) -> None:
    allowed = {".safetensors", ".json", ".txt", ".model"}
    odd = [path.name for path in model.rglob("*") if path.is_file() and path.suffix not in allowed]
    if odd or not any(model.rglob("*.safetensors")):
        raise ValueError(f"unexpected files {odd} or no safetensors file")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
