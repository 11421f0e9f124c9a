"""The frozen-encoder probe, run as a user would run it: as scripts in a folder, on a tiny model."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ml_intern.training.recipes import defaults, reasons
from tests.forks import python
from tests.recipes.jobs import (
    check_again,
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


def folder(path: Path, base: Path, train: pl.DataFrame, validation: pl.DataFrame, **changes: Any) -> Path:
    """A job folder with small settings."""
    return write_job("probe", path, base, train, validation, **{"max_length": 16} | changes)


@pytest.fixture(scope="module")
def trained(mini_lm: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = folder(tmp_path_factory.mktemp("job") / "a", mini_lm, rows(96, 0), rows(24, 1), max_length=32)
    return path, train(half_saved(path, within="encoder"))


def test_the_contract_is_kept(trained: tuple[Path, str]) -> None:
    path, out = trained
    assert lines(out) == metrics(path)
    assert [row["C"] for row in metrics(path)] == defaults("probe")["C"]
    found = result(path)
    assert found["best_value"] == max(row["macro_f1"] for row in metrics(path)) > 0.9
    assert (found["rows"], found["rows_embedded"]) == (96, 120)
    assert {"python", "torch", "transformers", "scikit-learn"} <= set(found["versions"])
    names = {
        p.relative_to(path / "outputs" / "model").as_posix() for p in (path / "outputs").rglob("model/**/*")
    }
    assert {
        "config.json",
        "model.safetensors",
        "encoder/model.safetensors",
        "encoder/tokenizer.json",
    } <= names
    assert {Path(name).suffix for name in names - {"encoder"}} <= {".json", ".safetensors", ".txt"}


def test_the_folder_alone_predicts_the_same(trained: tuple[Path, str], tmp_path: Path) -> None:
    path, _ = trained
    shutil.copytree(path / "outputs" / "model", tmp_path / "model")
    check_again(path, "config.json", hidden=384, model=tmp_path / "model")


def test_one_text_is_answered_as_json(trained: tuple[Path, str]) -> None:
    done = python(
        trained[0], "predict.py", "outputs/model", "--text", "where is my parcel, the courier is late"
    )
    assert json.loads(done.stdout)["label"] == "delivery"
    assert "nowhere is not a model folder" in last_words(
        python(trained[0], "predict.py", "nowhere", "--text", "a")
    )


def test_started_again_it_embeds_nothing_twice(trained: tuple[Path, str], tmp_path: Path) -> None:
    path = tmp_path / "again"
    shutil.copytree(trained[0], path)
    kept = (path / "outputs" / "metrics.jsonl").read_text().splitlines(keepends=True)
    (path / "outputs" / "metrics.jsonl").write_text("".join(kept[:2]))  # as if killed in the third step
    train(path)
    assert result(path)["rows_embedded"] == 0
    assert metrics(path) == metrics(trained[0])
    assert (path / "outputs" / "metrics.jsonl").read_text().startswith("".join(kept[:2]))  # the old seconds
    np.testing.assert_array_equal(probabilities(path), probabilities(trained[0]))


def test_variants_and_failures(tiny: Path, tmp_path: Path) -> None:
    good, check = rows(12, 0), rows(6, 1)
    missing = rows(9, 0).with_columns(body=pl.Series([None, *["a"] * 8]))
    cases: dict[str, tuple[pl.DataFrame, pl.DataFrame, dict[str, Any], str | None]] = {
        "two": (rows(12, 0, ["7", "billing"]), rows(6, 1, ["7"]), {"class_weight": "balanced"}, None),
        "lacks-classes": (good, rows(6, 1, ["7"]), {"C": [1.0]}, None),
        "column": (good.rename({"body": "b"}), check, {}, "column 'body' is not in data/train.parquet"),
        "text": (missing, check, {}, "column 'body' of data/train.parquet has 1 missing values"),
        "one-class": (rows(9, 0, ["7"]), check, {}, "data/train.parquet has 1 label"),
        "setting": (good, check, {"C": "left out"}, "config.json lacks: C"),
        "nothing": (good, check, {"C": []}, "C must hold at least one number"),
        "metric": (good, check, {"selection_metric": "f2"}, "selection_metric must be one of"),
        "long": (good, check, {"max_length": 129}, "max_length is 129, but"),
        "no-model": (
            good,
            check,
            {"base_model": "/nowhere/x"},
            "the base model '/nowhere/x' cannot be loaded",
        ),
    }
    for name, (train_rows, validation, changes, _) in cases.items():
        folder(tmp_path / name, tiny, train_rows, validation, **changes)
    found = run_all(tmp_path)
    for name, (_, _, _, message) in cases.items():
        assert (found[name] is None) if message is None else (message in str(found[name])), (
            name,
            found[name],
        )
        assert (tmp_path / name / "outputs" / "result.json").exists() == (message is None)


def test_every_default_that_a_plan_shows_has_its_reason() -> None:
    assert set(reasons("probe")) == set(defaults("probe")) - {"base_model"}
