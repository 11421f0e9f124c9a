"""Running the scripts of a recipe as a user would: in a folder, in processes of their own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.training.recipes import defaults, recipe_files
from tests.forks import ENVIRONMENT, python

LABELS = ["7", "billing", "delivery"]
OFFLINE = os.environ | ENVIRONMENT


def fresh_python(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script in an interpreter that has imported nothing."""
    command = [sys.executable, "-W", "error", *arguments]
    return subprocess.run(command, cwd=path, env=OFFLINE, capture_output=True, text=True, timeout=200)


def write_job(
    recipe: str, path: Path, base: Path | None, train: pl.DataFrame, validation: pl.DataFrame, **settings: Any
) -> Path:
    """A job folder as the harness makes it; a setting that is "left out" is not in the config."""
    (path / "data").mkdir(parents=True)
    train.write_parquet(path / "data" / "train.parquet")
    validation.write_parquet(path / "data" / "validation.parquet")
    for name, source in recipe_files(recipe).items():
        shutil.copy(source, path / name)
    columns = {"text_column": "body", "label_column": "topic", "id_column": "row_id"}
    config = defaults(recipe) | columns | {"seed": 3, "selection_metric": "macro_f1"}
    config |= ({"base_model": str(base)} if base else {}) | settings
    (path / "config.json").write_text(json.dumps({k: v for k, v in config.items() if v != "left out"}))
    return path


def half_saved(path: Path, *, within: str = "") -> Path:
    """Leave in the model folder what safetensors leaves where it is killed while it writes a file."""
    folder = path / "outputs" / "model" / within
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".tmpTOmnHv").write_bytes(b"half of the weights")
    return path


def train(path: Path) -> str:
    done = python(path, "train.py", "config.json")
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(text: str) -> list[dict[str, Any]]:
    timed = ("seconds", "rows_per_second")
    return [{k: v for k, v in json.loads(line).items() if k not in timed} for line in text.splitlines()]


def metrics(path: Path) -> list[dict[str, Any]]:
    return lines((path / "outputs" / "metrics.jsonl").read_text())


def result(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path / "outputs" / "result.json").read_text())
    return found


def probabilities(path: Path, name: str = "predictions-validation", count: int = 24) -> np.ndarray:
    ids = [f"t:{i}" for i in range(count)]
    return read_predictions(path / "outputs" / f"{name}.parquet", ids, LABELS).probabilities


def run_all(root: Path) -> dict[str, str | None]:
    """Train in every folder below; the last words of those that failed, by folder."""
    done = {path.name: python(path, "train.py", "config.json") for path in sorted(root.iterdir())}
    return {name: last_words(each) if each.returncode else None for name, each in done.items()}


def last_words(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0, done.stdout
    return done.stderr.strip().splitlines()[-1]


def check_again(path: Path, settings: str, hidden: int, model: Path | None = None) -> None:
    """A fresh process gives the same probabilities, sound features, and UNKNOWN below its threshold."""
    model = model or Path(shutil.copytree(path / "outputs" / "model", path / "outputs" / "bundled"))
    known = json.loads((model / settings).read_text())
    known["unknown"] = {"label": "UNKNOWN", "score": "energy", "threshold": 0.5}
    (model / settings).write_text(json.dumps(known))
    output = path / "outputs" / "again.parquet"
    done = fresh_python(path, "predict.py", str(model), "data/validation.parquet", str(output), "--features")
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(probabilities(path), probabilities(path, "again"), atol=1e-5)
    rows = pl.read_parquet(output)
    found = read_predictions(output, rows["row_id"].to_list(), LABELS)
    assert found.embeddings is not None and found.embeddings.shape == (rows.height, hidden)
    assert np.unique(found.embeddings, axis=0).shape[0] > 3
    assert found.energy is not None
    held = found.energy < 0.5
    answers = np.where(held, "UNKNOWN", rows["label"].to_numpy())
    assert rows["answer"].to_list() == answers.tolist()
