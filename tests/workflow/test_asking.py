"""A request for approval that comes when nothing waits is answered; the run goes on."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from ml_intern.app import drive
from ml_intern.app.home import open_home
from ml_intern.app.shell import Shell
from ml_intern.records.approval import Verdict
from ml_intern.records.runs import RunStatus
from ml_intern.records.training import TrainingPlan
from ml_intern.store import runs
from ml_intern.workflow.run import Run
from tests.conftest import Finished

Calls = Sequence[tuple[str, dict[str, Any]]]
EDIT = ("edit_script", {"config": {"C": [1.0]}})
STOP = ("stop_run", {"reason": "seen enough"})


class Scripted:
    """A brain that makes these calls, one response each, whatever it is told; `heard` is what it was told."""

    def __init__(self, *responses: Calls) -> None:
        self.left = list(responses)
        self.heard: list[str] = []
        self.view: Run | None = None

    def __call__(self, view: Run) -> FunctionModel:
        self.view = view
        return FunctionModel(self._answer)

    def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        assert self.view is not None
        self.heard += [str(getattr(part, "content", "")) for part in messages[-1].parts]
        known = {"plan_sha256": self.view.sha256(TrainingPlan)}
        calls = self.left.pop(0) if self.left else [STOP]
        parts = [ToolCallPart(name, known if given == "the plan" else given) for name, given in calls]
        return ModelResponse([TextPart("So be it."), *parts])


ASK: Any = ("request_approval", "the plan")
WRONG = ("request_approval", {"plan_sha256": "0" * 64})


@pytest.fixture
def waiting(planned: Finished, tmp_path: Path) -> Path:
    return Path(shutil.copytree(planned.home, tmp_path / "home", symlinks=True))


def went_on(home: Path, brain: Scripted, verdict: Verdict | None = None) -> dict[str, Any]:
    """Go on with the brain, after the plan was answered if there is a verdict."""
    opened = open_home(home)
    shell = Shell(lambda event: None, lambda question, options: None, lambda subject, sha: None, brain=brain)
    try:
        if verdict is None:
            return drive.resume(opened, None, shell)
        return drive.answer(opened, None, verdict, "a person", "", shell)
    finally:
        opened.engine.dispose()


@pytest.mark.parametrize("asked", [ASK, WRONG])
def test_in_the_stage_after_the_plan_it_is_told_so(waiting: Path, asked: Any) -> None:
    brain = Scripted([asked], [STOP])
    ended = went_on(waiting, brain, Verdict.APPROVED)
    assert ended["error"] == "seen enough", ended
    assert "nothing waits for approval now" in "\n".join(brain.heard)


@pytest.mark.parametrize("calls", [[EDIT, ASK], [ASK, EDIT]])
def test_beside_an_edit_that_makes_the_plan_void_it_is_told_so(waiting: Path, calls: Calls) -> None:
    brain = Scripted(calls, [STOP])
    ended = went_on(waiting, brain)
    assert ended["error"] == "seen enough", ended
    assert "nothing waits for approval now" in "\n".join(brain.heard).lower()
    assert ended["stage"] == "smoke"


def test_beside_a_note_it_waits_and_goes_on_once_that_is_answered(waiting: Path) -> None:
    note = ("note", {"text": "the plan is cheap"})
    assert went_on(waiting, Scripted([note, ASK]))["status"] == "waiting"
    brain = Scripted([STOP])
    assert went_on(waiting, brain, Verdict.APPROVED)["error"] == "seen enough"
    assert "The plan was approved by a person" in "\n".join(brain.heard)


def test_before_a_publication_is_planned_it_is_told_so(finished: Finished, tmp_path: Path) -> None:
    home = Path(shutil.copytree(finished.home, tmp_path / "home", symlinks=True))
    opened = open_home(home)
    record = opened.resolve(None)
    with opened.engine.begin() as connection:
        wished = record.request.model_copy(update={"publish": "acme/tickets"})
        runs.set_request(connection, record.id, wished)
        runs.set_status(connection, record.id, RunStatus.OPEN)
    opened.engine.dispose()
    brain = Scripted([WRONG], [STOP])
    assert went_on(home, brain)["error"] == "seen enough"
    assert "nothing waits for approval now" in "\n".join(brain.heard)


def test_whoever_asks_again_and_again_is_stopped(waiting: Path) -> None:
    brain = Scripted(*[[WRONG]] * 30)
    ended = went_on(waiting, brain, Verdict.APPROVED)
    assert ended["status"] == "failed" and len(brain.left) > 20
    assert "request_approval" in ended["error"]
