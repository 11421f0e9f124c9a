"""The UNKNOWN answer is made stricter and laxer again without a training, compared, packaged and verified."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from ml_intern.app import improve
from ml_intern.records.base import Artifact
from ml_intern.records.bundle import Bundle
from ml_intern.records.errors import UsageProblem
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import Improvements
from ml_intern.records.spec import AnswerRule, TaskSpec
from ml_intern.records.training import TrainingRun
from ml_intern.store.artifacts import StoredArtifact
from tests.runs import ml_intern, opened_run


@pytest.fixture(scope="module")
def stricter(finished, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("stricter") / "home"
    shutil.copytree(finished.home, home, symlinks=True)
    told = json.loads(ml_intern(home, "improve", "--json").out)
    number = next(each["number"] for each in told["suggestions"] if each["id"] == "unknown")
    ended = ml_intern(home, "improve", "--apply", str(number), "--json")
    assert ended.code == 0, ended.err
    stages = [event["stage"] for event in ended.events if event["event"] == "stage_started"]
    assert stages == ["evaluate", "stress", "improve", "package"]
    return home


def test_nothing_is_trained_or_asked_and_the_task_stays_locked(stricter, finished):
    with opened_run(stricter) as run:
        assert run.need(TrainingRun) == finished.artifacts()["training_run"]
        assert run.need(TaskSpec) == finished.artifacts()["task_spec"]
        assert len(run.answers) == 1
        assert len(list((run.folder / "jobs").glob("train-*"))) == 1


def test_the_table_says_what_it_brought_and_what_it_cost(stricter, finished):
    with opened_run(stricter) as run:
        compared = run.need(Improvements).compared
        now = run.need(Evaluation).abstention
    before = finished.artifacts()["evaluation"].abstention
    assert compared is not None and before is not None and now is not None
    assert compared.config == {"unknown": ("coverage=0.98", "coverage=0.9")}
    assert compared.titles == ("Answer UNKNOWN more often",)
    assert "Nothing was trained for it." in compared.verdict
    aimed = next(each for each in compared.differences if each.aimed_at)
    assert aimed.measure == "failures: all of what was aimed at" and aimed.after <= aimed.before
    found = {each.measure: each for each in compared.differences}
    scores = [next(each for each in made.scores if each.score == made.chosen) for made in (before, now)]
    held = found["share of the test rows answered UNKNOWN"]
    assert held.before == pytest.approx(1 - scores[0].coverage.value)
    assert held.after == pytest.approx(1 - scores[1].coverage.value) and held.after > held.before
    wrong = found["share of the test rows answered wrongly"]
    assert wrong.after == pytest.approx(scores[1].coverage.value * (1 - scores[1].accuracy.value))
    assert found["accuracy on all test rows"].change.value == 0


def test_the_package_carries_it_and_the_command_to_repeat_names_it(stricter, finished):
    thresholds = []
    for folder in (finished.folder, next((stricter / "runs").iterdir())):
        settings = json.loads((folder / "bundle" / "config.json").read_text())
        thresholds.append(settings["unknown"]["threshold"])
    assert thresholds[1] > thresholds[0]
    page = stricter.parent / "report.html"
    assert ml_intern(stricter, "report", "--out", page).code == 0
    assert "--unknown coverage=0.9" in page.read_text()
    with opened_run(stricter) as run:
        folder, made = run.folder / "bundle", run.need(Bundle)
    told = json.loads(ml_intern(stricter, "verify", folder, "--json").out)
    assert made.files and all(each["ok"] is not False for each in told["checks"]), told["checks"]


def test_it_can_be_taken_back(stricter, finished, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(stricter, home, symlinks=True)
    ended = ml_intern(home, "improve", "--undo", "--json")
    assert ended.code == 0, ended.err
    with opened_run(home) as run:
        now = run.need(Evaluation).abstention
        assert run.need(Improvements).compared is None
    assert now == finished.artifacts()["evaluation"].abstention
    again = ml_intern(home, "improve", "--undo")
    assert again.code == 2 and "no earlier model" in again.told


class Changed:
    """A run's history in which rule and script change in turns, each pair being evaluated."""

    def __init__(self, stored: dict[str, StoredArtifact], pairs: Sequence[str]) -> None:
        self.history, self.record = list[StoredArtifact](), SimpleNamespace(id="r")
        self.now = pairs[-1].split()
        chain = ("training_script", "smoke_report", "training_plan", "training_run")
        for pair in pairs:
            rule, script = pair.split()
            target = json.dumps({"unknown": {"coverage": 1 - int(rule[1]) / 10, "error": None}})
            self.history.append(stored["answer_rule"]._replace(sha256=rule, content=target))
            before = ""
            for kind in chain:
                inputs = {chain[chain.index(kind) - 1]: before} if before else {}
                before = script if kind == "training_script" else f"{kind} of {script}"
                content = json.loads(stored[kind].content)
                if kind == "training_script":
                    content["config"]["seed"] = int(script[1])
                made = stored[kind]._replace(sha256=before, inputs=inputs, content=json.dumps(content))
                self.history.append(made)
            made_of = {"answer_rule": rule, "training_run": before}
            self.history.append(stored["evaluation"]._replace(sha256=f"e {pair}", inputs=made_of))

    def sha256(self, kind: type[Artifact]) -> str:
        return self.now[kind is not AnswerRule]


@pytest.mark.parametrize(
    ("pairs", "before"),
    [
        (["r1 s1", "r1 s2"], "r1 s1"),
        (["r1 s1", "r2 s1"], "r1 s1"),
        (["r1 s1", "r1 s2", "r1 s1", "r2 s1", "r2 s2"], "r2 s1"),
        (["r1 s1", "r2 s1", "r2 s2", "r2 s1"], "r1 s1"),
        (["r1 s1", "r2 s1", "r1 s1"], None),
    ],
)
def test_undo_goes_back_one_evaluated_model(finished, pairs, before):
    with opened_run(finished.home) as run:
        changed = Changed({each.kind: each for each in run.history}, pairs)
    if before is None:
        with pytest.raises(UsageProblem, match="no earlier model"):
            improve._before(changed)
        return
    rule, script, *_ = improve._before(changed)
    assert (rule.unknown.coverage, script.config["seed"]) == (1 - int(before[1]) / 10, int(before[4]))
