"""The user's side on a real terminal: questions, a plan changed in place, a training watched."""

import io
import re
import shutil
import time

import pytest
from rich.console import Console

from ml_intern.cli.watch import TrainingView
from tests.runs import TASK
from tests.typist import COLOURS, Typist


@pytest.mark.long  # the chat asks in the same words
def test_a_plan_is_changed_in_place_before_it_is_approved(planned, tmp_path):
    home = shutil.copytree(planned.home, tmp_path / "home", symlinks=True)
    typist = Typist(home, "resume")
    first = typist.wait_for("Train this?")
    assert "expected" in first and "minutes" in first
    typist.type("maybe")
    typist.wait_for("name a change such as epochs=3")
    typist.type("C=1")
    second = typist.wait_for("Train this?")
    assert "changed for" in second
    assert re.search(r"changed\s+C: \[.*\] → \[1\]", second)
    typist.type("yes")
    assert typist.end() == 0
    assert "Next: read" in typist.screen
    assert "macro F1" in typist.screen


def test_the_task_is_asked_for_before_anything_is_done(tickets, tmp_path):
    typist = Typist(tmp_path, "run", TASK, "--data", str(tickets), "--until", "research")
    typist.wait_for("Is that the task?")
    typist.type("yes")
    assert typist.end() == 0
    assert "✓ research" in typist.screen


def test_later_approves_nothing(planned, tmp_path):
    home = shutil.copytree(planned.home, tmp_path / "home", symlinks=True)
    typist = Typist(home, "resume")
    typist.wait_for("Train this?")
    typist.type("later")
    assert typist.end() == 3
    assert "ml-intern approve" in typist.screen


def rows():
    for step in range(1, 41):
        row = {"step": step, "steps": 40, "epoch": step // 10 + 1, "loss": 2 - step * 0.03}
        row |= {"seconds": 2.0 * step, "seconds_left": 2.0 * (40 - step), "rows_per_second": 40.0}
        yield row | ({"validation_loss": 1.5, "accuracy": 0.8, "macro_f1": 0.7} if step % 10 == 0 else {})


def shown(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, highlight=False)
    view = TrainingView(console)
    for row in rows():
        view.show(row)
        if terminal and row["step"] == 15:
            time.sleep(0.6)  # it is drawn four times a second
    view.close()
    return console.file.getvalue()


def test_a_terminal_shows_a_bar_the_time_left_and_what_was_validated():
    out = COLOURS.sub("", shown(True))
    assert re.search(r"step \d+ of 40  loss", out) and "━" in out and " left" in out
    assert re.search(r"40 +5 +0\.800 +1\.500 +0\.800 +0\.700 +40", out)


def test_a_pipe_gets_one_plain_line_for_each_validation():
    out = shown(False)
    assert "\x1b" not in out and "━" not in out
    lines = out.splitlines()
    assert len(lines) == 4 and all(len(line) <= 80 for line in lines)
    assert lines[0].split("  ")[1:4] == ["epoch 2", "loss 1.700", "val. loss 1.500"]
    assert lines[0].endswith("60 s left")
