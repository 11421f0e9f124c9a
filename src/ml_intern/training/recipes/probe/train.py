# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "polars", "safetensors", "scikit-learn", "torch", "transformers"]
# ///
"""Train a linear head on the embeddings of a frozen encoder.

    python train.py config.json

Reads data/train.parquet, data/validation.parquet and the base model; writes outputs/. The texts are
embedded once. Each value of `C` is then one step: fit, score on validation, write a checkpoint. Started
again, it embeds nothing twice and goes on after the last finished step.
"""

# ruff: noqa: E402  (the clock starts before the imports, because they are part of what a job takes)
import time

STARTED = time.monotonic()

import hashlib
import json
import math
import os
import platform
import shutil
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
import transformers
from augment import augmented, check_augmentation  # type: ignore[import-not-found]  # the file beside this one
from kept import check_left_out, kept  # type: ignore[import-not-found]  # the file beside this one
from safetensors.numpy import load_file, save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from transformers import AutoModel, AutoTokenizer

OUTPUTS = Path("outputs")
CHECKPOINTS = OUTPUTS / "checkpoints"
TEMPERATURES = np.geomspace(0.05, 5.0, 60)
METRICS = ("accuracy", "macro_f1", "weighted_f1")
SETTINGS = """
    text_column label_column id_column seed selection_metric base_model base_revision max_length batch_size
    C class_weight typo_augmentation wording_augmentation left_out_rows
""".split()
PACKAGES = ("numpy", "polars", "safetensors", "scikit-learn", "torch", "transformers")


def check_settings(config: dict[str, Any]) -> None:
    """Stop where the config lacks a setting or asks for what there is not."""
    if lacking := [name for name in SETTINGS if name not in config]:
        sys.exit(f"config.json lacks: {', '.join(lacking)}")
    if config["selection_metric"] not in METRICS:
        sys.exit(f"selection_metric must be one of {', '.join(METRICS)}")
    if not config["C"]:
        sys.exit("C must hold at least one number")
    for name in ("max_length", "batch_size"):
        if not isinstance(config[name], int) or config[name] < 1:
            sys.exit(f"{name} must be a whole number above 0, not {config[name]!r}")
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


def read_labels(train: pl.Series, validation: pl.Series) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The labels in sorted order, and for each row the place of its label among them."""
    labels = sorted(train.unique().to_list())
    if len(labels) < 2:
        sys.exit(f"data/train.parquet has {len(labels)} label; a classifier needs at least two")
    if unknown := sorted(set(validation) - set(labels)):
        sys.exit(f"data/validation.parquet has labels that train lacks: {', '.join(unknown)}")
    index = {label: i for i, label in enumerate(labels)}
    return labels, np.array([index[a] for a in train]), np.array([index[a] for a in validation])


def load_base(config: dict[str, Any]) -> tuple[Any, Any]:
    """The base model's tokenizer and encoder. No code of the model is run."""
    base = config["base_model"]
    source = {
        "revision": config["base_revision"],
        "local_files_only": Path(base).is_dir(),
        "trust_remote_code": False,
    }
    try:
        tokenizer = AutoTokenizer.from_pretrained(base, **source)
        encoder = AutoModel.from_pretrained(base, **source, use_safetensors=True, dtype=torch.float32)
    except (OSError, ValueError) as error:
        sys.exit(f"the base model {base!r} cannot be loaded: {' '.join(str(error).split())}")
    positions = getattr(encoder.config, "max_position_embeddings", math.inf)
    longest = min(positions, tokenizer.model_max_length)
    if config["max_length"] > longest:
        sys.exit(f"max_length is {config['max_length']}, but {base!r} takes at most {longest} tokens")
    tokenizer.model_max_length = config["max_length"]  # saved with the model, so that its users cut alike
    return tokenizer, encoder.eval()


