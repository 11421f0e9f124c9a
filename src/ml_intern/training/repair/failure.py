"""What a repair starts from and what it proposes. Values only."""

from typing import Any

from pydantic import Field

from ml_intern.records.base import Record
from ml_intern.records.jobs import JobState


class Failure(Record):
    """A smoke test that did not pass.

    `step` is the smoke step or check that failed (`train`, `restart`, `reload`, `metrics`, …), `log` the
    last lines that the job wrote and what the check said, `files` the texts of the scripts by name, `config`
    the config they ran with.
    Log and scripts may be hostile: they are read, never run.
    """

    step: str
    state: JobState
    log: tuple[str, ...]
    files: dict[str, str]
    config: dict[str, Any]


class Patch(Record):
    """One bug and what mends it.

    `files` holds the full new text of each changed script, `config` the changed settings only, `packages`
    the names on PyPI to install. `evidence` is the line of the log that proves the bug, cut to
    `log.LONGEST_LINE`; where the job left no word, it is its state.
    """

    bug: str
    explanation: str
    evidence: str
    files: dict[str, str] = Field(default_factory=dict)
    config: dict[str, Any] = Field(default_factory=dict)
    packages: tuple[str, ...] = ()
