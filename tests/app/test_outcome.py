"""What a finished run leaves: results, card, bundle, and nothing of the sealed labels in a job."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from ml_intern.records.bundle import Bundle
from ml_intern.records.data import Split
from tests.conftest import OTHERS
from tests.runs import TASK, ml_intern


@pytest.fixture
def bundle(finished) -> Path:
    return Path(finished.ended.result["bundle"])


def test_the_stream_is_json_lines_with_the_fixed_fields(finished):
    *events, result = finished.ended.events
    assert result["event"] == "result"
    for event in events:
        assert {"event", "run", "stage", "time"} <= set(event)
    stages = [event["stage"] for event in events if event["event"] == "stage_finished"]
    assert stages == [
        "define", "research", "inspect", "baseline", "draft", "smoke", "plan", "train", "evaluate", "stress",
        "improve", "package",
    ]  # fmt: skip
    assert sum(event["event"] == "metric" for event in events) == 4


def test_events_carry_no_rows_of_the_data(finished, tickets):
    texts = [line.split(",")[0].strip('"') for line in tickets.read_text().splitlines()[1:]]
    shown = json.dumps([event for event in finished.ended.events if event["event"] != "result"])
    assert not any(text in shown for text in texts if len(text) > 20)


def test_every_number_of_the_card_is_traced_to_an_artifact(finished, bundle):
    card = (bundle / "README.md").read_text()
    artifact = finished.artifacts()["bundle"]
    assert isinstance(artifact, Bundle)
    traced = {number for t in artifact.traces for number in re.findall(r"\d+(?:\.\d+)?", t.text)}
    template = Path(sys.modules[Bundle.__module__].__file__ or "").parents[1] / "publishing/card.md.j2"
    fixed = set(
        re.findall(r"\d+(?:\.\d+)?", re.sub(r"\{[{%].*?[%}]\}", "", template.read_text(), flags=re.S))
    )
    assert set(re.findall(r"\d+(?:\.\d+)?", card)) <= traced | fixed
    scores = finished.ended.result["metrics"]["macro_f1"]
    assert "{value:.3f} [{low:.3f}, {high:.3f}]".format(**scores) in card


def test_the_manifest_covers_every_file(bundle):
    listed = dict(line.split("  ", 1)[::-1] for line in (bundle / "MANIFEST.sha256").read_text().splitlines())
    files = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()}
    assert set(listed) == files - {"MANIFEST.sha256"}
    for name, digest in listed.items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest


def test_the_packaged_example_runs_as_the_card_says(finished, bundle):
    card = (bundle / "README.md").read_text()
    command, output = re.search(r"\$ python (predict\.py .*)\n(.*)\n```", card).groups()  # type: ignore[union-attr]
    text = json.loads(command.removeprefix("predict.py . --text "))
    done = subprocess.run(
        [sys.executable, "predict.py", ".", "--text", text],
        cwd=bundle,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == output


def test_the_bundle_carries_the_threshold_and_the_trained_model_does_not(finished, bundle, tmp_path):
    evaluation, trained = (finished.artifacts()[kind] for kind in ("evaluation", "training_run"))
    carried = json.loads((bundle / "config.json").read_text())
    held = evaluation.abstention
    assert carried.pop("unknown") == {
        "label": "UNKNOWN", "score": "energy", "threshold": held.threshold, "target": held.target,
    }  # fmt: skip
    assert carried == json.loads((finished.folder / trained.folder / "config.json").read_text())
    validation = pl.read_parquet(finished.folder / "data" / "validation.parquet")
    validation.write_parquet(tmp_path / "rows.parquet")
    command = [sys.executable, "predict.py", ".", tmp_path / "rows.parquet", tmp_path / "out.parquet"]
    subprocess.run(command, cwd=bundle, check=True)
    out = pl.read_parquet(tmp_path / "out.parquet")
    held_back = out["energy"] < held.threshold
    assert held_back.sum() == validation.height * 2 // 100
    assert (out["answer"] == "UNKNOWN").to_list() == held_back.to_list()
    assert (out["answer"] == out["label"]).to_list() == (~held_back).to_list()


def test_texts_of_no_class_are_measured_on_and_nothing_else(finished):
    evaluation, trained = (finished.artifacts()[kind] for kind in ("evaluation", "training_run"))
    carried = next(
        each for each in evaluation.abstention.scores if each.score == evaluation.abstention.chosen
    )
    assert evaluation.abstention.unknown_rows == len(OTHERS)
    assert carried.auroc_unknown > 0.8
    assert (
        finished.ended.result["trust"]["unknown"]["unknown_recall"]["value"] == carried.unknown_recall.value
    )
    kept = pl.read_parquet(finished.folder / evaluation.predictions.path)
    assert kept.height == evaluation.rows
    assert not (kept["row_id"].str.contains("/")).any()
    terms = (finished.folder / trained.folder / "vocabulary.json").read_text()
    assert "zebras" not in terms and "quasars" not in terms


def test_the_bundle_holds_no_pickle_and_no_rows(bundle, tickets):
    assert not [p for p in bundle.rglob("*") if p.suffix in {".pkl", ".pickle", ".joblib", ".bin", ".pt"}]
    shown = "".join(
        p.read_text() for p in [*bundle.rglob("*.json"), *bundle.rglob("*.md")] if p.name != "vocabulary.json"
    )
    texts = [line.split(",")[0].strip('"') for line in tickets.read_text().splitlines()[1:]]
    assert not any(text in shown for text in texts if len(text) > 30)


def test_the_scores_are_those_of_the_saved_predictions(finished):
    folder, split = finished.folder, finished.artifacts()["split"]
    assert isinstance(split, Split)
    sealed = pl.read_parquet(folder / split.sealed_test.path)
    evaluation = json.loads(
        (Path(finished.ended.result["bundle"]) / "evaluation/evaluation.json").read_text()
    )
    answers = pl.read_parquet(folder / evaluation["predictions"]["path"])
    joined = sealed.join(answers, left_on="test_case_id", right_on="row_id", suffix="_answer")
    accuracy = (joined["issue_type"] == joined["label"]).mean()
    assert accuracy == pytest.approx(finished.ended.result["metrics"]["accuracy"]["value"])


def test_no_job_was_given_the_sealed_labels(finished):
    split = finished.artifacts()["split"]
    assert isinstance(split, Split)
    sealed = (finished.folder / split.sealed_test.path).read_bytes()
    jobs = [p for p in (finished.home / "jobs").rglob("*") if p.is_file()]
    assert len(jobs) > 10
    assert not any(p.read_bytes() == sealed for p in jobs)
    inputs = next(p for p in jobs if p.name == "inputs.parquet")
    assert pl.read_parquet(inputs).columns == ["row_id", "ticket"]
    assert (finished.folder / "sealed").stat().st_mode & 0o777 == 0o700


SPY = """
import json, os, sys
from pathlib import Path
found = []
for start in ("/job", "/tmp", "/home", "/root", "/var", "/mnt", "/opt", "/proc/1/root", "/proc/self/cwd"):
    for folder, folders, files in os.walk(start, followlinks=False):
        found += [os.path.join(folder, f) for f in files if "sealed" in folder or f == "test.parquet"]
