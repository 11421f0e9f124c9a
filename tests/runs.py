"""Helpers that run the real command."""

import gc
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import hypothesis  # noqa: F401  (on import it asks the collector who holds a generator, which freeze() hides)
from typer.testing import CliRunner

if TYPE_CHECKING:
    from ml_intern.workflow.run import Run

ML_INTERN = str(Path(sys.executable).with_name("ml-intern"))
TASK = "Label customer support tickets by issue type; report accuracy, macro F1 and a confusion matrix."


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Its stdout, which must be JSON lines and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def told(self) -> str:
        """Its stderr in one line: where lines break depends on how long the paths in them are."""
        return " ".join(self.err.split())

    @property
    def result(self) -> dict[str, Any]:
        """The last line."""
        last = self.events[-1]
        assert last["event"] == "result", last
        return last


def environment(home: Path) -> dict[str, str]:
    nobody = "http://127.0.0.1:9"  # no test asks the real Hub
    return os.environ | {
        "ML_INTERN_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "100", "HF_ENDPOINT": nobody,
    }  # fmt: skip


def own_hub(home: Path) -> dict[str, str]:
    """The environment of a user who has configured no Hub and no token: the embedded one is used."""
    unset = {"HF_ENDPOINT", "HF_TOKEN", "HF_TOKEN_PATH"}
    kept = {name: value for name, value in environment(home).items() if name not in unset}
    return kept | {"HF_HOME": str(home / "no-token-here")}


def ml_intern(home: Path, *arguments: str | Path, hub: dict[str, str] | None = None) -> Ended:
    """Run the command in this process with `home` as its state folder and no terminal.

    It saves the seconds that a process takes to start and import. `hub` names a Hub by variables.
    """
    return _invoke(environment(home) | (hub or {}), arguments)


def in_process(home: Path, *arguments: str | Path) -> Ended:
    """Like `ml_intern`, with the embedded Hub of `home`, no endpoint or token configured."""
    return _invoke(own_hub(home), arguments)


def _invoke(variables: Mapping[str, str], arguments: Sequence[str | Path]) -> Ended:
    from ml_intern.cli.main import app

    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    with patch.dict(os.environ, variables, clear=True):
        try:
            ended = CliRunner().invoke(app, list(map(str, arguments)))
        finally:
            for each, handler in handlers.items():
                signal.signal(each, handler)
    with warnings.catch_warnings():  # what a process leaves open ends with it, and here it ends now
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.freeze()  # what is left are modules: the next collection need not go through them again
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


def ml_intern_process(
    home: Path, *arguments: str | Path, timeout: float = 300, hub: dict[str, str] | None = None
) -> Ended:
    """Run the command as a process of its own: for limits, signals, and what only a real exit shows."""
    done = subprocess.run(
        [ML_INTERN, *map(str, arguments)],
        env=environment(home) | (hub or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@contextmanager
def opened_run(home: Path) -> Iterator["Run"]:
    """The latest run of a home, read from its store."""
    from ml_intern.app.home import open_home
    from ml_intern.workflow.run import Run

    opened = open_home(home)
    try:
        record = opened.resolve(None)
        yield Run(opened.engine, record, opened.folder(record.id), lambda event: None)
    finally:
        opened.engine.dispose()
