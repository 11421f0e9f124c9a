"""The conversation on a real terminal of 80 columns: a task, an answer, a change, an interrupt, a model."""

import re
import shutil
import stat
from pathlib import Path

import pytest

from ml_intern.app.home import open_home
from ml_intern.cli.chat import dispatch
from tests.brains.procedure import proceed, stage_of
from tests.brains.server import Asked, serving
from tests.conftest import Finished
from tests.runs import TASK, ml_intern
from tests.typist import Typist

LOOK = ("look_at", {"kind": "stress_report"})
CTRL_C = "\x03"


def at_plan(typist: Typist, tickets: Path) -> None:
    typist.wait_for("/quit leaves")
    typist.type(f"{TASK} --data {tickets}")
    typist.wait_for("Is that the task?")
    typist.type("yes")
    typist.wait_for("Train this? yes, no, edit, why or later")


def leave(typist: Typist) -> None:
    typist.type("/quit")
    typist.wait_for("Nothing is lost")
    assert typist.end() == 0


def test_a_task_is_planned_explained_changed_and_trained(tickets: Path, tmp_path: Path) -> None:
    typist = Typist(tmp_path)
    at_plan(typist, tickets)
    assert "· run_smoke_test()" in typist.screen, "calls are not shown"
    typist.type("why")
    assert "inverse strength of regularisation" in typist.wait_for("Train this?")
    typist.type("edit")
    assert "C = [0.1, 0.3, 1.0, 3.0]" in typist.wait_for("Settings to change")
    typist.type("C=1")
    assert re.search(r"changed +C: \[.*\] → \[1\]", typist.wait_for("Train this?"))
    typist.type("/diff")
    assert "+++ b/config.json" in typist.wait_for("plan: C:")
    typist.type("ok")
    typist.wait_for("only yes is one")
    typist.type("how long will it take?")
    assert "does not converse" in typist.wait_for("Train this?")
    typist.type("/calls --open 9")
    assert "edit_script" in typist.wait_for("Changed as asked")
    typist.type("later")
    typist.wait_for("It waits")
    typist.type("yes")
    typist.wait_for("Next: read")
    typist.type("/status")
    typist.wait_for("✓ package")
    typist.type("and now?")
    typist.wait_for("does not converse")
    leave(typist)
    with_all = open_home(tmp_path)
    assert [record.status.value for record in with_all.every_run()] == ["done"]


def test_ctrl_c_stops_the_step_and_twice_leaves(tickets: Path, tmp_path: Path) -> None:
    typist = Typist(tmp_path)
    typist.wait_for("/quit leaves")
    typist.type(f"{TASK} --data {tickets}")
    typist.wait_for("Is that the task?")
    typist.type("yes")
    typist.wait_for("✓ research")
    typist.press(CTRL_C)
    typist.wait_for("Go on with: ml-intern resume")
    typist.type("/resume")
    typist.wait_for("Train this?")
    typist.press(CTRL_C)
    typist.wait_for("once more leaves")
    typist.press(CTRL_C)
    assert typist.end() == 0
    assert "Traceback" not in typist.screen
    back = Typist(tmp_path)
    run = open_home(tmp_path).resolve(None).id
    back.wait_for(f"/use {run}")
    back.type(f"/use {run}")
    back.wait_for("Train this?")
    back.type("no")
    back.wait_for("was denied")
    leave(back)


def test_what_is_wrong_is_said_and_the_chat_goes_on(tmp_path: Path) -> None:
    typist = Typist(tmp_path)
    typist.wait_for("/quit leaves")
    typist.type("/nonsense")
    typist.wait_for("There is no command /nonsense")
    typist.type("/improve --aply 3")
    typist.wait_for("See: /improve --help")
    typist.type("/brain nosuch:model")
    typist.wait_for("Error:")
    typist.type("/use abcdef")
    typist.wait_for("Error:")
    secret = "hf_" + "i0VpEBOWfbZAVaBSo63bbH6xnAbnBEoonC"
    typist.type(f"/tell my key is {secret}")
    typist.wait_for("Error:")
    typist.type("/help")
    typist.wait_for("/verify")
    leave(typist)
    history = tmp_path / "chat-history"
    assert stat.S_IMODE(history.stat().st_mode) == 0o600
    assert "/tell my key is hf" in history.read_text() and secret not in history.read_text()


