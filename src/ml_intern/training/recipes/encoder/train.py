# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "polars", "safetensors", "scikit-learn", "torch", "transformers"]
# ///
"""Fine-tune a pretrained encoder as a text classifier.

    python train.py config.json

Reads data/train.parquet, data/validation.parquet and the base model; writes outputs/. One step is one
update of the weights. Validation follows each epoch; the best epoch is kept, and training stops early when
`patience` epochs bring nothing better. Started again, it goes on from its last checkpoint.
"""

# ruff: noqa: E402  (the clock starts before the imports, because they are part of what a job takes)
import time

STARTED = time.monotonic()

import hashlib
import json
import math
import os
import platform
import random
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # CUDA reads it at its start: repeatable sums

import numpy as np
import polars as pl
import torch
import transformers
from augment import augmented, check_augmentation  # type: ignore[import-not-found]  # the file beside this one
from checkpoint import Keeper  # type: ignore[import-not-found]  # the file beside this one
from encoder import load_base, save_model  # type: ignore[import-not-found]  # the file beside this one
from kept import check_left_out, kept  # type: ignore[import-not-found]  # the file beside this one
from scoring import (  # type: ignore[import-not-found]  # the file beside this one
    METRICS,
    all_scores,
    atomically,
    fit_temperature,
    measure,
    pad,
    softmax,
    write_predictions,
)
from torch.nn.functional import cross_entropy

OUTPUTS = Path("outputs")
SETTINGS = """
    text_column label_column id_column seed selection_metric base_model base_revision pooling max_length
    epochs patience batch_size gradient_accumulation learning_rate head_learning_rate schedule warmup_share
    weight_decay max_gradient_norm label_smoothing class_weight precision log_every
    checkpoint_every_minutes checkpoint_every_steps typo_augmentation wording_augmentation left_out_rows
""".split()
CHOICES = {
    "selection_metric": METRICS,
    "pooling": ("auto", "mean", "stock"),
    "schedule": ("cosine", "linear"),
    "class_weight": (None, "balanced"),
    "precision": ("auto", "fp32", "bf16"),
}
POSITIVE = ("max_length", "epochs", "patience", "batch_size", "gradient_accumulation", "log_every")
BUCKET_STEPS = 20  # rows are sorted by length within this many steps: little padding, yet a random order
PACKAGES = ("numpy", "polars", "safetensors", "scikit-learn", "torch", "transformers")


def check_settings(config: dict[str, Any]) -> None:
    """Stop where the config lacks a setting or asks for what there is not."""
    if lacking := [name for name in SETTINGS if name not in config]:
        sys.exit(f"config.json lacks: {', '.join(lacking)}")
    for name, allowed in CHOICES.items():
        if config[name] not in allowed:
            sys.exit(f"{name} must be one of {', '.join(str(a or 'null') for a in allowed)}")
    for name in POSITIVE:
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


