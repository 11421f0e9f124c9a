"""The encoder recipe, run as a user would run it: as scripts in a folder, on a tiny model."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.training.recipes import defaults, reasons, recipe_files
from tests.forks import python
from tests.recipes.jobs import (
    LABELS,
    OFFLINE,
    check_again,
    fresh_python,
    half_saved,
    last_words,
    lines,
    metrics,
    probabilities,
    result,
    run_all,
    train,
    write_job,
)
from tests.recipes.test_linear import rows

pytestmark = [
    pytest.mark.skipif(not find_spec("transformers"), reason="needs torch and transformers"),
]
SMALL = {"epochs": 3, "patience": 9, "batch_size": 8, "learning_rate": 0.01, "max_length": 16, "log_every": 2}

PIPELINE = """
    import json, sys, polars as pl
    from transformers import pipeline
    texts = pl.read_parquet("data/validation.parquet")["body"].to_list()
    answers = pipeline("text-classification", "outputs/model", top_k=None)(texts, batch_size=8)
    print(json.dumps([{a["label"]: a["score"] for a in answer} for answer in answers]))
"""


def folder(path: Path, base: Path, train: pl.DataFrame, validation: pl.DataFrame, **changes: Any) -> Path:
    """A job folder with small settings."""
    return write_job("encoder", path, base, train, validation, **SMALL | changes)


@pytest.fixture(scope="module")
def trained(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = folder(tmp_path_factory.mktemp("job") / "a", tiny, rows(96, 0), rows(24, 1))
    return path, train(half_saved(path))


def test_the_contract_is_kept(trained: tuple[Path, str]) -> None:
    path, out = trained
    rows = metrics(path)
    assert lines(out) == rows
    assert [row["step"] for row in rows] == list(range(2, 37, 2))
    assert {row["steps"] for row in rows} == {36}
    ends = [row for row in rows if "accuracy" in row]
    assert [(row["step"], row["epoch"]) for row in ends] == [(12, 1), (24, 2), (36, 3)]
    assert rows[-1]["loss"] < 0.7 * rows[0]["loss"]
    assert rows[-1]["learning_rate"] == 0.0
    found = result(path)
    best = next(row for row in ends if row["step"] == found["best_step"])
    assert found["best_value"] == best["macro_f1"] == max(row["macro_f1"] for row in ends)
    truth = np.array([i % 3 for i in range(24)])
    answers = [["billing", "delivery", "7"].index(LABELS[i]) for i in probabilities(path).argmax(axis=1)]
    assert best["accuracy"] == np.mean(answers == truth)
    assert found["rows"] == 96
    assert 0 < found["startup_seconds"] < found["seconds"]
    assert {"python", "torch", "transformers", "numpy", "polars", "safetensors"} <= set(found["versions"])
    assert found["rows_per_second"] > 0


def test_nothing_is_stored_as_pickle_and_old_checkpoints_go(trained: tuple[Path, str]) -> None:
    path, _ = trained
    names = {p.name for p in (path / "outputs" / "model").iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "intern.json"} <= names
    assert {Path(name).suffix for name in names} <= {".json", ".safetensors", ".txt"}
    kept = {p.name for p in (path / "outputs" / "checkpoints").iterdir()}
    assert kept == {"last.pt", f"best-{result(path)['best_step']}.safetensors"}
    assert all(
        "weights_only=True" in p.read_text()
        for p in recipe_files("encoder").values()
        if "torch.load" in p.read_text()
    )


def test_stock_transformers_gives_the_same_calibrated_probabilities(trained: tuple[Path, str]) -> None:
    path, _ = trained
    done = fresh_python(path, "-c", textwrap.dedent(PIPELINE))
    assert done.returncode == 0, done.stderr
    found = [[answer[label] for label in LABELS] for answer in json.loads(done.stdout)]
    np.testing.assert_allclose(found, probabilities(path), atol=1e-5)
    config = json.loads((path / "outputs" / "model" / "config.json").read_text())
    assert config["architectures"] == ["BertForSequenceClassification"]
    assert config["label2id"] == {label: i for i, label in enumerate(LABELS)}
    assert "auto_map" not in config


def test_a_fresh_process_predicts_the_same(trained: tuple[Path, str]) -> None:
    path, _ = trained
    check_again(path, "intern.json", hidden=32)


@pytest.mark.long  # in each run the smoke test kills a training and starts it again
def test_killed_and_started_again_it_ends_exactly_as_if_nothing_happened(tiny: Path, tmp_path: Path) -> None:
    parts = (rows(96, 0), rows(24, 1))
    whole = folder(tmp_path / "whole", tiny, *parts, checkpoint_every_steps=5)
    train(whole)
    path = folder(tmp_path / "killed", tiny, *parts, checkpoint_every_steps=5)
    command = [sys.executable, "train.py", "config.json"]
    with subprocess.Popen(command, cwd=path, env=OFFLINE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:  # within the second epoch, after the checkpoint of step 15
            if json.loads(line)["step"] == 18:
                os.kill(process.pid, signal.SIGKILL)
                break
    with (path / "outputs" / "metrics.jsonl").open("a") as stream:
        stream.write('{"step": 19, "lo')  # torn by the kill
    done = python(path, "train.py", "config.json")
    assert done.returncode == 0, done.stderr
    assert metrics(path) == metrics(whole)
    for name in ("best_step", "best_value", "steps"):
        assert result(path)[name] == result(whole)[name]
    weights = [load_file(p / "outputs" / "model" / "model.safetensors") for p in (path, whole)]
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[1])
    assert result(path)["train_rows"] == 3 * 96  # none counted twice
    # Started once more, it trains nothing and leaves the same.
    before = probabilities(path)
    train(path)
    assert metrics(path) == metrics(whole)
    np.testing.assert_array_equal(before, probabilities(path))


def test_failures_say_why(tiny: Path, tmp_path: Path) -> None:
    missing = rows(9, 0).with_columns(body=pl.Series([None, *["a"] * 8]))
    good, check = rows(9, 0), rows(6, 1)
    cases: dict[str, tuple[pl.DataFrame, dict[str, Any], str]] = {
        "column": (
            good.rename({"body": "b"}),
            {},
            "column 'body' is not in data/train.parquet; it has: row_id",
        ),
        "text": (missing, {}, "column 'body' of data/train.parquet has 1 missing values"),
        "one-class": (rows(9, 0, ["7"]), {}, "data/train.parquet has 1 label"),
        "unknown-label": (rows(9, 0, ["7", "billing"]), {}, "labels that train lacks: delivery"),
        "setting": (good, {"epochs": "left out"}, "config.json lacks: epochs"),
        "metric": (good, {"selection_metric": "f2"}, "selection_metric must be one of accuracy, macro_f1"),
        "zero": (good, {"batch_size": 0}, "batch_size must be a whole number above 0, not 0"),
        "long": (good, {"max_length": 129}, "max_length is 129, but"),
        "no-model": (good, {"base_model": "/nowhere/x"}, "the base model '/nowhere/x' cannot be loaded"),
        "diverges": (
            rows(96, 0),
            {"learning_rate": 1e6, "head_learning_rate": 1e7},
            "training diverged at step",
        ),
    }
    for name, (data, changes, _) in cases.items():
        folder(tmp_path / name, tiny, data, check, **changes)
    found = run_all(tmp_path)
    for name, (_, _, message) in cases.items():
        assert message in str(found[name]), (name, found[name])
        assert "\n" not in found[name]
        assert not (tmp_path / name / "outputs" / "result.json").exists()


@pytest.mark.long
def test_variants_train_to_the_end(tiny: Path, tmp_path: Path) -> None:
    two, data, check = ["billing", "7"], rows(48, 0), rows(24, 1)
    long = data.with_columns(body=pl.col("body") + " word" * 300)
    variants: dict[str, tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]] = {
        "a-two": (rows(40, 0, two), rows(10, 1, ["7"]), {"class_weight": "balanced", "schedule": "linear"}),
        "b-cut": (long, check, {"epochs": 1}),
        "c-stock": (data, check, {"epochs": 1, "pooling": "stock"}),
        "d-early": (
            data,
            check,
            {"epochs": 9, "patience": 1, "learning_rate": 0.0, "head_learning_rate": 0.0},
        ),
        "e-whole": (data, check, {"epochs": 1}),
        "f-halves": (data, check, {"epochs": 1, "batch_size": 4, "gradient_accumulation": 2}),
        "g-overfit": (rows(9, 0), rows(9, 0), {"epochs": 60, "patience": 60, "label_smoothing": 0.0}),
    }
    for name, (train_rows, validation, changes) in variants.items():
        folder(tmp_path / name, tiny, train_rows, validation, **changes)
    assert set(run_all(tmp_path).values()) == {None}
    two_file = tmp_path / "a-two" / "outputs" / "predictions-validation.parquet"
    found = read_predictions(two_file, [f"t:{i}" for i in range(10)], ["7", "billing"])
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    assert result(tmp_path / "b-cut")["rows_at_max_length"] == 48
    configs = {name: tmp_path / name / "outputs" / "model" / "config.json" for name in ("c-stock", "e-whole")}
    layers = {name: json.loads(path.read_text())["num_hidden_layers"] for name, path in configs.items()}
    assert layers == {"c-stock": 2, "e-whole": 3}
    early = result(tmp_path / "d-early")
    assert (early["epochs"], early["best_step"], early["steps"], early["steps_planned"]) == (2, 6, 12, 54)
    steps = [len({row["step"] for row in metrics(tmp_path / name)}) for name in ("e-whole", "f-halves")]
    assert steps[0] == steps[1]  # the same updates from half the batch
    losses = [row["loss"] for row in metrics(tmp_path / "g-overfit")]
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.long
def test_the_real_encoder_learns_from_few_rows(mini_lm: Path, tmp_path: Path) -> None:
    rate = {"learning_rate": 3e-4, "head_learning_rate": 3e-3, "max_length": 32, "epochs": 4}
    path = folder(tmp_path / "real", mini_lm, rows(60, 0), rows(24, 1), **rate)
    train(path)
    assert result(path)["best_value"] > 0.9
    done = python(path, "predict.py", "outputs/model", "--text", "where is my parcel, the courier is late")
    assert json.loads(done.stdout)["label"] == "delivery"


def test_predict_says_what_is_wrong(trained: tuple[Path, str], tmp_path: Path) -> None:
    rows(3, 0).drop("body").write_parquet(tmp_path / "bare.parquet")
    done = python(
        trained[0], "predict.py", "outputs/model", str(tmp_path / "bare.parquet"), "outputs/x.parquet"
    )
    assert "column 'body' is not in" in last_words(done)
    assert "nowhere is not a model folder" in last_words(
        python(trained[0], "predict.py", "nowhere", "--text", "a")
    )


def test_every_default_that_a_plan_shows_has_its_reason() -> None:
    internal = {"base_model", "log_every", "checkpoint_every_steps"}
    assert set(reasons("encoder")) == set(defaults("encoder")) - internal
