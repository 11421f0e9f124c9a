"""The folder of a sandboxed job: its lock is held exactly while something of the job is alive."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import psutil

from ml_intern.compute import lock, transfer
from ml_intern.compute.folder import LEFTOVER, JobFolder, beside
from ml_intern.records.jobs import JobSpec

SUPERVISOR = Path(__file__).with_name("supervisor.py")
_LEFTOVER_SECONDS = 60
_KILLED_SECONDS = 1.0


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

    def kill(self, pids: list[int]) -> None:
        """Kill some of our `processes`."""
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def end_orphans(self) -> None:
        """Kill what is left of a sandbox whose supervisor has died, and wait until the lock is free.

        The sandbox's first process waits for bubblewrap before it asks to die with it: where both
        others are killed in that moment, it would wait, and hold the lock, for ever.
        """
        killed, end = False, time.monotonic() + _KILLED_SECONDS
        while self.runs() and not self._has_supervisor() and time.monotonic() < end:
            orphans = [pid for pid in self.processes() if self._is_orphan(pid)]
            if not orphans and not killed:
                return
            self.kill(orphans)  # the child of one of these may be the next that nothing ends
            killed = True
            time.sleep(0.002)

    def _has_supervisor(self) -> bool:
        """Whether the last launch that was recorded is still watched; a new one is recorded late."""
        with contextlib.suppress(OSError, IndexError, ValueError, psutil.Error):
            pid = int(self.launches.read_text().splitlines()[-1].split()[1])
            return str(self.path) in psutil.Process(pid).cmdline()
        return False

    def _is_orphan(self, pid: int) -> bool:
        """Whether a process of ours is no supervisor and the child of none, nor of its bubblewrap."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if str(SUPERVISOR) in process.cmdline():
                return False
            parent = process.parent()
            return parent is None or not any(str(self.path) in word for word in parent.cmdline())
        return False


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
