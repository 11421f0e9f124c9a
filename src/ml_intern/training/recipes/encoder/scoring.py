"""How a text classifier is measured and calibrated on validation. Used by train.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from sklearn.metrics import accuracy_score, f1_score

METRICS = ("accuracy", "macro_f1", "weighted_f1")
PREDICT_BATCH = 64  # the same in predict.py, so that both compute the same sums
TEMPERATURES = np.geomspace(0.05, 5.0, 60)


def pad(tokenizer: Any, tokens: list[list[int]], chosen: list[int], device: Any) -> dict[str, torch.Tensor]:
    """A batch of the chosen rows, padded to its own longest: (rows, tokens) each."""
    batch = tokenizer.pad({"input_ids": [tokens[i] for i in chosen]}, padding=True, return_tensors="pt")
    return {name: tensor.to(device) for name, tensor in batch.items()}


@torch.no_grad()
def all_scores(model: Any, tokenizer: Any, tokens: list[list[int]]) -> np.ndarray:
    """The model's scores, (rows, labels), in full precision: those that the saved model will give."""
    model.eval()
    order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
    found = np.empty((len(tokens), model.config.num_labels))
    for start in range(0, len(order), PREDICT_BATCH):
        chosen = order[start : start + PREDICT_BATCH]
        found[chosen] = model(**pad(tokenizer, tokens, chosen, model.device)).logits.float().cpu().numpy()
    return found


def softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise softmax, shifted so that it cannot overflow."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def measure(scores: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Validation metrics. A class that validation lacks counts only where it was answered."""
    answers = scores.argmax(axis=1)
    likelihood = softmax(scores)[np.arange(len(truth)), truth]
    return {
        "validation_loss": float(-np.log(np.clip(likelihood, 1e-12, 1)).mean()),
        "accuracy": float(accuracy_score(truth, answers)),
        "macro_f1": float(f1_score(truth, answers, average="macro", zero_division=0)),
        "weighted_f1": float(f1_score(truth, answers, average="weighted", zero_division=0)),
    }


def fit_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that fits the true classes best (Guo et al. 2017, arXiv 1706.04599), from a fixed grid.

    Each target keeps 1/(n+2) for the other classes, as in Platt (1999): without that, a validation split
    without a mistake would ask for certainty about everything.
    """
    rows, classes = scores.shape
    targets = np.full((rows, classes), 1 / (rows + 2) / (classes - 1))
    targets[np.arange(rows), truth] = 1 - 1 / (rows + 2)
    return float(min(TEMPERATURES, key=lambda t: -(targets * np.log(softmax(scores / t) + 1e-300)).sum()))


def atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write through a temporary file, so that a kill leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    write(temporary)
    temporary.replace(path)


def write_predictions(path: Path, ids: list[str], labels: list[str], probabilities: np.ndarray) -> None:
    """Write one row per text: id, likeliest label, all probabilities."""
    rows = pl.DataFrame(
        {
            "row_id": ids,
            "label": [labels[i] for i in probabilities.argmax(axis=1)],
            "probabilities": pl.Series(probabilities.tolist(), dtype=pl.List(pl.Float64)),
        }
    )
    atomically(path, rows.write_parquet)
