"""An interrupt at any instant of drawing ends the drive as an interrupt, with the terminal in order."""

import io
import signal
import sys
from types import FrameType
from typing import Any

import pytest
from rich.console import Console

from ml_intern.cli import terminal
from ml_intern.cli.interrupts import interrupts, undisturbed


def press_at(place: int) -> Any:
    """A tracer that presses Ctrl-C at this line of rich's live display."""
    lines = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        if not frame.f_code.co_filename.endswith(("rich/live.py", "rich/status.py")):
            return None
        if event == "line":
            lines += 1
            if lines == place:
                signal.raise_signal(signal.SIGINT)
        return trace

    return trace


@pytest.fixture
def handlers():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGINT, before[0])
    signal.signal(signal.SIGTERM, before[1])


def test_at_every_line_of_starting_and_ending_what_is_drawn(monkeypatch, handlers):
    pressed = 0
    for place in range(1, 60):
        console = Console(file=io.StringIO(), force_terminal=True, width=80)
        monkeypatch.setattr(terminal, "CONSOLE", console)
        view = terminal.Terminal()
        before = sys.gettrace()
        try:
            with interrupts():
                sys.settrace(press_at(place))
                view._wait_for("reading")
                view._wait_for("writing")
        except KeyboardInterrupt:
            pressed += 1
        finally:
            sys.settrace(before)
        view.close()
        assert not console._live_stack and not console._render_hooks
    assert pressed > 30


def test_it_waits_for_the_end_of_the_step_and_comes_once(handlers):
    done = []
    with interrupts():
        with pytest.raises(KeyboardInterrupt):
            with undisturbed(), undisturbed():
                signal.raise_signal(signal.SIGINT)
                done.append("the step")
            done.append("not reached")
        sum(range(1000))
    assert done == ["the step"]
