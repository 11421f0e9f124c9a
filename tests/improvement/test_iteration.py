"""A suggestion is tried as a new iteration of the run, survives a kill, is compared, and can be undone."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import polars as pl
import pytest

from ml_intern.records.data import DataReport, Split
from ml_intern.records.improvements import Improvements
from ml_intern.records.training import TrainingRun
from tests.runs import ML_INTERN, environment, ml_intern, opened_run


def applicable(home: Path) -> str:
    told = json.loads(ml_intern(home, "improve", "--json").out)
    return str(next(each["number"] for each in told["suggestions"] if each["id"] == "typo_augmentation"))


@pytest.fixture(scope="module")
def iterated(finished, tmp_path_factory) -> Path:
    """A copy of the finished run in which a suggestion was tried, killed in the middle, and resumed."""
    home = tmp_path_factory.mktemp("improved") / "home"
    shutil.copytree(finished.home, home, symlinks=True)
    command = [ML_INTERN, "improve", "--apply", applicable(home), "--json"]
    with subprocess.Popen(
        command, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "stage_started" and event["stage"] == "smoke":
                process.send_signal(signal.SIGKILL)
                break
    ended = ml_intern(home, "resume", "--json")
    assert ended.code == 0, ended.err
    assert "train" in {event["stage"] for event in ended.events[:-1]}
    return home


def test_the_table_says_what_the_stored_predictions_say(iterated, finished):
    with opened_run(iterated) as run:
        made, split, report = run.need(Improvements), run.need(Split), run.need(DataReport)
        truth = pl.read_parquet(run.folder / split.sealed_test.path)
        files = sorted((run.folder / "evaluation").glob("predictions-*.parquet"))
        trained = run.need(TrainingRun).config_sha256[:8]
    assert made.compared is not None and len(files) == 2
    right = {}
    for file in files:
        said = pl.read_parquet(file).rename({"row_id": "test_case_id", "label": "said"})
        rows = truth.join(said, on="test_case_id")
        right[file.stem.removeprefix("predictions-") == trained] = (
            rows[report.label.name] == rows["said"]
        ).mean()
    accuracy = next(each for each in made.compared.differences if each.measure.startswith("accuracy"))
    assert accuracy.before == pytest.approx(right[False]) and accuracy.after == pytest.approx(right[True])
    assert accuracy.change.value == pytest.approx(right[True] - right[False], abs=1e-9)
    aimed = [each for each in made.compared.differences if each.aimed_at]
    assert aimed and aimed[0].measure.startswith("failures")
    assert made.compared.titles and made.compared.config == {"typo_augmentation": (0.0, 0.5)}
    assert made.compared.verdict.startswith(("It helped", "It did not help", "It made things worse"))


def test_the_plan_names_the_change_and_was_approved_anew(iterated):
    with opened_run(iterated) as run:
        plans = [each for each in run.history if each.kind == "training_plan"]
        assert len(plans) == 2 and "typo_augmentation: 0.0 → 0.5" in plans[-1].content
        assert len({answer.subject_sha256 for answer in run.answers}) == 2


def test_people_see_before_and_after(iterated):
    shown = ml_intern(iterated, "improve")
    assert shown.code == 0 and "typo_augmentation: 0.0 → 0.5" in shown.out
    assert all(len(line) <= 100 for line in shown.out.splitlines())
    assert "differ by chance alone" in " ".join(shown.out.split())


def test_it_can_be_taken_back_without_training(iterated, finished, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(iterated, home, symlinks=True)
    ended = ml_intern(home, "improve", "--undo", "--json")
    assert ended.code == 0, ended.err
    with opened_run(home) as run:
        config = run.need(TrainingRun).config_sha256
        jobs = [folder.name for folder in (run.folder / "jobs").glob("train-*")]
    assert config == finished.artifacts()["training_run"].config_sha256 and len(jobs) == 2
    assert ended.result["metrics"] == finished.ended.result["metrics"]
    told = json.loads(ml_intern(home, "improve", "--json").out)
    with opened_run(iterated) as run:
        helped = run.need(Improvements).compared.verdict.startswith("It helped")
    assert any(each["config"] == {"typo_augmentation": 0.5} for each in told["suggestions"]) == helped
    assert told["compared"] is None, "to go back is no experiment"
    shutil.copytree(finished.folder / "bundle", tmp_path / "first")
    with opened_run(iterated) as run:
        shutil.copytree(run.folder / "bundle", tmp_path / "second")
    for folder in ("first", "second"):  # both are of this run, whichever of them it stands at
        checks = json.loads(ml_intern(home, "verify", tmp_path / folder, "--json").out)["checks"]
        assert next(each["ok"] for each in checks if each["id"] == "scores") is True
    again = ml_intern(home, "improve", "--undo")
    assert again.code == 2 and "no earlier model" in again.told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--apply", "99"], "There is no suggestion 99"),
        (["--apply", "one"], "is no list of numbers"),
        (["--undo"], "no earlier model"),
        (["--undo", "--apply", "1"], "exclude each other"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(finished, arguments, said):
    before = ml_intern(finished.home, "show", "--json").out
    ended = ml_intern(finished.home, "improve", *arguments)
    assert ended.code == 2 and said in ended.told
    after = ml_intern(finished.home, "show", "--json").out
    kept = ("stages", "artifacts", "approvals", "metrics")
    assert {name: json.loads(before)[name] for name in kept} == {
        name: json.loads(after)[name] for name in kept
    }
