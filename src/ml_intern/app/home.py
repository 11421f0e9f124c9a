"""Where state lives, and opening it."""

import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path
from sqlalchemy import Engine

from ml_intern.compute.backends import open_backend
from ml_intern.ports.backend import Backend
from ml_intern.records.errors import InternError
from ml_intern.records.jobs import LOCAL, JobEntry
from ml_intern.records.runs import RunRecord, RunRequest
from ml_intern.store import runs
from ml_intern.store.database import open_database
from ml_intern.store.jobs import JobTable
from ml_intern.store.lock import run_lock
from ml_intern.store.trouble import cannot_write, explain

STATE = "state.db"
"""Where the state of all runs lies in a home."""
DATASETS = "datasets"
"""The folder in a home for datasets from the Hub."""


def default_home() -> Path:
    """`$ML_INTERN_HOME`, else the platform's folder for user data."""
    configured = os.environ.get("ML_INTERN_HOME")
    return Path(configured) if configured else user_data_path("ml-intern")


def explain_here(error: BaseException) -> InternError | None:
    """The machine's trouble behind an error, in words, or None where it is something else."""
    return explain(error, default_home().expanduser().resolve())


@dataclass(frozen=True)
class Home:
    """An opened state folder."""

    path: Path
    engine: Engine

    def backend(self, name: str) -> Backend:
        """The backend of this name.

        Raises:
            SandboxMissing: it needs a sandbox that this system cannot have.
        """
        return open_backend(name, self.path)

    def folder(self, run_id: str) -> Path:
        """The folder of a run."""
        return self.path / "runs" / run_id

    def create_run(self, request: RunRequest) -> RunRecord:
        """Record a new run and make its folder."""
        run_id = secrets.token_hex(4)
        self.folder(run_id).mkdir(parents=True, mode=0o700)
        with self.engine.begin() as connection:
            runs.create(connection, run_id, request)
            return runs.resolve(connection, run_id)

    def resolve(self, prefix: str | None) -> RunRecord:
        """The run whose id starts with `prefix`, or the latest."""
        with self.engine.begin() as connection:
            return runs.resolve(connection, prefix)

    def every_run(self) -> list[RunRecord]:
        """All runs, newest first."""
        with self.engine.begin() as connection:
            return runs.every(connection)

    def runner(self) -> Backend:
        """Who runs the jobs of the embedded Hub: the sandbox of this machine.

        Raises:
            SandboxMissing: this system cannot have one.
        """
        return self.backend(LOCAL)

    def remove_run(self, prefix: str, end: Callable[[JobEntry], None]) -> RunRecord:
        """End the run's jobs and delete all that is kept of it; `end` ends one and deletes it.

        Raises:
            RunLocked: a living process drives it.
        """
        record = self.resolve(prefix)
        folder = self.folder(record.id)
        with run_lock(folder, record.id):
            for entry in JobTable(self.engine).entries(record.id):
                end(entry)
            with self.engine.begin() as connection:
                runs.remove(connection, record.id)
        shutil.rmtree(folder, ignore_errors=True)
        return record


def open_home(path: Path | None = None) -> Home:
    """Open the state folder, making it where it does not exist.

    Raises:
        InternError: it cannot be written.
    """
    home = (path or default_home()).expanduser().resolve()
    try:
        (home / "runs").mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / "jobs").mkdir(exist_ok=True, mode=0o711)
    except OSError as error:
        raise explain(error, home) or cannot_write(home, error.strerror or "") from error
    # matplotlib keeps a list of fonts in the user's cache; nothing of ours lies outside this folder.
    os.environ.setdefault("MPLCONFIGDIR", str(home / "cache" / "matplotlib"))
    return Home(home, open_database(home / STATE))
