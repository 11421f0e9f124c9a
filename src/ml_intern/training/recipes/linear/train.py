# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "polars", "safetensors", "scikit-learn"]
# ///
"""Train a TF-IDF + linear text classifier.

    python train.py config.json

Reads data/train.parquet and data/validation.parquet; writes outputs/. Each value of `C` is one step: fit,
score on validation, write a checkpoint. Started again, it goes on after the last finished step.
"""

# ruff: noqa: E402  (the clock starts before the imports, because they are part of what a job takes)
import time

STARTED = time.monotonic()

import hashlib
import json
import platform
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import safetensors
import sklearn
from augment import augmented, check_augmentation  # type: ignore[import-not-found]  # the file beside this one
from kept import check_left_out, kept  # type: ignore[import-not-found]  # the file beside this one
from predict import (  # type: ignore[import-not-found]  # the file beside this one
    TfidfLinearClassifier,
    make_vectorizers,
    softmax,
    write_predictions,
)
from safetensors.numpy import load_file, save_file
from scipy.sparse import csr_matrix
from sklearn.metrics import accuracy_score, f1_score
from sklearn.svm import LinearSVC

OUTPUTS = Path("outputs")
TEMPERATURES = np.geomspace(0.05, 5.0, 60)
METRICS = ("accuracy", "macro_f1", "weighted_f1")
SETTINGS = (
    "text_column",
    "label_column",
    "id_column",
    "seed",
    "selection_metric",
    "C",
    "word_ngrams",
    "char_ngrams",
    "min_df",
    "max_features",
    "class_weight",
    "typo_augmentation",
    "wording_augmentation",
    "left_out_rows",
)
VERSIONS = {"numpy": np, "polars": pl, "safetensors": safetensors, "scikit-learn": sklearn}


def check_settings(config: dict[str, Any]) -> None:
    """Stop where the config lacks a setting or asks for what there is not."""
    if lacking := [name for name in SETTINGS if name not in config]:
        sys.exit(f"config.json lacks: {', '.join(lacking)}")
    if config["selection_metric"] not in METRICS:
        sys.exit(f"selection_metric must be one of {', '.join(METRICS)}")
    if not config["C"]:
        sys.exit("C must hold at least one number")
    check_augmentation(config)
    check_left_out(config)


def read_split(name: str, config: dict[str, Any]) -> pl.DataFrame:
    """One part of the data, checked to have the columns that the config names and no gaps in them."""
    path = Path("data") / f"{name}.parquet"
    rows = pl.read_parquet(path)
    for column in (config["id_column"], config["text_column"], config["label_column"]):
        if column not in rows.columns:
            sys.exit(f"column {column!r} is not in {path}; it has: {', '.join(rows.columns)}")
        if rows[column].null_count():
            sys.exit(f"column {column!r} of {path} has {rows[column].null_count()} missing values")
    return kept(rows, config) if name == "train" else rows


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that fits the true classes best (Guo et al. 2017, arXiv 1706.04599), from a fixed grid.

    Each target keeps 1/(n+2) for the other classes, as in Platt (1999): without that, a validation split
    without a mistake would ask for certainty about everything.
    """
    rows, classes = scores.shape
    targets = np.full((rows, classes), 1 / (rows + 2) / (classes - 1))
    targets[np.arange(rows), truth] = 1 - 1 / (rows + 2)
    return float(min(TEMPERATURES, key=lambda t: -(targets * np.log(softmax(scores / t) + 1e-300)).sum()))


def log_loss(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean negative log probability of the true class."""
    return float(-np.log(np.clip(probabilities[np.arange(len(truth)), truth], 1e-12, 1)).mean())


