"""The linear recipe, run as a user would run it: as scripts in a folder."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.training.recipes import defaults, names, reasons, recipe_files
from ml_intern.training.smoke import left_behind
from tests.forks import python
from tests.recipes.jobs import fresh_python, half_saved, last_words, write_job

WORDS = {
    "billing": ["invoice", "charge", "refund", "payment", "fee"],
    "delivery": ["parcel", "courier", "late", "address", "shipping"],
    "7": ["password", "login", "account", "locked", "email"],
}


def rows(count: int, seed: int, classes: list[str] | None = None) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    labels = [(classes or list(WORDS))[i % len(classes or WORDS)] for i in range(count)]
    texts = [
        f"please {' '.join(generator.choice(WORDS[label], 2))} number {generator.integers(9)}"
        for label in labels
    ]
    return pl.DataFrame({"row_id": [f"t:{i}" for i in range(count)], "body": texts, "topic": labels})


def folder(path: Path, train: pl.DataFrame, validation: pl.DataFrame, **changes: Any) -> Path:
    return write_job("linear", path, None, train, validation, **changes)


def train(path: Path) -> subprocess.CompletedProcess[str]:
    return python(path, "train.py", "config.json")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = folder(tmp_path_factory.mktemp("job") / "a", rows(120, 0), rows(30, 1))
    done = train(path)
    assert done.returncode == 0, done.stderr
    return path, done.stdout


def test_rows_that_are_left_out_are_not_trained_on(tmp_path: Path):
    poisoned = rows(120, 0).with_columns(topic=pl.Series(["poison"] * 8 + rows(112, 0)["topic"].to_list()))
    ids = poisoned["row_id"][:8].to_list()
    path = folder(tmp_path / "job", poisoned, rows(30, 1), left_out_rows=[*ids, "t:nowhere"])
    assert train(path).returncode == 0
    result = json.loads((path / "outputs" / "result.json").read_text())
    assert result["rows"] == 112
    assert "poison" not in (path / "outputs" / "model" / "config.json").read_text()


def test_rows_to_leave_out_are_named_by_id(tmp_path: Path):
    path = folder(tmp_path / "job", rows(60, 0), rows(30, 1), left_out_rows=[3])
    assert "left_out_rows must be a list of row ids" in last_words(train(path))


def without_time(lines: str) -> list[dict[str, Any]]:
    return [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines.splitlines()]


def same_outputs(one: Path, other: Path) -> None:
    files = ["model/model.safetensors", "model/vocabulary.json", "model/config.json"]
    assert {f"model/{path.name}" for path in (other / "outputs" / "model").iterdir()} == set(files)
    for name in [*files, "predictions-validation.parquet"]:
        assert (one / "outputs" / name).read_bytes() == (other / "outputs" / name).read_bytes(), name
    lines = [without_time((path / "outputs" / "metrics.jsonl").read_text()) for path in (one, other)]
    assert lines[0] == lines[1]
    results = [json.loads((path / "outputs" / "result.json").read_text()) for path in (one, other)]
    for key in ("best_step", "best_value", "selection_metric", "steps", "rows", "versions"):
        assert results[0][key] == results[1][key]


def test_the_contract_is_kept(trained: tuple[Path, str]) -> None:
    path, out = trained
    assert without_time(out) == without_time((path / "outputs" / "metrics.jsonl").read_text())
    steps = without_time(out)
    assert [step["step"] for step in steps] == [1, 2, 3, 4]
    assert [step["C"] for step in steps] == defaults("linear")["C"]
    result = json.loads((path / "outputs" / "result.json").read_text())
    assert result["best_value"] == max(step["macro_f1"] for step in steps)
    assert result["rows"] == 120
    assert 0 < result["startup_seconds"] < result["seconds"]
    assert {"python", "numpy", "scikit-learn"} <= set(result["versions"])
    assert result["peak_memory_bytes"] > 10_000_000


def test_the_model_is_stored_without_pickle(trained: tuple[Path, str]) -> None:
    model = trained[0] / "outputs" / "model"
    assert {p.name for p in model.iterdir()} == {"model.safetensors", "vocabulary.json", "config.json"}
    terms = sum(map(len, json.loads((model / "vocabulary.json").read_text())))
    tensors = load_file(model / "model.safetensors")
    assert tensors["weights"].shape == (3, terms)
    assert tensors["weights"].dtype == np.float32
    assert not any("import pickle" in path.read_text() for path in recipe_files("linear").values())


def test_a_fresh_process_gives_the_same_probabilities(trained: tuple[Path, str]) -> None:
    path, _ = trained
    done = fresh_python(
        path, "predict.py", "outputs/model", "data/validation.parquet", "outputs/again.parquet"
    )
    assert done.returncode == 0, done.stderr
    ids = [f"t:{i}" for i in range(30)]
    labels = sorted(WORDS)
    first = read_predictions(path / "outputs" / "predictions-validation.parquet", ids, labels)
    again = read_predictions(path / "outputs" / "again.parquet", ids, labels)
    np.testing.assert_allclose(first.probabilities, again.probabilities, atol=1e-9)


def test_one_text_is_answered_as_json(trained: tuple[Path, str]) -> None:
    done = python(
        trained[0], "predict.py", "outputs/model", "--text", "where is my parcel, the courier is late"
    )
    answer = json.loads(done.stdout)
    assert answer["label"] == "delivery"
    assert answer["probabilities"]["delivery"] == max(answer["probabilities"].values())


def test_started_again_it_repeats_nothing(trained: tuple[Path, str], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(trained[0], copy)
    before = (copy / "outputs" / "metrics.jsonl").read_text()
    half_saved(copy)
    assert train(copy).returncode == 0
    assert (copy / "outputs" / "metrics.jsonl").read_text() == before  # with the old seconds
    same_outputs(trained[0], copy)


def test_a_script_that_leaves_what_was_half_saved_is_told_so(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    path = half_saved(Path(shutil.copytree(trained[0], tmp_path / "copy")))
    script = SimpleNamespace(config=json.loads((path / "config.json").read_text()))
    checks = left_behind(path / "outputs", path / "data", script, read_predictions)
    found = next(check for check in checks if check.id == "format")
    assert not found.ok
    assert "killed while it saved has left ['.tmpTOmnHv']: empty the folder before saving" in found.message


def test_killed_and_started_again_it_ends_with_the_same_outputs(
    trained: tuple[Path, str], tmp_path: Path
) -> None:
    path = folder(tmp_path / "b", rows(120, 0), rows(30, 1))
    command = [sys.executable, "train.py", "config.json"]
    with subprocess.Popen(command, cwd=path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
    assert json.loads(first)["step"] == 1
    kept = (path / "outputs" / "metrics.jsonl").read_text().splitlines()
    assert kept[0] + "\n" == first
    done = train(path)
    assert done.stdout.splitlines()[0] + "\n" == first  # not fitted again: the old seconds
    same_outputs(trained[0], path)


@pytest.mark.parametrize("changed", ["config", "data"])
def test_a_checkpoint_of_other_work_is_ignored(
    trained: tuple[Path, str], tmp_path: Path, changed: str
) -> None:
    path = tmp_path / "c"
    shutil.copytree(trained[0], path)
    if changed == "config":
        config = json.loads((path / "config.json").read_text())
        (path / "config.json").write_text(json.dumps(config | {"C": [0.01, 5.0]}))
    else:
        rows(90, 9).write_parquet(path / "data" / "train.parquet")
    assert train(path).returncode == 0
    metrics = without_time((path / "outputs" / "metrics.jsonl").read_text())
    result = json.loads((path / "outputs" / "result.json").read_text())
    if changed == "config":
        assert [row["C"] for row in metrics] == [0.01, 5.0]
    else:
        assert result["rows"] == 90
        old = json.loads((trained[0] / "outputs" / "metrics.jsonl").read_text().splitlines()[0])
        assert metrics[0]["loss"] != old["loss"]


def test_two_classes_and_a_validation_split_that_lacks_one(tmp_path: Path) -> None:
    two = ["billing", "7"]
    path = folder(tmp_path / "d", rows(80, 0, two), rows(10, 1, ["7"]), C=[1.0], class_weight="balanced")
    done = train(path)
    assert done.returncode == 0, done.stderr
    found = read_predictions(
        path / "outputs" / "predictions-validation.parquet", [f"t:{i}" for i in range(10)], ["7", "billing"]
    )
    assert (found.answers == 0).all()
    assert load_file(path / "outputs" / "model" / "model.safetensors")["weights"].shape[0] == 2


def test_a_perfect_validation_split_does_not_ask_for_certainty(trained: tuple[Path, str]) -> None:
    steps = without_time(trained[1])
    assert steps[-1]["accuracy"] == 1.0
    saved = pl.read_parquet(trained[0] / "outputs" / "predictions-validation.parquet")
    surest = max(map(max, saved["probabilities"].to_list()))
    assert 0.9 < surest < 0.9999


FAILURES = {
    "no text column": (rows(9, 0).rename({"body": "b"}), {}, "column 'body' is not in data/train.parquet"),
    "missing text": (
        rows(9, 0).with_columns(body=pl.Series([None, *["a"] * 8])),
        {},
        "column 'body' of data/train.parquet has 1 missing values",
    ),
    "one class": (rows(9, 0, ["7"]), {}, "data/train.parquet has 1 label"),
    "no terms": (rows(9, 0).with_columns(body=pl.lit("")), {}, "no terms to learn from in column 'body'"),
    "too rare": (rows(9, 0), {"min_df": 500}, "no terms to learn from"),
    "setting left out": (rows(9, 0), {"C": "left out"}, "config.json lacks: C"),
    "unknown metric": (rows(9, 0), {"selection_metric": "f2"}, "selection_metric must be one of accuracy"),
    "nothing to try": (rows(9, 0), {"C": []}, "C must hold at least one number"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_say_why_on_the_last_line(tmp_path: Path, case: str) -> None:
    data, changes, message = FAILURES[case]
    path = folder(tmp_path / "e", data, rows(6, 1), **changes)
    assert message in last_words(train(path))
    assert not (path / "outputs" / "result.json").exists()


def test_labels_that_only_validation_knows_are_named(tmp_path: Path) -> None:
    path = folder(tmp_path / "f", rows(20, 0, ["billing", "7"]), rows(6, 1))
    assert "labels that train lacks: delivery" in last_words(train(path))


def test_predict_says_what_is_wrong(trained: tuple[Path, str], tmp_path: Path) -> None:
    path = trained[0]
    rows(3, 0).drop("body").write_parquet(tmp_path / "bare.parquet")
    done = python(path, "predict.py", "outputs/model", str(tmp_path / "bare.parquet"), "outputs/x.parquet")
    assert "column 'body' is not in" in last_words(done)
    assert "usage" in last_words(python(path, "predict.py", "outputs/model"))
    assert "nowhere" in last_words(python(path, "predict.py", "nowhere", "--text", "a"))


def test_recipes_are_found_by_name() -> None:
    assert names() == ("encoder", "linear", "probe")
    assert set(recipe_files("linear")) == {"augment.py", "kept.py", "train.py", "predict.py"}
    assert set(reasons("linear")) <= set(defaults("linear"))
    defaults("linear")["C"].append(99)
    assert 99 not in defaults("linear")["C"]
    with pytest.raises(LookupError, match="linear"):
        recipe_files("../linear")


def test_templated_support_data_is_solved_by_words_alone(datasets: Path, tmp_path: Path) -> None:
    parts = {
        part: pl.read_csv(datasets / "bitext-support" / f"{part}.csv", infer_schema=False)
        .select(body="utterance", topic="category")
        .with_row_index("row_id")
        .with_columns(pl.col("row_id").cast(pl.String))
        for part in ("train", "validation", "test")
    }
    path = folder(tmp_path / "bitext", parts["train"], parts["validation"])
    began = time.monotonic()
    assert train(path).returncode == 0
    assert time.monotonic() - began < 60
    parts["test"].drop("topic").write_parquet(path / "data" / "test.parquet")
    done = python(path, "predict.py", "outputs/model", "data/test.parquet", "outputs/test.parquet")
    assert done.returncode == 0, done.stderr
    labels = sorted(parts["train"]["topic"].unique())
    test = parts["test"]
    found = read_predictions(path / "outputs" / "test.parquet", test["row_id"].to_list(), labels)
    assert [labels[i] for i in found.answers] == test["topic"].to_list()
