"""Ctrl-C, and the request to end: at once, never lost, and not in the middle of drawing."""

import _thread
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_drawing: list[None] = []
_waiting: list[None] = []


@contextmanager
def interrupts() -> Iterator[None]:
    """Within, Ctrl-C interrupts at once and is never lost; afterwards it is ignored."""
    dropped = sys.unraisablehook

    def not_lost(problem: Any) -> None:
        # One that arrives within a destructor, where Python drops it, arrives once more.
        if isinstance(problem.exc_value, KeyboardInterrupt):
            _thread.interrupt_main()
        else:
            dropped(problem)

    # Our own handler makes Ctrl-C end a blocking wait at once; asyncio's would only cancel at the next await.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    sys.unraisablehook = not_lost
    try:
        yield
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is stored: what is left is to say so
    finally:
        sys.unraisablehook = dropped
        _waiting.clear()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within, an interrupt waits: after half a step, what draws could neither go on nor end."""
    _drawing.append(None)
    try:
        yield
    finally:
        _drawing.pop()
        if _waiting and not _drawing:
            _waiting.clear()
            _thread.interrupt_main()  # which calls our handler once more, in the main thread


def _interrupt(signum: int, frame: object) -> None:
    if _drawing:
        _waiting.append(None)
    else:
        raise KeyboardInterrupt
