"""A model that no run here made is held against the dataset that its card names."""

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from ml_intern.app import claimed
from ml_intern.publishing.claims import NamedData, claims_hold, named_data_of, stated_score
from ml_intern.publishing.verify import card_claims
from ml_intern.records.data import DataReport, Split
from tests.hub.conftest import Running, running
from tests.runs import ml_intern, opened_run

__all__ = ["running"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:httpx2")
LABEL = "issue_type"


@pytest.fixture(scope="module")
def rows(finished: Any) -> dict[str, pl.DataFrame]:
    """The run's own training and test rows, as a dataset with official splits would hold them."""
    with opened_run(finished.home) as run:
        split, report = run.need(Split), run.need(DataReport)
        sealed = pl.read_parquet(run.folder / split.sealed_test.path)
        inputs = pl.read_parquet(run.folder / split.test_inputs.path).rename({"row_id": "test_case_id"})
        train = pl.read_parquet(run.folder / split.train.path)
        names = [report.text.name, LABEL]
    return {"train": train.select(names), "test": sealed.join(inputs, on="test_case_id").select(names)}


@pytest.fixture(scope="module")
def datasets(running: Running, rows: dict[str, pl.DataFrame]) -> Running:
    """On the Hub: the rows, those without a test split, and with the label twice."""
    api = running.access().api
    twice = {part: frame.with_columns(again=pl.col(LABEL)) for part, frame in rows.items()}
    held = {"acme/told": rows, "acme/untested": {"train": rows["train"]}, "acme/twice": twice}
    for repo, parts in held.items():
        api.create_repo(repo, repo_type="dataset")
        for part, frame in parts.items():
            api.upload_file(
                path_or_fileobj=frame.write_csv().encode(),
                path_in_repo=f"{part}.csv",
                repo_id=repo,
                repo_type="dataset",
            )
    return running


def strangers(finished: Any, folder: Path, **changes: str) -> Path:
    """The finished run's model as somebody else's, with a card that was changed and signed again."""
    shutil.copytree(finished.folder / "bundle", folder)
    card = folder / "README.md"
    text = card.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    card.write_text(text)
    manifest = folder / "MANIFEST.sha256"
    lines = [line for line in manifest.read_text().splitlines() if not line.endswith("  README.md")]
    lines.append(f"{hashlib.sha256(card.read_bytes()).hexdigest()}  README.md")
    manifest.write_text("\n".join(lines) + "\n")
    return folder


def dataset(folder: Path, name: str) -> dict[str, str]:
    """The change that makes the card name this dataset."""
    text = (folder / "README.md").read_text()
    kind = next(line for line in text.splitlines() if line.strip().startswith("type: ") and ".csv" in line)
    revision = next(line for line in text.splitlines() if line.strip().startswith("revision: "))
    return {kind: f"      type: {name}", revision: "      revision: main"}


def scores(running: Running, folder: Path, home: Path) -> dict[str, Any]:
    told = ml_intern(home, "verify", folder, "--json", hub=running.access().environment(home / "cache"))
    found = [check for check in json.loads(told.out)["checks"] if check["id"] == "scores"]
    assert len(found) == 1
    return found[0]


def test_what_the_card_states_is_computed_again(datasets, finished, rows, tmp_path):
    changes = dataset(finished.folder / "bundle", "acme/told")
    found = scores(datasets, strangers(finished, tmp_path / "model", **changes), tmp_path / "home")
    assert found["ok"] is True
    accuracy = finished.ended.result["metrics"]["accuracy"]["value"]
    assert f"on the {rows['test'].height} rows of the split test of acme/told@main" in found["message"]
    assert f"accuracy {accuracy:.4f}" in found["message"]


def test_a_score_that_is_not_so_is_found(datasets, finished, tmp_path):
    changes = dataset(finished.folder / "bundle", "acme/told")
    accuracy = finished.ended.result["metrics"]["accuracy"]["value"]
    changes[f"value: {accuracy:.4f}"] = "value: 99.5"  # in percent, as many write it
    found = scores(datasets, strangers(finished, tmp_path / "model", **changes), tmp_path / "home")
    assert found["ok"] is False and "accuracy is 0.995 in the card" in found["message"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("acme/untested", "it has no split test"),
        ("acme/twice", "several columns hold the classes"),
        ("acme/nowhere", "it is not there"),
        ("/etc/passwd", "not on this machine"),
    ],
)
def test_where_it_cannot_be_it_says_why(datasets, finished, tmp_path, name, why):
    changes = dataset(finished.folder / "bundle", name)
    found = scores(datasets, strangers(finished, tmp_path / "model", **changes), tmp_path / "home")
    assert found["ok"] is None and why in found["message"]


