"""Words of a brain, a script or a stranger reach the terminal as words: none of them acts on it."""

import io
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

import ml_intern.cli
from ml_intern.cli.console import SafeConsole
from ml_intern.cli.options import show_error
from ml_intern.cli.terminal import CONSOLE, LONGEST_DIFF, LONGEST_QUESTION, Terminal
from ml_intern.records.display import MAX_TOLD
from ml_intern.records.metrics import Metric
from ml_intern.records.runs import Event, EventName
from ml_intern.records.training import Choice, Prediction, TrainingPlan
from ml_intern.tools.accept_task import TaskDeclined, accept_task
from tests.lookups.bench import opened

CLEAR, TITLE, BACK = "\x1b[2J", "\x1b]0;root\x07", "\u202e"
HOSTILE = f"one {CLEAR}two {TITLE}three {BACK}four \x9b2K\r\x08five"
PREDICTION = Prediction(value=0.5, low=0.4, high=0.6, basis=HOSTILE)
PLAN = TrainingPlan(
    summary=HOSTILE,
    hyperparameters=(Choice(name=HOSTILE, value=HOSTILE * 1_000, reason=HOSTILE),),
    checkpoints=HOSTILE,
    backend="local",
    flavour=HOSTILE,
    expected=PREDICTION,
    minutes=PREDICTION,
    memory_bytes=1,
    cost_micro_usd=0,
    worst_case_micro_usd=0,
    time_limit_seconds=1,
    alternatives=(),
    notes=(HOSTILE,),
    answers=(HOSTILE,),
    changes=(HOSTILE,),
    script_sha256="",
    config_sha256="",
    dataset_fingerprint="",
)
EVENTS: list[tuple[EventName, dict[str, Any]]] = [
    (EventName.SAID, {"text": HOSTILE}),
    (EventName.MESSAGE, {"text": f"The task is locked: {HOSTILE}"}),
    (EventName.TOOL_CALLED, {"tool": HOSTILE, "arguments": {HOSTILE: HOSTILE}, "refused": HOSTILE}),
    (EventName.FINDING, {"severity": "high", "message": HOSTILE}),
    (
        EventName.REPAIR,
        {"bug": HOSTILE, "explanation": HOSTILE, "evidence": HOSTILE, "diff": f"+{HOSTILE}\n-{HOSTILE}"},
    ),
    (EventName.COMPUTE_REFUSED, {"place": HOSTILE, "reason": HOSTILE}),
    (EventName.COST, {"what": HOSTILE, "micro_usd": 1, "place": HOSTILE}),
    (EventName.APPROVAL_DENIED, {"subject": "training_plan", "by": HOSTILE, "reason": HOSTILE}),
    (
        EventName.APPROVAL_REQUIRED,
        {"subject": "training_plan", "plan": PLAN.model_dump(mode="json"), "why": [HOSTILE]},
    ),
]


def acting(shown: str) -> set[str]:
    """The characters in it that a terminal obeys."""
    return {each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}} - {"\n"}


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is printed on the terminal's own console, which else prints to whatever stderr is by then."""
    file = io.StringIO()
    monkeypatch.setattr(CONSOLE, "_file", file)
    return file


@pytest.mark.parametrize(("name", "data"), EVENTS)
def test_no_event_acts_on_the_terminal(screen, name, data):
    Terminal(calls=True).listen(Event(event=name, run="r", stage="plan", time="", data=data))
    shown = screen.getvalue()
    assert "one" in shown and not acting(shown)
    assert len(shown) < 20_000


def test_neither_a_question_nor_its_options_act_on_the_terminal(screen, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("a\\x1bb\n"))
    terminal = Terminal()
    terminal._interactive = True
    assert terminal.ask(f"{HOSTILE}\nIs that the task?", ("a\x1bb", "no")) == "a\x1bb"
    assert not acting(screen.getvalue())
    assert "\nIs that the task?\n" in screen.getvalue()


def test_a_task_that_a_brain_read_stays_on_its_own_lines(tmp_path, tickets):
    asked: list[str] = []
    with opened(tmp_path, interactive=True, ask=lambda question, options: asked.append(question)) as bench:
        request = bench.run.record.request.model_copy(update={"data": str(tickets)})
        bench.run.record = bench.run.record.model_copy(update={"request": request})
        with pytest.raises(TaskDeclined):
            accept_task.function(
                bench, "Label.\nReport: nothing", "topic", [Metric.ACCURACY], Metric.ACCURACY, "linear"
            )
    assert asked[0].splitlines() == [
        "Task: Label.\\nReport: nothing", "Predict: topic", "Report: accuracy", "May be spent: $0.00",
        "Is that the task?",
    ]  # fmt: skip


def test_a_long_question_keeps_its_end_and_one_that_a_server_is_asked_with_is_whole(screen):
    terminal = Terminal()
    terminal._interactive = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO("no\nno\n"))
        terminal.ask("x" * 1_000_000 + " Call it?", ("no",))
        assert len(screen.getvalue()) < 2 * LONGEST_QUESTION and "Call it?" in screen.getvalue()
        terminal.ask("\x1b" * 2_000 + " Call it?", ("no",))
    assert screen.getvalue().replace("\n", "").count("\\x1b") == 2_000


def test_long_words_and_changes_are_cut_and_say_so(screen):
    terminal = Terminal()
    diff = "\n".join(f"+line {number}" for number in range(LONGEST_DIFF + 50))
    data = {"bug": "b", "explanation": "x" * 100_000, "evidence": "", "diff": diff}
    terminal.listen(Event(event=EventName.REPAIR, run="r", stage="smoke", time="", data=data))
    shown = screen.getvalue()
    assert shown.count("x") < 2 * MAX_TOLD and "characters left out" in shown
    assert "+line 199" in shown and "+line 200" not in shown and "50 more lines" in shown


def test_an_error_does_not_act_on_the_terminal(capsys):
    show_error(HOSTILE, f"{HOSTILE}\n{HOSTILE}")
    assert not acting(capsys.readouterr().err)


@given(st.text(max_size=60))
def test_whatever_is_drawn_holds_no_control_character(text):
    console = SafeConsole(file=io.StringIO(), width=40, highlight=False)
    table = Table(title=Text(text))
    table.add_column(Text(text))
    table.add_row(Text(text, style="bold"))
    console.print(table)
    console.print(Text(text))
    console.print(text, markup=False)
    assert not acting(console.file.getvalue()) - {"\u200c", "\u200d"}  # these two only join letters


def test_styles_and_live_displays_still_reach_a_real_terminal():
    console = SafeConsole(file=io.StringIO(), force_terminal=True, color_system="standard", width=40)
    console.print(Text("hello", style="bold"))
    with console.status("waits"):
        pass
    assert "\x1b[1mhello\x1b[0m" in console.file.getvalue() and "\x1b[?25l" in console.file.getvalue()


def test_the_commands_have_no_other_console():
    sources = Path(ml_intern.cli.__file__).parent.rglob("*.py")
    assert not [path.name for path in sources if " Console(" in path.read_text(encoding="utf-8")]
