"""Reading a job's log: the exception that ended it, and the line of the script where it was raised.

A log is hostile text. It is cut before anything looks at it, and every pattern is anchored or bounded, so
that reading takes time linear in what is left.
"""

import re
from pathlib import PurePath
from typing import NamedTuple

from ml_intern.training.repair.failure import Failure

LINES = 400
LONGEST_LINE = 4000
FRAME = re.compile(r'^\s{0,8}File "([^"]{1,500})", line (\d{1,7})')
COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
EXCEPTION = re.compile(r"^([A-Za-z_][A-Za-z0-9_.]{0,150}(?:Error|Exception|Exit|Interrupt))(?::[ ]?(.*))?$")


class Crash(NamedTuple):
    """The last exception in a log: its class without the module, its message and its line in the log.

    `frames` are the places in the run's own scripts that the traceback passes, innermost first.
    """

    kind: str
    message: str
    line: str
    frames: tuple[tuple[str, int], ...]


def bounded(log: tuple[str, ...]) -> tuple[str, ...]:
    """The last lines of a log, one per line of text, cut to `LONGEST_LINE` characters and without colours."""
    lines = [part for line in log[-LINES:] for part in line[: LONGEST_LINE * 4].splitlines()]
    return tuple(COLOUR.sub("", line[:LONGEST_LINE]) for line in lines[-LINES:])


def crash(failure: Failure) -> Crash | None:
    """The last exception that the log tells of; None where it tells of none."""
    for number in range(len(failure.log) - 1, -1, -1):
        if match := EXCEPTION.match(failure.log[number]):
            kind = match[1].rpartition(".")[2]
            return Crash(kind, match[2] or "", failure.log[number], _frames(failure, number))
    return None


def last_match(pattern: re.Pattern[str], log: tuple[str, ...]) -> tuple[re.Match[str], str] | None:
    """The last line that the pattern is found in, with the match."""
    for line in reversed(log):
        if match := pattern.search(line):
            return match, line
    return None


def _frames(failure: Failure, end: int) -> tuple[tuple[str, int], ...]:
    """Frames of the traceback that ends at line `end`, in the scripts of the run, innermost first."""
    found = []
    for line in reversed(failure.log[:end]):
        if line.startswith("Traceback (most recent call last)"):
            break
        if match := FRAME.match(line):
            path = PurePath(match[1])
            if path.name in failure.files and "site-packages" not in path.parts:
                found.append((path.name, int(match[2])))
    return tuple(found)
