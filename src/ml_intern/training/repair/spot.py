"""The place in a script where it crashed."""

import re
from typing import NamedTuple

from ml_intern.training.repair.failure import Failure
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.source import Source, parse

ANYTHING = re.compile("")


class Spot(NamedTuple):
    """A script by name, its source, the line that raised, and what the exception said.

    `evidence` is the line of the log that tells of it: the exception's class and its message.
    """

    name: str
    source: Source
    line: int
    message: str
    evidence: str


def crashed_at(failure: Failure, sign: re.Pattern[str] = ANYTHING) -> Spot | None:
    """Where in the run's own scripts an exception with this message came from."""
    found = crash(failure)
    if not found or not sign.search(found.message) or not found.frames:
        return None
    name, line = found.frames[0]
    source = parse(failure.files[name])
    return Spot(name, source, line, found.message, found.line) if source else None