def test_a_paste_of_many_lines_is_one_text_and_typed_lines_are_found_again(tmp_path: Path) -> None:
    typist = Typist(tmp_path)
    typist.wait_for("/quit leaves")
    typist.type("/use abcdef")
    typist.wait_for("There is no run")
    typist.press("\x1b[200~/tell first\nsecond line\x1b[201~")
    typist.wait_for("second line")
    assert "Error" not in typist.screen.split("second line")[-1], "the paste was sent before Enter"
    typist.type("")
    typist.wait_for("Error:")
    typist.wait_for(">")
    typist.press("\x12abc")  # Ctrl-R
    typist.wait_for("/use abcdef")
    typist.press("\r\r")
    typist.wait_for("There is no run")
    leave(typist)
    kept = (tmp_path / "chat-history").read_text()
    assert "+/tell first\n+second line\n" in kept and kept.count("+/use abcdef") == 2


def test_a_run_that_is_deleted_is_let_go(finished: Finished, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(finished.home, home)
    run = finished.ended.result["run"]
    typist = Typist(home, "chat", run)
    typist.wait_for("done")
    typist.type("/rm")
    typist.wait_for("Missing argument")
    typist.type(f"/rm {run}")
    typist.wait_for("is gone")
    typist.type("/plan")
    typist.wait_for("There is no run yet")
    leave(typist)


def test_a_finished_run_is_talked_about_and_not_changed(finished: Finished, tmp_path: Path) -> None:
    def answer(asked: Asked) -> object:
        assert asked.tools == {"look_at", "read_script"}, "a finished run can be changed by talking"
        return "It has a verdict." if "verdict" in asked.returned else LOOK

    home = shutil.copytree(finished.home, tmp_path / "home", symlinks=True)
    with serving(answer) as server:
        typist = Typist(home, "chat", finished.ended.result["run"])
        typist.wait_for("done")
        typist.type(f"/brain {server.brain}")
        typist.type("what did the stress test find?")
        typist.wait_for("It has a verdict.")
        leave(typist)


def test_a_model_says_words_as_they_come_and_hears_what_it_is_told(tickets: Path, tmp_path: Path) -> None:
    heard: list[str] = []

    def answer(asked: Asked) -> object:
        heard.extend(str(m["content"]) for m in asked.body["messages"] if m["role"] == "user")
        if stage_of(asked) == "baseline" and not any("no rush" in words for words in heard):
            return "I would rather ask first: is there any hurry?"
        if "how long" in heard[-1]:
            return "It takes less than a minute."
        return proceed(asked)

    with serving(answer) as server:
        typist = Typist(tmp_path, "chat", "--brain", server.brain)
        typist.wait_for("/quit leaves")
        typist.type(f"{TASK} --data {tickets}")
        typist.wait_for("Is that the task?")
        typist.type("yes")
        typist.wait_for("is there any hurry?")
        typist.wait_for("Error: ")  # it does not get on by words alone
        typist.type("there is no rush, go on")
        typist.wait_for("Train this?")
        typist.type("how long would that take?")
        typist.wait_for("It takes less than a minute.")
        typist.wait_for("Train this?")
        assert any(asked.body.get("stream") for asked in server.asked)
        typist.type("/brain playbook")
        typist.wait_for("The brain is playbook")
        typist.type("yes")
        asked_before = len(server.asked)
        typist.wait_for("Next: read")
        assert len(server.asked) == asked_before, "the brain was changed, and the old one was asked"
        leave(typist)


def test_without_a_terminal_there_is_help_and_no_chat(tmp_path: Path) -> None:
    alone = ml_intern(tmp_path)
    assert alone.code == 0 and "Usage" in alone.out
    named = ml_intern(tmp_path, "chat")
    assert named.code == 2 and "needs a terminal" in named.told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Label tickets --data a.csv", ["Label tickets", "--data", "a.csv"]),
        ("Label it, don't spend --data 'a b.csv'", ["Label it, don't spend", "--data", "a b.csv"]),
        ("Label tickets", ["Label tickets"]),
    ],
)  # fmt: skip
def test_a_task_may_have_options_and_apostrophes(text: str, words: list[str]) -> None:
    assert dispatch.task_words(text) == words
