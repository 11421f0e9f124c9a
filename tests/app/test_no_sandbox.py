"""Where there is no bubblewrap: who is asked, what is said, and that the path without it works."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from ml_intern.records.training import TrainingPlan, TrainingRun
from tests.cli.test_terminal import Typist
from tests.runs import TASK, ml_intern, opened_run

LOST = "look up the sealed test labels"


@pytest.fixture
def no_bubblewrap(tmp_path, monkeypatch):
    """A PATH with everything but bubblewrap."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for program in Path(folder).glob("*") if Path(folder).is_dir() else ():
            if program.name != "bwrap" and not (tools / program.name).exists():
                (tools / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(tools))
    assert shutil.which("bwrap") is None


def test_nobody_to_ask_means_no(no_bubblewrap, tmp_path, tickets):
    home = tmp_path / "home"
    ended = ml_intern(home, "run", TASK, "--data", tickets, "--approve", "all", "--json")
    assert (ended.code, ended.result["stage"]) == (5, "baseline")
    assert "bubblewrap (bwrap) is not installed" in ended.result["error"]
    for words in ("apt-get install bubblewrap", "--no-sandbox", LOST):
        assert words in ended.result["hint"]
    checks = {check["id"]: check for check in ml_intern(home, "doctor", "--json").events[0]["checks"]}
    assert not checks["sandbox"]["ok"]
    assert "apt-get install bubblewrap" in checks["sandbox"]["hint"]


def test_asked_on_a_terminal_one_can_say_no_or_yes(no_bubblewrap, tmp_path, tickets):
    home = tmp_path / "home"
    typist = Typist(home, "run", TASK, "--data", str(tickets), "--approve", "plan", "--until", "baseline")
    assert LOST in " ".join(typist.wait_for("[no/yes]").split())
    typist.type("no")
    assert typist.end() == 5
    typist = Typist(home, "resume", "--until", "baseline")
    typist.wait_for("[no/yes]")
    typist.type("yes")
    assert typist.end() == 0
    assert "as the user at the terminal said" in " ".join(typist.screen.split())


IMPORTER = """
import builtins
ours, original = "ml_intern", builtins.__import__
ABSENT = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty"}
def guarded(name, globals=None, *rest, **more):
    importer = (globals or {}).get("__name__", "")
    if name in ABSENT and importer.startswith(ours):
        raise ImportError(f"{importer} imports {name}, which Windows lacks")
    return original(name, globals, *rest, **more)
builtins.__import__ = guarded
"""


@pytest.mark.parametrize("until", ["smoke", pytest.param("package", marks=pytest.mark.long)])
def test_without_a_sandbox_a_run_works_and_says_so(until, no_bubblewrap, tmp_path, tickets, monkeypatch):
    """Also without the modules that only Unix has, as far as our own code asks for them."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(IMPORTER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    home = tmp_path / "home"
    options = ("--approve", "plan", "--no-sandbox", "--until", until, "--json")
    ended = ml_intern(home, "run", TASK, "--data", tickets, *options)
    assert ended.code == 0, ended.result["error"]
    told = [event["text"] for event in ended.events if event["event"] == "message"]
    assert any(LOST in text and "--no-sandbox" in text for text in told)
    if until == "package":
        with opened_run(home) as run:
            plan, trained = run.need(TrainingPlan), run.need(TrainingRun)
            card = (run.folder / "bundle" / "README.md").read_text()
        assert plan.backend == trained.backend == "unsandboxed"
        assert any(LOST in note for note in plan.notes)
        assert "without a sandbox" in card
    logs = ml_intern(home, "logs")
    assert ("train:" if until == "package" else "smoke:") in logs.out + logs.err
    assert ml_intern(home, "rm", ended.result["run"][:4]).code == 0
    assert list((home / "unsandboxed").glob("[!.]*")) == []


def test_a_system_that_cannot_have_one_is_told(tmp_path, monkeypatch):
    from ml_intern.compute.backends import open_backend
    from ml_intern.records.errors import SandboxMissing

    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxMissing, match="needs Linux") as missing:
        open_backend("local", tmp_path)
    assert "container" in missing.value.hint
    open_backend("unsandboxed", tmp_path).check()