def test_the_model_does_not_choose_what_it_is_shown(datasets, finished, tmp_path):
    """Settings that name the label column as the text would hand the answers over."""
    model = strangers(finished, tmp_path / "model", **dataset(finished.folder / "bundle", "acme/told"))
    place = next(model / name for name in ("intern.json", "config.json") if (model / name).exists())
    settings = json.loads(place.read_text())
    place.write_text(json.dumps(settings | {"text_column": LABEL}))
    (model / "MANIFEST.sha256").unlink()
    found = scores(datasets, model, tmp_path / "home")
    assert "text in 'ticket', classes in 'issue_type'" in found["message"]
    accuracy = finished.ended.result["metrics"]["accuracy"]["value"]
    assert f"accuracy {accuracy:.4f}" in found["message"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"0": "good", "1": "bad"}, {"0": "good", "1": "bad"}),
        ({"0": "good", "1": "good"}, {}),
        ({"bad": "good", "good": "good"}, {}),
        ({"0": "good", "2": "bad"}, {}),
    ],
)
def test_only_a_whole_list_of_names_stands_for_numbers(tmp_path, names, expected):
    (tmp_path / "config.json").write_text(json.dumps({"labels": ["bad", "good"], "id2label": names}))
    model = SimpleNamespace(labels=("bad", "good"))
    assert claimed._class_names(tmp_path, model) == expected


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 100), ("MOST_ROWS", 10)])
def test_nothing_large_is_fetched_or_scored_unasked(datasets, finished, tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(claimed, limit, value)
    changes = dataset(finished.folder / "bundle", "acme/told")
    found = scores(datasets, strangers(finished, tmp_path / "model", **changes), tmp_path / "home")
    assert found["ok"] is None and "unasked" in found["message"]


@pytest.mark.parametrize(
    ("shown", "true", "ok"),
    [
        ("0.9231651376146789", 0.9231651376146789, True),
        ("0.9231651376146789", 0.9241651376146789, True),  # one row of 1,000
        ("0.9231651376146789", 0.9271651376146789, None),
        ("90", 0.903, True),
        ("90.0", 0.903, None),
        ("1.0", 0.951, False),
        ("0.99", 0.91, False),
    ],
)
def test_a_score_is_compared_in_the_digits_that_are_shown(shown, true, ok):
    stated = stated_score({"type": "accuracy", "value": shown})
    check = claims_hold(NamedData("a/b", "test", (stated,)), {"accuracy": true}, 1000, "so")
    assert check.ok is ok, check.message


def test_what_is_malformed_hides_nothing_else(tmp_path):
    (tmp_path / "README.md").write_text("""---
model-index:
- 3
- results: {a: b}
- results:
  - nothing
  - dataset: [x]
    metrics: [7, {type: accuracy, args: none, value: 0.99}, {type: accuracy, value: [1]}, {value: .nan}]
  - dataset: {type: {a: b}, split: test, revision: 1}
    metrics: {a: b}
---
""")
    assert card_claims(tmp_path) == [("accuracy", 0.99)]


def test_how_scores_are_stated_is_understood(tmp_path):
    (tmp_path / "README.md").write_text("""---
model-index:
- results:
  - dataset: {type: acme/told, config: default, split: validation}
    metrics:
    - {type: accuracy, value: 93.2}
    - {type: f1, value: 0.91}
    - {type: f1, value: 0.92, args: {average: macro}}
    - {type: bleu, value: 0.3}
  - dataset: {type: acme/other, revision: v1}
    metrics: [{type: loss, value: 0.1}]
---
""")
    (named,) = named_data_of(tmp_path)
    assert (named.name, named.split) == ("acme/told", "validation")
    assert [(each.metric, each.value) for each in named.scores] == [
        ("accuracy", pytest.approx(0.932)),
        ("macro_f1", 0.92),
    ]
    assert named.scores[0].half == pytest.approx(0.0005)
