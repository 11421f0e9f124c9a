"""Running a job to its end, and remembering which jobs there are."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ml_intern.records.jobs import JobEntry, JobHandle, JobResult, JobSpec, JobStatus, Limits


class JobRunner(Protocol):
    """Runs one job to its end; the same arguments in the same run never start it twice."""

    def __call__(
        self,
        purpose: str,
        argv: Sequence[str],
        inputs: Mapping[str, Path],
        limits: Limits,
        mounts: Mapping[str, Path] | None = None,
    ) -> JobResult:
        """Run `argv` in a fresh folder that holds `inputs` and wait for its end.

        A job that fails is returned, not raised: the caller knows what its failure means.

        Raises:
            ComputeRefused: the backend would not take it.
        """
        ...


class JobRegistry(Protocol):
    """The write-ahead record of jobs: the intent is written before a job is submitted."""

    def intend(self, job: JobSpec, backend: str, account: str) -> None:
        """Record that `job` is about to be submitted, perhaps once more: an earlier handle is forgotten."""
        ...

    def entry(self, intent_id: str) -> JobEntry | None:
        """What is recorded of the job; None where nothing is."""
        ...

    def accepted(self, intent_id: str, handle: JobHandle) -> None:
        """Record the backend's handle."""
        ...

    def ended(self, intent_id: str, status: JobStatus) -> None:
        """Record how the job ended."""
        ...

    def status(self, intent_id: str) -> JobStatus | None:
        """The recorded end of the job, or None while it has none."""
        ...
