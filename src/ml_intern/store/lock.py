"""One process drives a run at a time; the lock goes when its owner dies, however it dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from ml_intern.records.errors import RunLocked

CLOCK_SECONDS = 2.0
"""How far the clocks of files and of processes may be apart."""


def driver(folder: Path) -> int | None:
    """The living process that drives the run, or None; asking does not get in the way of one that begins."""
    try:
        owner = folder / "owner"
        pid, since = int(owner.read_text()), owner.stat().st_mtime
        # A process that began after the lock was taken only has the number of the one that took it.
        return pid if psutil.Process(pid).create_time() <= since + CLOCK_SECONDS else None
    except (OSError, ValueError, psutil.Error):
        return None


@contextmanager
def run_lock(folder: Path, run_id: str) -> Iterator[None]:
    """Hold the run for this process.

    Raises:
        RunLocked: another living process holds it; the message says which.
    """
    owner = folder / "owner"
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        try:
            pid = owner.read_text().strip()
        except OSError:  # it has just ended
            pid = "unknown"
        raise RunLocked(
            f"Run {run_id} is being driven by another process (pid {pid}).",
            f"Wait for it, or watch it with: ml-intern logs {run_id} --follow",
        ) from None
    try:
        owner.write_text(str(os.getpid()))
        yield
    finally:
        owner.unlink(missing_ok=True)
        lock.release()
