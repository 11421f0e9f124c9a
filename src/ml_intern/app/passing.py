"""Jobs of commands that make no run: nothing is recorded, nothing is left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ml_intern.compute.runner import JobRunner
from ml_intern.records.jobs import JobEntry, JobHandle, JobResult, JobSpec, JobStatus


@contextmanager
def passing_jobs(
    backend: Any, name: str, folder: Path, wait: Callable[[str], None]
) -> Iterator[Callable[..., JobResult]]:
    """Runs jobs that nobody will resume, and leaves nothing of them."""
    registry = _Unwritten()
    try:
        yield JobRunner(backend, registry, name, folder, lambda purpose, line: None, lambda purpose: wait(""))
    finally:
        for handle in registry.handles:
            backend.forget(handle)


class _Unwritten:
    """A `ports.jobs.JobRegistry` for jobs that are not resumed."""

    def __init__(self) -> None:
        self.handles: list[JobHandle] = []

    def intend(self, job: JobSpec, backend: str, account: str) -> None:
        """Nothing is recorded."""

    def entry(self, intent_id: str) -> JobEntry | None:
        """Nothing was recorded."""
        return None

    def accepted(self, intent_id: str, handle: JobHandle) -> None:
        """Remember what to forget."""
        self.handles.append(handle)

    def ended(self, intent_id: str, status: JobStatus) -> None:
        """Nothing is recorded."""

    def status(self, intent_id: str) -> JobStatus | None:
        """No job ended before."""
        return None