for guess in sys.argv[1:]:
    try:
        Path(guess).read_bytes(); found.append(guess)
    except OSError:
        pass
print(json.dumps(found))
"""


def test_a_job_that_looks_for_the_sealed_labels_finds_nothing(finished, tmp_path):
    """The same backend, the same run folder, a script that searches for the labels."""
    from ml_intern.app.home import open_home
    from ml_intern.compute.runner import JobRunner
    from ml_intern.records.jobs import JobState, Limits
    from ml_intern.store.jobs import JobTable

    home = open_home(finished.home)
    run = home.resolve(None).id
    spy = tmp_path / "spy.py"
    spy.write_text(SPY)
    split = finished.artifacts()["split"]
    assert isinstance(split, Split)
    guess = str(finished.folder / split.sealed_test.path)
    runner = JobRunner(
        home.backend("local"), JobTable(home.engine), run, finished.folder, lambda purpose, line: None
    )
    result = runner("spy", ["python", "spy.py", guess, "../../" + guess], {"spy.py": spy}, Limits(seconds=60))
    home.engine.dispose()
    assert result.status.state is JobState.SUCCEEDED, result.log_tail
    assert json.loads(result.log_tail[-1]) == []


def test_people_see_the_verdict_the_scores_and_one_next_step(tmp_path, planned):
    shutil.copytree(planned.home, tmp_path, symlinks=True, dirs_exist_ok=True)
    ended = ml_intern(tmp_path, "approve")
    assert ended.code == 0
    assert ended.out == ""
    assert "\x1b" not in ended.err
    for words in ("✓ train", "sealed test split", "this model", "majority", "Next: "):
        assert words in ended.told
    shown = ml_intern(tmp_path, "show")
    assert "✓ package" in shown.out
    assert "train: " in ml_intern(tmp_path, "logs").out
    listed = ml_intern(tmp_path, "runs")
    assert "done" in listed.out and TASK in listed.out