def fit(
    features: csr_matrix, truth: np.ndarray, labels: list[str], C: float, config: dict[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """One-vs-rest linear support vectors: float32 weights (labels, terms) and bias (labels,)."""
    model = LinearSVC(C=C, class_weight=config["class_weight"], random_state=config["seed"])
    model.fit(features, truth)
    if len(labels) == 2:  # one score only, for the second label: give the first its negative
        weights = np.vstack([-model.coef_[0], model.coef_[0]]) / 2
        return weights.astype(np.float32), (np.array([-0.5, 0.5]) * model.intercept_).astype(np.float32)
    # scikit-learn keeps the weights column by column, and safetensors would write them so without a word.
    return np.ascontiguousarray(model.coef_, dtype=np.float32), model.intercept_.astype(np.float32)


def atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a temporary file, so that a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    write(temporary)
    temporary.replace(path)


def load_finished(key: str, metrics: Path) -> list[dict[str, Any]]:
    """The steps that an earlier start of the same config and data has finished."""
    marker = OUTPUTS / "checkpoints" / "key.txt"
    if marker.exists() and marker.read_text() == key and metrics.exists():
        return [json.loads(line) for line in metrics.read_text().splitlines()]
    metrics.unlink(missing_ok=True)
    atomically(marker, lambda path: path.write_text(key))
    return []


def peak_memory_bytes() -> int:
    """The most memory this process has had at once; 0 where the system keeps no such count."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(config: dict[str, Any]) -> None:
    """Train, choose on validation, save."""
    check_settings(config)
    parts = {name: read_split(name, config) for name in ("train", "validation")}
    train, validation = parts["train"], parts["validation"]
    labels = sorted(train[config["label_column"]].unique().to_list())
    if len(labels) < 2:
        sys.exit(f"data/train.parquet has {len(labels)} label; a classifier needs at least two")
    index = {label: i for i, label in enumerate(labels)}
    unknown = sorted(set(validation[config["label_column"]]) - set(labels))
    if unknown:
        sys.exit(f"data/validation.parquet has labels that train lacks: {', '.join(unknown)}")
    truth = np.array([index[label] for label in train[config["label_column"]]])
    validation_truth = np.array([index[label] for label in validation[config["label_column"]]])

    vectorizers = make_vectorizers(config)
    texts, truth = augmented(train[config["text_column"]].to_list(), truth, config)
    try:
        for vectorizer in vectorizers:
            vectorizer.fit(texts)
    except ValueError as error:  # scikit-learn's word for texts without any term
        sys.exit(f"no terms to learn from in column {config['text_column']!r}: {error}")
    startup = time.monotonic() - STARTED
    columns = {
        k: config[k]
        for k in ("id_column", "text_column", "word_ngrams", "char_ngrams", "min_df", "max_features")
    }
    settings = columns | {"architecture": "TfidfLinearClassifier", "format": 1, "labels": labels}
    model = TfidfLinearClassifier(settings, vectorizers, np.empty(0), np.empty(0), 1.0)
    features = model.features(texts)
    validation_features = model.features(validation[config["text_column"]].to_list())

    key = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name in parts:
        key.update((Path("data") / f"{name}.parquet").read_bytes())
    metrics = OUTPUTS / "metrics.jsonl"
    history = load_finished(key.hexdigest(), metrics)
    for row in history:
        print(json.dumps(row), flush=True)
    for step, C in enumerate(config["C"][len(history) :], start=len(history) + 1):
        begin = time.monotonic()
        weights, bias = fit(features, truth, labels, C, config)
        scores = validation_features @ weights.T + bias
        temperature = fit_temperature(scores, validation_truth)
        answers = scores.argmax(axis=1)
        row = {
            "step": step,
            "steps": len(config["C"]),
            "C": C,
            "loss": log_loss(softmax(scores / temperature), validation_truth),
            "accuracy": accuracy_score(validation_truth, answers),
            "macro_f1": f1_score(validation_truth, answers, average="macro", zero_division=0),
            "weighted_f1": f1_score(validation_truth, answers, average="weighted", zero_division=0),
            "seconds": round(time.monotonic() - begin, 3),
        }
        tensors = {"weights": weights, "bias": bias, "temperature": np.array([temperature])}
        atomically(OUTPUTS / "checkpoints" / f"step-{step}.safetensors", partial(save_file, tensors))
        history.append(row)
        atomically(metrics, lambda path: path.write_text("".join(json.dumps(r) + "\n" for r in history)))
        print(json.dumps(row), flush=True)

    # The first of equals wins: the smaller C, which is the simpler model.
    best = max(history, key=lambda row: (row[config["selection_metric"]], -row["step"]))
    kept = load_file(OUTPUTS / "checkpoints" / f"step-{best['step']}.safetensors")
    model.weights, model.bias, model.temperature = (
        kept["weights"],
        kept["bias"],
        float(kept["temperature"][0]),
    )
    # An earlier start may have been killed while it saved.
    shutil.rmtree(OUTPUTS / "model", ignore_errors=True)
    model.save(OUTPUTS / "model")
    scores = validation_features @ model.weights.T + model.bias
    ids = validation[config["id_column"]].to_list()
    write_predictions(
        OUTPUTS / "predictions-validation.parquet", ids, labels, softmax(scores / model.temperature)
    )
    result = {
        "best_step": best["step"],
        "best_value": best[config["selection_metric"]],
        "selection_metric": config["selection_metric"],
        "steps": len(history),
        "rows": train.height,
        "startup_seconds": round(startup, 3),
        "seconds": round(time.monotonic() - STARTED, 3),
        "peak_memory_bytes": peak_memory_bytes(),
        "versions": {"python": platform.python_version()}
        | {name: module.__version__ for name, module in VERSIONS.items()},
    }
    atomically(OUTPUTS / "result.json", lambda path: path.write_text(json.dumps(result, indent=2) + "\n"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: train.py config.json")
    main(json.loads(Path(sys.argv[1]).read_text()))
