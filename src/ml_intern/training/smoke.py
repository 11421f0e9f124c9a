"""The smoke test: the script is read, then really run, on a small sample in the sandbox."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from ml_intern.ports.jobs import JobRunner
from ml_intern.records.data import Split
from ml_intern.records.errors import JobFailed
from ml_intern.records.jobs import JobResult, JobState, Limits
from ml_intern.records.training import Check, SmokeReport, TrainingScript
from ml_intern.training.sample import write_sample
from ml_intern.training.script import PACKAGES, read_scripts, script_inputs, write_config
from ml_intern.training.static.checks import static_checks

DRIVER = Path(__file__).with_name("smoke_driver.py")
LIMITS = Limits(seconds=900)
ROUND_TRIP_TOLERANCE = 1e-4
FALL = 0.9
"""The share of its first value that the loss must fall to when a handful of rows is learnt by heart.

A script that learns falls far below; one that cannot learn, such as one with shuffled labels in its batches
or a frozen head, stays near 1. Label smoothing keeps a healthy loss from 0.
"""
OVERFITTING = {"epochs": 20, "patience": 20, "batch_size": 8, "gradient_accumulation": 1, "log_every": 1}
HALF_SAVED = ".tmp"
"""Begins the name under which safetensors writes a file, until it is complete."""
STEP_MESSAGES = {
    "train": "the script trains on the sample",
    "restart": "killed and started again, it goes on from its checkpoint",
    "reload": "a fresh process loads the saved model and predicts",
    "overfit": "it learns a handful of rows by heart",
}

PredictionReader = Callable[[Path, list[str], list[str]], Any]
"""Reads a prediction file for the given row ids and labels, raising JobFailed where it is unsound."""


def smoke_test(
    jobs: JobRunner,
    script: TrainingScript,
    split: Split,
    run_folder: Path,
    mounts: Mapping[str, Path],
    read: PredictionReader,
) -> SmokeReport:
    """Read `script`; if it seems sound, run it on a sample of the split and check what it leaves."""
    inputs = script_inputs(script, run_folder)
    packages = run_folder / PACKAGES if script.packages else None  # as the job will have them
    read_first = static_checks(read_scripts(script, run_folder), packages)
    if not all(check.ok for check in read_first):
        return _not_run(script, split, read_first)
    sample = run_folder / "smoke"
    written = write_sample(run_folder / "data", sample, script.config)
    inputs |= {
        "smoke_driver.py": DRIVER,
        "data/train.parquet": sample / "train.parquet",
        "data/validation.parquet": sample / "validation.parquet",
    }
    inputs |= _overfitting(sample, script.config)
    result = jobs("smoke", ["python", "smoke_driver.py"], inputs, LIMITS, mounts)
    outputs = Path(result.outputs)
    steps = _driver_steps(result)
    checks = [
        *read_first,
        *_step_checks(steps, result, script.config),
        *(left_behind(outputs, sample, script, read) if _ran(result) else []),
    ]
    measured = _json(outputs / "result.json")
    return SmokeReport(
        script_sha256=script.script_sha256,
        config_sha256=script.config_sha256,
        dataset_fingerprint=split.fingerprint,
        checks=tuple(checks),
        sample_rows=written.rows,
        train_seconds=sum(float(steps.get(name, {}).get("seconds", 0.0)) for name in ("train", "restart")),
        startup_seconds=_number(measured, "startup_seconds"),
        peak_memory_bytes=result.status.peak_memory_bytes,
        rows_per_second=_number(measured, "rows_per_second") * written.work_ratio,
        predict_rows_per_second=_number(measured, "predict_rows_per_second") * written.validation_work_ratio,
        repairs=script.repairs,
        state=result.status.state,
        log_tail=result.log_tail,
    )


def _not_run(script: TrainingScript, split: Split, checks: list[Check]) -> SmokeReport:
    """The report on a script that was read and not run."""
    return SmokeReport(
        script_sha256=script.script_sha256,
        config_sha256=script.config_sha256,
        dataset_fingerprint=split.fingerprint,
        checks=tuple(checks),
        sample_rows=0,
        train_seconds=0.0,
        startup_seconds=0.0,
        peak_memory_bytes=0,
        repairs=script.repairs,
        state=JobState.FAILED,
        log_tail=(),
    )


def _overfitting(sample: Path, config: dict[str, Any]) -> dict[str, Path]:
    """What the job needs to overfit; nothing for a script that does not learn in epochs."""
    if "epochs" not in config:
        return {}
    changed = {name: value for name, value in OVERFITTING.items() if name in config}
    rows = sample / "overfit.parquet"
    return {
        "overfit/config.json": write_config(config | changed, sample / "overfit.json"),
        "overfit/data/train.parquet": rows,
        "overfit/data/validation.parquet": rows,
    }


def _ran(result: JobResult) -> bool:
    return result.status.state is JobState.SUCCEEDED


def _driver_steps(result: JobResult) -> dict[str, dict[str, Any]]:
    try:
        lines = (Path(result.outputs) / "smoke.jsonl").read_text().splitlines()
        return {line["step"]: line for line in map(json.loads, lines)}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _step_checks(steps: dict[str, dict[str, Any]], result: JobResult, config: dict[str, Any]) -> list[Check]:
    """One check a step, up to the first that fails."""
    last = next((line for line in reversed(result.log_tail) if line.strip()), "no output")
    checks = []
    for name, message in STEP_MESSAGES.items():
        if name == "overfit" and "epochs" not in config:
            continue
        step = steps.get(name, {})
        why = f"{result.status.reason or 'it stopped'}: {last}" if step.get("exit_code") != 0 else ""
        said, why = _judged(name, step, message, why)
        checks.append(Check(id=name, ok=not why, message=said if not why else f"{message}: no, {why}"))
        if why:
            break
    return checks


def _judged(name: str, step: dict[str, Any], message: str, why: str) -> tuple[str, str]:
    """What to say of a step, and why it failed; empty where it did not."""
    if why:
        return message, why
    if name == "restart":
        if not step["killed"]:
            return "it trains again where it stands; it was too quick to be killed in between", ""
        return message, "" if step["kept"] else "it began anew after it was killed"
    if name == "overfit":
        losses = step["losses"]
        if len(losses) < 2:
            return message, "it logged no loss"
        first, last = losses
        ok = math.isfinite(first) and math.isfinite(last) and last <= FALL * first
        return f"{message}: the loss fell from {first:.3f} to {last:.3f}", (
            "" if ok else f"the loss went from {first:.3f} to {last:.3f}"
        )
    return message, ""


def left_behind(outputs: Path, sample: Path, script: TrainingScript, read: PredictionReader) -> list[Check]:
    """The checks of what a job left below `outputs` after it ran on the data in `sample`."""
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
    if half := [name for name in odd if name.startswith(HALF_SAVED)]:
        raise ValueError(
            f"a start that was killed while it saved has left {half}: empty the folder before saving"
        )
    if odd or not any(model.rglob("*.safetensors")):
        raise ValueError(f"unexpected files {odd} or no safetensors file")


def _number(found: dict[str, Any], name: str) -> float:
    value = found.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
