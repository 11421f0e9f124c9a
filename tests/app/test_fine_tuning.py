"""A transformer from a sentence to a package: debugging, a plan that changes, training, verdict."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ml_intern.hub.access import HubAccess
from ml_intern.hub.server.app import open_hub_folder
from ml_intern.hub.server.serve import served
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.research import ModelChoice
from ml_intern.records.training import Baselines, SmokeReport, TrainingPlan, TrainingRun
from tests.conftest import Finished
from tests.runs import in_process, ml_intern

TASK = (
    "Label customer support tickets by issue type, fine-tune a lightweight transformer model, evaluate with "
    "accuracy and macro F1."
)


@pytest.fixture(scope="session")
def waiting(tickets, small, tmp_path_factory) -> Finished:
    """A run whose plan waits."""
    home = tmp_path_factory.mktemp("waiting")
    ended = ml_intern(home, "run", TASK, "--data", tickets, "--base-model", small, "--json")
    assert ended.code == 3, ended.out + ended.err
    return Finished(home, ended)


@pytest.fixture(scope="session")
def tuned(waiting, tmp_path_factory) -> Finished:
    home = shutil.copytree(waiting.home, tmp_path_factory.mktemp("tuned") / "home", symlinks=True)
    ended = ml_intern(home, "approve", "--json")
    assert ended.code == 0, ended.out + ended.err
    return Finished(home, ended)


def test_the_smoke_test_kills_resumes_overfits_and_measures(waiting):
    report = waiting.artifacts()[SmokeReport.kind]
    assert isinstance(report, SmokeReport)
    said = {check.id: check.message for check in report.checks}
    assert report.passed
    assert said["restart"] == "killed and started again, it goes on from its checkpoint"
    assert "the loss fell from" in said["overfit"]
    assert {"reload", "predictions", "round_trip", "honest_metrics", "format"} <= set(said)
    assert report.rows_per_second > 0
    assert report.predict_rows_per_second > 0
    assert report.peak_memory_bytes > 100 << 20


@pytest.mark.long
def test_a_change_of_the_plan_shows_what_follows_from_it(waiting, tmp_path):
    home = shutil.copytree(waiting.home, tmp_path / "home", symlinks=True)
    changed = ml_intern(home, "deny", "--reason", "epochs=2", "--json")
    assert changed.code == 3, changed.out + changed.err
    plan = Finished(home, changed).artifacts()[TrainingPlan.kind]
    assert isinstance(plan, TrainingPlan)
    assert plan.answers == ("epochs=2",)
    assert plan.changes[0] == "epochs: 4 → 2"
    assert all(re.match(r"(minutes|cost|memory): .+ → .+", follows) for follows in plan.changes[1:])
    assert {choice.name: choice.value for choice in plan.hyperparameters}["epochs"] == "2"
    assert all(choice.reason for choice in plan.hyperparameters)
    assert "2 epochs of" in plan.minutes.basis
    assert plan.expected.low <= plan.expected.value <= plan.expected.high


def test_the_frozen_encoder_is_scored_before_and_after(tuned):
    baselines = tuned.artifacts()[Baselines.kind]
    assert isinstance(baselines, Baselines)
    assert [model.name for model in baselines.scores] == ["majority", "linear", "probe"]
    assert set(tuned.ended.result["baselines"]) == {"majority", "linear", "probe"}


def test_it_says_first_that_the_linear_baseline_was_not_beaten(tuned):
    result = tuned.ended.result
    assert result["findings"][0]["id"] == "no_better_than_linear"
    assert result["worth"].startswith("It was not worth it: the linear baseline does ")
    evaluation = tuned.artifacts()[Evaluation.kind]
    assert isinstance(evaluation, Evaluation)
    linear = next(c for c in evaluation.comparisons if c.baseline == "linear")
    assert not linear.better
    assert linear.p_value < 0.05  # a random tiny model is truly worse


def test_progress_is_told_with_the_time_left(tuned):
    rows = [event for event in tuned.ended.events if event["event"] == "metric"]
    assert [row["step"] for row in rows] == sorted({row["step"] for row in rows})
    assert rows[-1]["seconds_left"] == 0
    assert rows[0]["seconds_left"] > 0
    assert {"loss", "accuracy", "macro_f1", "rows_per_second", "epoch"} <= set(rows[-1])


def test_curves_and_card_come_with_the_model(tuned):
    bundle = Path(tuned.ended.result["bundle"])
    assert (bundle / "evaluation" / "training_curves.png").stat().st_size > 5000
    header = (bundle / "evaluation" / "training_curves.csv").read_text().splitlines()[0]
    assert {"step", "loss", "validation_loss", "macro_f1"} <= set(header.split(","))
    card = (bundle / "README.md").read_text()
    choice = tuned.artifacts()[ModelChoice.kind]
    assert isinstance(choice, ModelChoice) and choice.base_model is not None
    assert choice.base_model.revision in card
    assert "library_name: transformers" in card
    assert "Was it worth it?" in card
    assert json.loads((bundle / "training" / "config.json").read_text())["base_model"] == "small"
    trained = tuned.artifacts()[TrainingRun.kind]
    assert isinstance(trained, TrainingRun)
    assert trained.alerts == ()


@pytest.mark.parametrize(
    ("words", "option", "said"),
    [
        ("fine-tune DistilBERT", [], "distilbert/distilbert-base-uncased cannot be had"),
        ("fine-tune a transformer", ["--base-model", "nobody/nothing-7b"], "nobody/nothing-7b cannot be had"),
        (
            "fine-tune a transformer",
            ["--base-model", "no such thing"],
            "neither a folder nor a name on the Hub",
        ),
        ("train a linear model", ["--base-model", "nobody/nothing-7b"], "starts from no base model"),
    ],
)
def test_a_base_model_that_cannot_be_had_is_never_replaced(
    words, option, said, tickets, tmp_path, monkeypatch
):
    ended = ml_intern(tmp_path, "run", f"Label tickets by issue type, {words}.", "--data", tickets, *option)
    assert ended.code == 2, ended.err
    assert said in ended.told


def test_a_folder_that_is_no_model_says_what_it_lacks(tickets, tmp_path):
    (tmp_path / "empty").mkdir()
    ended = ml_intern(tmp_path / "home", "run", TASK, "--data", tickets, "--base-model", tmp_path / "empty")
    assert ended.code == 2
    assert "config.json" in ended.told


def test_more_tokens_than_the_base_model_takes_are_refused_before_any_work(tickets, tiny, tmp_path):
    task = TASK.replace(".", ", max length 400.")
    ended = ml_intern(tmp_path, "run", task, "--data", tickets, "--base-model", tiny)
    assert ended.code == 2
    assert "asks for texts of 400 tokens; tiny takes at most 128" in ended.told


PIPELINE = """
import json, sys
from transformers import pipeline
print(json.dumps(pipeline("text-classification", sys.argv[1])(sys.argv[2])))
"""


@pytest.mark.long
def test_the_published_model_loads_with_plain_transformers(tuned, tmp_path):
    home = Path(shutil.copytree(tuned.home, tmp_path / "home", symlinks=True))
    assert in_process(home, "publish", "--to", "acme/tuned").code == 3
    given = in_process(home, "approve", "--json")
    assert given.code == 0, given.out + given.err
    assert given.result["published"]["repo"] == "acme/tuned"
    hub = open_hub_folder(home / "hub")
    with served(hub) as url:
        access = HubAccess(url, hub.catalogue.new_token("acme", "read"), embedded=True)
        done = subprocess.run(
            [sys.executable, "-c", PIPELINE, "acme/tuned", "Where is my parcel?"],
            env=os.environ | access.environment(tmp_path / "cache"),
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    (answer,) = json.loads(done.stdout.splitlines()[-1])
    evaluation = tuned.artifacts()[Evaluation.kind]
    assert isinstance(evaluation, Evaluation)
    assert answer["label"] in evaluation.labels and 0 < answer["score"] <= 1
    card = (home / "runs" / tuned.folder.name / "bundle" / "README.md").read_text()
    shown = re.search(r'>>> pipeline\("text-classification", "\."\)\(.*\)\[0\]\["label"\]\n(.*)\n', card)
    assert shown and shown[1].strip("'") in evaluation.labels
