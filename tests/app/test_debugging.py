"""A drafted script is spoilt, and the playbook finds, mends and records it, or ends honestly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelResponse, ToolCallPart

from ml_intern.app.drive import start
from ml_intern.app.home import open_home
from ml_intern.app.shell import Shell
from ml_intern.brains.playbook.model import Playbook
from ml_intern.records.approval import ApprovalPolicy
from ml_intern.records.runs import Event, EventName, RunRequest
from ml_intern.records.training import SmokeReport, TrainingRun, TrainingScript
from ml_intern.tools.edit_script import edit_script
from ml_intern.training.script import read_scripts
from tests.runs import opened_run
from tests.training.test_packages import wheel


def spoiling(old: str, new: str) -> type[Playbook]:
    """A brain that replaces `old` in the drafted train.py once, then goes on as the playbook does."""

    class Saboteur(Playbook):
        spoilt = False

        async def request(self, messages, model_settings, model_request_parameters):
            stage = self._view.stage()
            if stage is None or stage.name != "smoke" or self.spoilt:
                return await super().request(messages, model_settings, model_request_parameters)
            self.spoilt = True
            text = read_scripts(self._view.need(TrainingScript), self._view.folder)["train.py"]
            assert old in text
            files = {"train.py": text.replace(old, new, 1)}
            call = ToolCallPart(edit_script.name, {"files": files}, tool_call_id=f"{len(messages)}-spoil")
            return ModelResponse([call], model_name=self.model_name)

    return Saboteur


def run(
    home_folder: Path,
    tickets: Path,
    brain: type[Playbook],
    answers: Mapping[str, str] | None = None,
    until: str | None = None,
) -> tuple[dict[str, Any], list[Event]]:
    """A linear run under this brain; `answers` are given to questions that contain their key."""
    heard: list[Event] = []

    def ask(question: str, options: tuple[str, ...]) -> str | None:
        return next((answer for key, answer in (answers or {}).items() if key in question), None)

    request = RunRequest(
        sentence="Label customer support tickets by issue type.",
        data=str(tickets),
        policy=ApprovalPolicy.PLAN,
    )
    home = open_home(home_folder)
    shell = Shell(heard.append, ask, lambda subject, sha256: None, brain=brain)
    result = start(home, request, shell, until)
    home.engine.dispose()
    return result, heard


@pytest.mark.parametrize("until", ["smoke", pytest.param("package", marks=pytest.mark.long)])
def test_a_bug_is_found_diagnosed_mended_and_recorded(until, tickets, tmp_path):
    good = 'f1_score(validation_truth, answers, average="macro", zero_division=0)'
    brain = spoiling(good, good.replace('"macro"', '"macro_avg"'))
    result, heard = run(tmp_path, tickets, brain, until=until)
    assert result["status"] == "done", result
    repair = next(event for event in heard if event.event is EventName.REPAIR)
    assert repair.data["bug"] == "metric_name"
    assert "'macro_avg'" in repair.data["evidence"]
    with opened_run(tmp_path) as opened:
        report = opened.need(SmokeReport)
        reports = [stored for stored in opened.history if stored.kind == SmokeReport.kind]
    assert report.passed and len(report.repairs) == 1 and len(reports) == 2
    assert {"--- a/train.py", "+++ b/train.py"} <= set(report.repairs[0].diff.splitlines())
    assert "macro_avg" in report.repairs[0].diff
    if until == "package":
        assert "The smoke test found a bug, metric" in (Path(result["bundle"]) / "README.md").read_text()


@pytest.mark.long
def test_a_missing_package_is_installed_after_asking_and_seen_by_the_jobs(tickets, tmp_path, monkeypatch):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "sevenish")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    brain = spoiling("import numpy as np", "import numpy as np\nimport sevenish\nassert sevenish.VALUE == 7")
    refused, _ = run(tmp_path / "refused", tickets, brain)
    assert refused["exit_code"] == 2
    assert "sevenish, which is not on the approved list" in refused["error"]
    result, _ = run(tmp_path / "home", tickets, brain, {"sevenish": "yes"}, until="train")
    assert result["status"] == "done", result
    with opened_run(tmp_path / "home") as opened:
        assert opened.need(TrainingScript).packages == ("sevenish",)
        assert opened.need(SmokeReport).repairs[0].packages == ("sevenish",)
        assert opened.need(TrainingRun).curve


def test_what_cannot_be_mended_ends_with_the_evidence(tickets, tmp_path):
    brain = spoiling("def main(", "raise RuntimeError('the cat ate it')\n\n\ndef main(")
    result, _ = run(tmp_path, tickets, brain)
    assert result["exit_code"] == 1
    assert "the cat ate it" in result["error"]


def test_a_script_that_cannot_be_started_twice_does_not_pass(tickets, tmp_path):
    """A killed training is started again; the smoke test sees to it that this works."""
    brain = spoiling(
        "def main(", "if Path('outputs/checkpoints').exists():\n    sys.exit('I ran before')\n\n\ndef main("
    )
    result, _ = run(tmp_path, tickets, brain)
    assert result["exit_code"] == 1
    assert "I ran before" in result["error"]
