"""One process drives a run at a time; the lock goes when its owner dies, however it dies."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ml_intern.records.errors import RunLocked


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
        pid = owner.read_text().strip() if owner.exists() else "unknown"
        raise RunLocked(
            f"Run {run_id} is being driven by another process (pid {pid}).",
            f"Wait for it, or watch it with: ml-intern logs {run_id} --follow",
        ) from None
    try:
        owner.write_text(str(os.getpid()))
        yield
    finally:
        lock.release()
