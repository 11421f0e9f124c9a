"""A job's folder on disk: where everything lies, and how it comes to be whole or not at all."""

import contextlib
import json
import os
import time
import uuid
from pathlib import Path

from ml_intern.compute import lock, transfer
from ml_intern.records.jobs import JobSpec, JobState, JobStatus

_LEFTOVER = "."
_LEFTOVER_SECONDS = 60


class JobFolder:
    """The files of one job. Its lock is held exactly while something of the job is alive."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.work = path / "work"
        self.lock = path / "lock"
        self.log = path / "log"
        self.launches = path / "launches"
        self.stop = path / "cancel"
        self._status = path / "status.json"

    def exists(self) -> bool:
        """Whether the job was prepared."""
        return self.path.is_dir()

    def runs(self) -> bool:
        """Whether anything of the job is alive."""
        return lock.is_held(self.lock)

    def processes(self) -> list[int]:
        """The supervisor and the sandbox's own processes: they have the lock and name this folder.

        Other programs may have the lock's file open too, for the moment in which they ask about it.
        """
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = os.fsencode(self.path) in (process / "cmdline").read_bytes()
                if ours and any(link.readlink() == self.lock for link in (process / "fd").iterdir()):
                    found.append(int(process.name))
        return found

    def end(self) -> JobStatus | None:
        """How the job ended, or None while it has not."""
        try:
            return JobStatus.model_validate_json(self._status.read_bytes())
        except FileNotFoundError:
            return None

    def spec(self) -> JobSpec:
        """The job as it was submitted."""
        return JobSpec.model_validate(json.loads((self.path / "job.json").read_text())["spec"])

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


def prepare(job: JobSpec, command: list[str], calls: bytes, uid: int | None, jobs: Path) -> int | None:
    """Make the complete folder of `job` below `jobs` and return the descriptor that holds its lock.

    A kill at any moment leaves either nothing of that name or all of it. Where another process was
    faster, its folder stays and the answer is None.

    Raises:
        ComputeRefused: an input cannot be given to a job.
    """
    draft, place = JobFolder(_beside(jobs, "preparing")), jobs / job.intent_id
    draft.work.mkdir(parents=True)
    held = lock.hold(draft.lock)  # tells others that this draft is no leftover
    try:
        transfer.copy_in(job.inputs, draft.work)
        if uid is not None:
            transfer.give_to(uid, draft.work)
        text = json.dumps({"spec": job.model_dump(mode="json"), "command": command}, indent=1)
        (draft.path / "job.json").write_text(text)
        (draft.path / "calls.bpf").write_bytes(calls)
        draft.path.chmod(0o700)
        draft.path.rename(place)  # fails where `place` exists, because that is never empty
    except BaseException as error:
        if held is not None:
            os.close(held)
        transfer.remove(draft.path)
        if isinstance(error, OSError) and place.exists():
            return None
        raise
    return held


def discard(folder: JobFolder) -> None:
    """Delete a job's folder; from the first moment on it is no longer found under its name."""
    doomed = _beside(folder.path.parent, "deleting")
    folder.path.rename(doomed)
    transfer.remove(doomed)


def clean(jobs: Path) -> None:
    """Delete what killed processes left behind while they prepared or deleted a folder."""
    for leftover in jobs.glob(f"{_LEFTOVER}*-*"):
        with contextlib.suppress(FileNotFoundError):
            old = time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS
            if old and not lock.is_held(leftover / "lock"):
                transfer.remove(leftover)


def count_lines(path: Path) -> int:
    """The number of lines of a file, 0 where there is none."""
    try:
        return len(path.read_bytes().splitlines())
    except FileNotFoundError:
        return 0


def _beside(jobs: Path, word: str) -> Path:
    return jobs / f"{_LEFTOVER}{word}-{uuid.uuid4().hex[:12]}"
