"""A job's folder on disk: where everything lies, and what can be read from it."""

import contextlib
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from ml_intern.records.errors import ComputeRefused
from ml_intern.records.jobs import JobSpec, JobState, JobStatus

_MOST_LINE = 4000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
# Colours and other commands to a terminal: a job's output must not be able to give any.
_CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LEFTOVER = "."
"""What the names of folders begin with that are being made or deleted."""


class JobFolder:
    """The files of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / "work"
        self.log = path / "log"
        self.launches = path / "launches"
        self.stop = path / "cancel"
        self._status = path / "status.json"

    def exists(self) -> bool:
        """Whether the job was prepared."""
        return self.path.is_dir()

    def end(self) -> JobStatus | None:
        """How the job ended, or None while it has not."""
        try:
            return JobStatus.model_validate_json(self._status.read_bytes())
        except FileNotFoundError:
            return None

    def spec(self) -> JobSpec:
        """The job as it was submitted."""
        return JobSpec.model_validate(json.loads((self.path / "job.json").read_text())["spec"])

    def lines(self, seen: int) -> Iterator[str]:
        """The log lines after the first `seen`, made safe to print and at most 4000 characters long."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            for number, line in enumerate(log):
                if number >= seen and line.endswith(b"\n"):
                    yield printable(line[-(1 << 16) :].decode(errors="replace"))

    def cancelled(self) -> None:
        """Record that the job was cancelled; only for the holder of the lock."""
        status = JobStatus(
            state=JobState.CANCELLED, reason="it was cancelled", launches=count_lines(self.launches)
        )
        partial = self.path / "status.partial"
        partial.write_text(status.model_dump_json())
        partial.replace(self._status)

    def reopen(self) -> None:
        """Forget an earlier cancellation; only for the holder of the lock."""
        self._status.unlink(missing_ok=True)
        self.stop.unlink(missing_ok=True)


def place_of(jobs: Path, job_id: str) -> Path:
    """Where the job of this name lies below `jobs`.

    Raises:
        ComputeRefused: it cannot be the name of a job.
    """
    if not _NAME.fullmatch(job_id):
        raise ComputeRefused(f"{job_id!r} cannot be the name of a job.")
    return jobs / job_id


def count_lines(path: Path) -> int:
    """The number of lines of a file, 0 where there is none."""
    try:
        return len(path.read_bytes().splitlines())
    except FileNotFoundError:
        return 0


def beside(jobs: Path, word: str) -> Path:
    """A name for a folder that is being made or deleted; it does not exist yet."""
    return jobs / f"{LEFTOVER}{word}-{uuid.uuid4().hex[:12]}"


def printable(line: str) -> str:
    """A line as a terminal would leave it: of a progress bar that overwrites itself, the last state."""
    return _CONTROL.sub("", line.rstrip("\r\n").rpartition("\r")[2])[:_MOST_LINE]