@torch.no_grad()
def embed(encoder: Any, tokenizer: Any, texts: list[str], config: dict[str, Any]) -> np.ndarray:
    """The mean over the tokens of each text, scaled to length 1: (rows, hidden), float32."""
    found = np.empty((len(texts), encoder.config.hidden_size), dtype=np.float32)
    tokens = tokenizer(texts, truncation=True, max_length=config["max_length"])["input_ids"]
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))  # like lengths together: less padding
    for start in range(0, len(order), config["batch_size"]):
        chosen = order[start : start + config["batch_size"]]
        batch = tokenizer.pad({"input_ids": [tokens[i] for i in chosen]}, return_tensors="pt")
        batch = batch.to(encoder.device)
        hidden = encoder(**batch).last_hidden_state
        mask = batch["attention_mask"].unsqueeze(-1)
        means = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        found[chosen] = torch.nn.functional.normalize(means, dim=1).cpu().numpy()
    return found


def softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise softmax, shifted so that it cannot overflow."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that fits the true classes best (Guo et al. 2017, arXiv 1706.04599), from a fixed grid.

    Each target keeps 1/(n+2) for the other classes, as in Platt (1999): without that, a validation split
    without a mistake would ask for certainty about everything.
    """
    rows, classes = scores.shape
    targets = np.full((rows, classes), 1 / (rows + 2) / (classes - 1))
    targets[np.arange(rows), truth] = 1 - 1 / (rows + 2)
    return float(min(TEMPERATURES, key=lambda t: -(targets * np.log(softmax(scores / t) + 1e-300)).sum()))


def fit(
    features: np.ndarray, truth: np.ndarray, labels: list[str], C: float, config: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Multinomial logistic regression: weights (labels, hidden) and bias (labels,)."""
    model = LogisticRegression(C=C, class_weight=config["class_weight"], max_iter=1000)
    model.fit(features, truth)
    if len(labels) == 2:  # one score only, for the second label: give the first its negative
        half = model.coef_[0] / 2
        return {"weights": np.stack([-half, half]), "bias": np.array([-0.5, 0.5]) * model.intercept_}
    return {"weights": np.ascontiguousarray(model.coef_), "bias": model.intercept_.copy()}


def score(features: np.ndarray, head: dict[str, np.ndarray]) -> np.ndarray:
    """A score per label, (rows, labels)."""
    return np.asarray(features @ head["weights"].T + head["bias"])


def atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a temporary file, so that a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    write(temporary)
    temporary.replace(path)


def load_finished(key: str, metrics: Path) -> list[dict[str, Any]]:
    """The steps that an earlier start of the same config and data has finished, if any."""
    marker = CHECKPOINTS / "key.txt"
    if not marker.exists() or marker.read_text() != key:
        shutil.rmtree(CHECKPOINTS, ignore_errors=True)
        metrics.unlink(missing_ok=True)
        atomically(marker, lambda path: path.write_text(key))
    return [json.loads(line) for line in metrics.read_text().splitlines()] if metrics.exists() else []


