"""The folder of a sandboxed job: its lock is held exactly while something of the job is alive."""

import contextlib
import json
import os
import time
from pathlib import Path

from ml_intern.compute import lock, transfer
from ml_intern.compute.folder import LEFTOVER, JobFolder, beside
from ml_intern.records.jobs import JobSpec

_LEFTOVER_SECONDS = 60


class HeldFolder(JobFolder):
    """A `JobFolder` with a lock that the job and its supervisor hold together."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lock = path / "lock"

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


def give_to(uid: int, folder: Path) -> None:
    """Make `folder` and everything in it belong to a user."""
    for parent, folders, files in os.walk(folder):
        for name in (".", *folders, *files):
            os.chown(Path(parent, name), uid, uid, follow_symlinks=False)


def prepare(job: JobSpec, command: list[str], calls: bytes, uid: int | None, jobs: Path) -> int | None:
    """Make the complete folder of `job` below `jobs` and return the descriptor that holds its lock.

    A kill at any moment leaves either nothing of that name or all of it. Where another process was
    faster, its folder stays and the answer is None.

    Raises:
        ComputeRefused: an input cannot be given to a job.
    """
    draft, place = HeldFolder(beside(jobs, "preparing")), jobs / job.intent_id
    draft.work.mkdir(parents=True)
    held = lock.hold(draft.lock)  # tells others that this draft is no leftover
    try:
        transfer.copy_in(job.inputs, draft.work)
        if uid is not None:
            give_to(uid, draft.work)
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


def discard(folder: HeldFolder) -> None:
    """Delete a job's folder; from the first moment on it is no longer found under its name."""
    doomed = beside(folder.path.parent, "deleting")
    folder.path.rename(doomed)
    transfer.remove(doomed)


def clean(jobs: Path) -> None:
    """Delete what killed processes left behind while they prepared or deleted a folder."""
    for leftover in jobs.glob(f"{LEFTOVER}*-*"):
        with contextlib.suppress(FileNotFoundError):
            old = time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS
            if old and not lock.is_held(leftover / "lock"):
                transfer.remove(leftover)
