"""Nothing is trained without a yes, and a no changes the plan."""

import json
import shutil

import pytest

from ml_intern.app.home import open_home
from ml_intern.app.working import _why_not
from ml_intern.records.approval import ApprovalPolicy, Verdict
from ml_intern.records.runs import Approval
from ml_intern.records.training import TrainingPlan
from ml_intern.store import runs
from tests.conftest import Finished
from tests.runs import TASK, ml_intern, opened_run


def names(ended) -> list[str]:
    return [event["event"] for event in ended.events]


@pytest.fixture
def waiting(planned, tmp_path) -> Finished:
    """A run of one's own that waits for the approval of its plan."""
    return Finished(shutil.copytree(planned.home, tmp_path / "home", symlinks=True), planned.ended)


def test_without_a_terminal_it_waits_and_nothing_is_trained(waiting):
    home, result = waiting.home, waiting.ended.result
    assert (result["status"], result["stage"]) == ("waiting", "plan")
    assert result["question"].startswith("Train the linear recipe on 309 rows")
    plan = next(event for event in waiting.ended.events if event["event"] == "approval_required")
    assert plan["plan"]["cost_micro_usd"] == 0
    assert not list((home / "runs").glob("*/jobs/train-*"))

    again = ml_intern(home, "resume", "--json")
    assert (again.code, again.result["status"]) == (3, "waiting")


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (("resume", "--brain", "typo"), "no brain 'typo'"),
        (("resume", "--brain", "nobody:typo"), "no brain 'nobody:typo'"),
        (("resume", "--mcp", "typo"), "typo"),
        (("resume", "--say", "hurry", "--compute", "hf-jobs:t4-small"), "takes no words"),
    ],
)
def test_a_command_that_is_refused_leaves_the_run_waiting(waiting, refused, why):
    before = ml_intern(waiting.home, "show", "--json").out
    ended = ml_intern(waiting.home, *refused, "--json")
    assert ended.code == 2 and why in ended.events[-1]["message"], ended.out
    assert ml_intern(waiting.home, "show", "--json").out == before
    assert json.loads(before)["status"] == "waiting"


def test_a_denial_with_a_reason_changes_the_next_plan(waiting):
    home = waiting.home
    denied = ml_intern(home, "deny", "--reason", "C=0.5 and min_df=2", "--json")
    assert denied.code == 3
    plan = [event for event in denied.events if event["event"] == "approval_required"][-1]["plan"]
    settings = {choice["name"]: choice["value"] for choice in plan["hyperparameters"]}
    assert (settings["C"], settings["min_df"]) == ("[0.5]", "2")
    assert plan["answers"] == ["C=0.5 and min_df=2"]
    assert "smoke" in {event["stage"] for event in denied.events}, "the changed script must be tested again"

    script = json.loads(ml_intern(home, "show", "--artifact", "training_script").out)
    assert script["config"]["C"] == [0.5]


@pytest.mark.long
def test_what_a_denial_changed_is_what_is_trained(waiting):
    assert ml_intern(waiting.home, "deny", "--reason", "C=0.5 and min_df=2", "--json").code == 3
    assert ml_intern(waiting.home, "approve", "--json").code == 0
    trained = json.loads(ml_intern(waiting.home, "show", "--artifact", "training_run").out)
    assert [row["C"] for row in trained["curve"]] == [0.5]


def test_a_denial_without_a_usable_reason_ends_denied_and_can_be_turned(waiting):
    home = waiting.home
    denied = ml_intern(home, "deny", "--reason", "I do not like it", "--json")
    assert (denied.code, denied.result["status"]) == (4, "denied")
    assert "cannot turn that into a change" in denied.result["error"]
    assert ml_intern(home, "deny", "--json").code == 4
    assert ml_intern(home, "resume", "--json").code == 4

    approved = ml_intern(home, "approve", "--json")
    assert approved.code == 0
    assert names(approved)[0] == "approval_given"
    assert approved.result["metrics"]["accuracy"]["value"] > 0.8
    assert ml_intern(home, "approve", "--json").code == 2


def test_a_standing_permission_does_not_overrule_a_no(waiting):
    """A brain may ask again for the very plan that was denied."""
    with opened_run(waiting.home) as run:
        asked = run.question()
        plan = run.need(TrainingPlan)
        assert _why_not(run, ApprovalPolicy.PLAN, plan, asked.sha256) == []
        denied = {"verdict": Verdict.DENIED, "by": "a person", "reason": "no"}
        run.answer(Approval(subject_kind=asked.kind, subject_sha256=asked.sha256, **denied))
        assert _why_not(run, ApprovalPolicy.PLAN, plan, asked.sha256) == ["you have said no to exactly this"]


def test_a_plan_over_the_time_limit_is_not_covered_by_the_standing_permission(tmp_path, tickets):
    limited = ("--approve", "plan", "--time-limit", "0.05")
    ended = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--json", *limited)
    assert ended.code == 3
    required = next(event for event in ended.events if event["event"] == "approval_required")
    assert required["why"] == ["the plan may take longer than the time limit"]


def test_until_stops_after_a_stage_and_resume_goes_on(tmp_path, tickets):
    ended = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--until", "inspect", "--json")
    assert (ended.code, ended.result["stage"]) == (0, "baseline")
    assert not ended.result["baselines"]
    further = ml_intern(tmp_path, "resume", "--until", "draft", "--json")
    assert (further.code, further.result["stage"]) == (0, "smoke")
    assert ml_intern(tmp_path, "resume", "--json").code == 3


def test_a_script_that_was_changed_after_its_smoke_test_is_not_trained(waiting):
    home, ended = waiting.home, waiting.ended
    script = next((home / "runs").glob("*/script/train.py"))
    script.write_text(script.read_text() + "\n# an edit nobody tested\n")
    approved = ml_intern(home, "approve", "--json")
    assert approved.code == 1
    assert "was changed after" in approved.result["error"]
    assert ended.result["run"] == approved.result["run"]


def test_an_approval_can_be_taken_back_until_the_training_has_ended(waiting):
    """The advice of an alert: stop it, then change the plan."""
    home = waiting.home
    opened = open_home(home)
    record = opened.resolve(None)
    permitted = record.request.model_copy(update={"policy": ApprovalPolicy.PLAN})
    with opened.engine.begin() as connection:
        runs.set_request(connection, record.id, permitted)
    opened.engine.dispose()
    planned = ml_intern(home, "resume", "--until", "plan", "--json")
    assert (planned.code, planned.result["stage"]) == (0, "train")
    changed = ml_intern(home, "deny", "--reason", "C=1", "--json")
    assert changed.code == 0, changed.out
    names = [event["event"] for event in changed.events]
    assert names.index("approval_denied") < names.index("approval_given")
    metrics = [event["C"] for event in changed.events if event["event"] == "metric"]
    assert metrics == [1]
    again = ml_intern(home, "deny", "--reason", "C=3", "--json")
    assert again.code == 2
    assert "no plan that waits" in again.events[-1]["message"]