def peak_memory_bytes() -> int:
    """The most memory this process has had at once; 0 where the system keeps no such count."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(config: dict[str, Any]) -> None:
    """Embed, train, choose on validation, save."""
    check_settings(config)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    torch.manual_seed(config["seed"])
    parts = {name: read_split(name, config) for name in ("train", "validation")}
    labels, truth, validation_truth = read_labels(*(part[config["label_column"]] for part in parts.values()))
    texts = {name: part[config["text_column"]].to_list() for name, part in parts.items()}
    texts["train"], truth = augmented(texts["train"], truth, config)
    tokenizer, encoder = load_base(config)
    encoder.to("cuda" if torch.cuda.is_available() else "cpu")
    key = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name in parts:
        key.update((Path("data") / f"{name}.parquet").read_bytes())
    metrics = OUTPUTS / "metrics.jsonl"
    history = load_finished(key.hexdigest(), metrics)
    startup = time.monotonic() - STARTED

    begin = time.monotonic()
    features, rows_embedded = {}, 0
    for name, some in texts.items():
        cache = CHECKPOINTS / f"embeddings-{name}.safetensors"
        if not cache.exists():
            found = {"embeddings": embed(encoder, tokenizer, some, config)}
            atomically(cache, partial(save_file, found))
            rows_embedded += len(some)
        features[name] = load_file(cache)["embeddings"].astype(np.float64)
    embed_seconds = time.monotonic() - begin

    for row in history:
        print(json.dumps(row), flush=True)
    for step, C in enumerate(config["C"][len(history) :], start=len(history) + 1):
        begin = time.monotonic()
        head = fit(features["train"], truth, labels, C, config)
        scores = score(features["validation"], head)
        temperature = fit_temperature(scores, validation_truth)
        likelihood = softmax(scores / temperature)[np.arange(len(scores)), validation_truth]
        answers = scores.argmax(axis=1)
        row = {
            "step": step,
            "steps": len(config["C"]),
            "C": C,
            "loss": float(-np.log(np.clip(likelihood, 1e-12, 1)).mean()),
            "accuracy": accuracy_score(validation_truth, answers),
            "macro_f1": f1_score(validation_truth, answers, average="macro", zero_division=0),
            "weighted_f1": f1_score(validation_truth, answers, average="weighted", zero_division=0),
            "seconds": round(time.monotonic() - begin, 3),
        }
        head["temperature"] = np.array([temperature])
        atomically(CHECKPOINTS / f"step-{step}.safetensors", partial(save_file, head))
        history.append(row)
        atomically(metrics, lambda path: path.write_text("".join(json.dumps(r) + "\n" for r in history)))
        print(json.dumps(row), flush=True)

    # The first of equals wins: the smaller C, which is the simpler model.
    best = max(history, key=lambda row: (row[config["selection_metric"]], -row["step"]))
    head = load_file(CHECKPOINTS / f"step-{best['step']}.safetensors")
    model = OUTPUTS / "model"
    # An earlier start may have been killed while it saved.
    shutil.rmtree(model, ignore_errors=True)
    encoder.save_pretrained(model / "encoder")  # a copy, so that the folder needs nothing else
    tokenizer.save_pretrained(model / "encoder")
    own = ("text_column", "id_column", "max_length", "batch_size", "base_model", "base_revision")
    settings = {name: config[name] for name in own}
    settings |= {"architecture": "ProbeClassifier", "format": 1, "labels": labels}
    text = json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    atomically(model / "config.json", lambda path: path.write_text(text, encoding="utf-8"))
    atomically(model / "model.safetensors", partial(save_file, head))
    probabilities = softmax(score(features["validation"], head) / head["temperature"][0])
    predictions = pl.DataFrame(
        {
            "row_id": parts["validation"][config["id_column"]].to_list(),
            "label": [labels[i] for i in probabilities.argmax(axis=1)],
            "probabilities": pl.Series(probabilities.tolist(), dtype=pl.List(pl.Float64)),
        }
    )
    atomically(OUTPUTS / "predictions-validation.parquet", predictions.write_parquet)
    result = {
        "best_step": best["step"],
        "best_value": best[config["selection_metric"]],
        "selection_metric": config["selection_metric"],
        "steps": len(history),
        "rows": len(truth),
        "rows_embedded": rows_embedded,  # by this start; the others were found as embeddings
        "rows_per_second": round(rows_embedded / embed_seconds, 2),
        "startup_seconds": round(startup, 3),
        "seconds": round(time.monotonic() - STARTED, 3),
        "peak_memory_bytes": peak_memory_bytes(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    }
    atomically(OUTPUTS / "result.json", lambda path: path.write_text(json.dumps(result, indent=2) + "\n"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: train.py config.json")
    main(json.loads(Path(sys.argv[1]).read_text()))