def epoch_order(tokens: list[list[int]], rows_per_step: int, seed: int) -> list[list[int]]:
    """The rows of each step of an epoch: shuffled, of like length within a step. Depends on `seed` alone."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(tokens))
    span = rows_per_step * BUCKET_STEPS
    steps = []
    for start in range(0, len(order), span):
        bucket = sorted(order[start : start + span].tolist(), key=lambda i: len(tokens[i]))
        steps += [bucket[i : i + rows_per_step] for i in range(0, len(bucket), rows_per_step)]
    return [steps[i] for i in generator.permutation(len(steps))]


def rate(step: int, steps: int, config: dict[str, Any]) -> float:
    """The share of the learning rate at a step, from 1: linear warm-up, then down to 0 along the schedule."""
    warmup: int = max(1, round(config["warmup_share"] * steps))
    if step <= warmup:
        return step / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return 1.0 - done if config["schedule"] == "linear" else (1 + math.cos(math.pi * done)) / 2


def make_optimizer(model: Any, config: dict[str, Any]) -> torch.optim.AdamW:
    """AdamW. The new head learns faster; biases and layer norms (one axis) are left out of weight decay."""
    groups: dict[tuple[str, float], list[torch.nn.Parameter]] = {}
    for name, weight in model.named_parameters():
        speed = "learning_rate" if name.startswith(model.base_model_prefix + ".") else "head_learning_rate"
        decay = config["weight_decay"] if weight.ndim > 1 else 0.0
        groups.setdefault((speed, decay), []).append(weight)
    # Fused is the same arithmetic in one pass: on two cores, 0.02 s a step for MiniLM instead of 0.14 s.
    return torch.optim.AdamW(
        [{"params": weights, "peak": config[s], "weight_decay": d} for (s, d), weights in groups.items()],
        fused=True,
    )


def train_step(
    model: Any,
    optimizer: torch.optim.Optimizer,
    batches: list[dict[str, torch.Tensor]],
    how: dict[str, Any],
    name: str,
) -> float:
    """One update of the weights from the batches of a step, each with its `labels`; the mean loss."""
    model.train()
    rows = sum(len(batch["labels"]) for batch in batches)
    total = 0.0
    for batch in batches:
        truth = batch.pop("labels")
        with torch.autocast(model.device.type, torch.bfloat16, enabled=how["bf16"]):
            scores = model(**batch).logits
        # Summed, then divided by all rows of the step: accumulation changes the memory, not the result.
        loss = cross_entropy(
            scores.float(), truth, how["weights"], label_smoothing=how["smoothing"], reduction="sum"
        )
        torch.autograd.backward(loss / rows)
        total += loss.item() / rows
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), how["max_norm"]).item()
    if not math.isfinite(total + norm):
        sys.exit(f"training diverged at {name}: loss {total}, gradient norm {norm}; lower learning_rate")
    optimizer.step()
    optimizer.zero_grad()
    return total


def class_weights(truth: np.ndarray, config: dict[str, Any], device: torch.device) -> torch.Tensor | None:
    """A weight per class, (labels,), as in scikit-learn: the mean over the rows is 1."""
    if config["class_weight"] is None:
        return None
    counts = np.bincount(truth)
    return torch.tensor(len(truth) / len(counts) / counts, dtype=torch.float32, device=device)


def wants_bf16(precision: str, device: torch.device) -> bool:
    """Whether to compute in bfloat16. On a processor without it, it was about 14 times slower."""
    if precision == "auto":
        native = torch.cpu.get_capabilities().get("avx512_bf16", False)
        return torch.cuda.is_bf16_supported() if device.type == "cuda" else bool(native)
    return precision == "bf16"


def set_up(config: dict[str, Any]) -> torch.device:
    """Seeds, threads and messages; the device to train on."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.use_deterministic_algorithms(True, warn_only=True)
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(os.cpu_count() or 1)
    random.seed(config["seed"])
    np.random.seed(config["seed"])
    torch.manual_seed(config["seed"])
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


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
    device = set_up(config)
    parts = [read_split(name, config) for name in ("train", "validation")]
    labels, truth, validation_truth = read_labels(*(part[config["label_column"]] for part in parts))
    tokenizer, model = load_base(config, labels)
    model.to(device)
    texts = [part[config["text_column"]].to_list() for part in parts]
    texts[0], truth = augmented(texts[0], truth, config)
    tokens, validation_tokens = (tokenizer(some, truncation=True)["input_ids"] for some in texts)
    optimizer = make_optimizer(model, config)
    how = {"bf16": wants_bf16(config["precision"], device), "smoothing": config["label_smoothing"]}
    how |= {"max_norm": config["max_gradient_norm"], "weights": class_weights(truth, config, device)}

    key = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name in ("train", "validation"):
        key.update((Path("data") / f"{name}.parquet").read_bytes())
    keeper = Keeper(OUTPUTS, key.hexdigest(), STARTED)
    progress = keeper.resume(model, optimizer)
    startup = time.monotonic() - STARTED

    size = config["batch_size"]
    rows_per_step = size * config["gradient_accumulation"]
    steps = math.ceil(len(truth) / rows_per_step) * config["epochs"]
    while progress.epoch < config["epochs"] and progress.epochs_without_gain < config["patience"]:
        epoch = progress.epoch + 1
        order = epoch_order(tokens, rows_per_step, config["seed"] + epoch)
        for chosen in order[progress.step_in_epoch :]:
            begin = time.monotonic()
            share = rate(progress.step + 1, steps, config)
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * share
            batches = [
                pad(tokenizer, tokens, rows, device) | {"labels": torch.tensor(truth[rows], device=device)}
                for rows in (chosen[i : i + size] for i in range(0, len(chosen), size))
            ]
            loss = train_step(model, optimizer, batches, how, f"step {progress.step + 1} of {steps}")
            progress.count(loss, len(chosen), time.monotonic() - begin)
            ends = progress.step_in_epoch == len(order)
            row = {"steps": steps, "epoch": epoch, "learning_rate": config["learning_rate"] * share}
            if ends:
                row |= measure(all_scores(model, tokenizer, validation_tokens), validation_truth)
                if progress.end_epoch(row[config["selection_metric"]]):
                    keeper.save_best(model)
            if ends or progress.step % config["log_every"] == 0:
                keeper.log(row)
            if ends or keeper.is_due(config["checkpoint_every_minutes"], config["checkpoint_every_steps"]):
                keeper.save(model, optimizer)

    keeper.load_best(model)
    begin = time.monotonic()
    scores = all_scores(model, tokenizer, validation_tokens)
    predict_seconds = time.monotonic() - begin
    temperature = fit_temperature(scores, validation_truth)
    # An earlier start may have been killed while it saved.
    shutil.rmtree(OUTPUTS / "model", ignore_errors=True)
    save_model(OUTPUTS / "model", model, tokenizer, temperature, config)
    ids = parts[1][config["id_column"]].to_list()
    write_predictions(OUTPUTS / "predictions-validation.parquet", ids, labels, softmax(scores / temperature))
    result = {
        "best_step": progress.best_step,
        "best_value": progress.best_value,
        "selection_metric": config["selection_metric"],
        "steps": progress.step,
        "steps_planned": steps,
        "epochs": progress.epoch,
        "rows": len(truth),
        "rows_at_max_length": sum(len(row) == config["max_length"] for row in tokens),
        "precision": "bf16" if how["bf16"] else "fp32",
        "device": device.type,
        "train_rows": progress.train_rows,
        "rows_per_second": round(progress.train_rows / progress.train_seconds, 2),
        "predict_rows_per_second": round(len(validation_tokens) / predict_seconds, 2),
        "startup_seconds": round(startup, 3),
        "seconds": round(keeper.tick(), 3),
        "peak_memory_bytes": peak_memory_bytes(),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
    }
    atomically(OUTPUTS / "result.json", lambda path: path.write_text(json.dumps(result, indent=2) + "\n"))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: train.py config.json")
    main(json.loads(Path(sys.argv[1]).read_text()))
