"""Where jobs run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ml_intern.records.jobs import Hardware, JobHandle, JobSpec, JobStatus


class Backend(Protocol):
    """A place that runs jobs. Every call may be repeated; none blocks until a job has ended."""

    @property
    def name(self) -> str:
        """The name used with `--compute`."""
        ...

    @property
    def account(self) -> str:
        """Whose jobs it sees: a name and the Hub that knows it; empty where that is this machine."""
        ...

    @property
    def longest_pause(self) -> float:
        """Seconds between two looks at a job, once it has run for a while."""
        ...

    def offers(self) -> list[Hardware]:
        """The hardware that can be asked for, with prices."""
        ...

    def check(self) -> None:
        """See that it can run jobs now, by trying.

        Raises:
            ComputeRefused: it cannot; the message says why, the hint what to do.
        """
        ...

    def submit(self, job: JobSpec) -> JobHandle:
        """Start `job`. Starting an intent that already runs or ended returns that job's handle.

        Raises:
            ComputeRefused: the backend will not take it; the message says why.
        """
        ...

    def find(self, intent_id: str) -> JobHandle | None:
        """The job of this intent if it runs or has ended, else None."""
        ...

    def status(self, handle: JobHandle) -> JobStatus:
        """Where the job stands now."""
        ...

    def logs(self, handle: JobHandle, seen: int) -> Iterator[str]:
        """The log lines after the first `seen`, without line ends; only complete lines."""
        ...

    def fetch(self, handle: JobHandle, into: Path) -> None:
        """Copy the regular files under the job's `outputs/` to `into`, which must not exist yet."""
        ...

    def cancel(self, handle: JobHandle) -> None:
        """Stop the job; does nothing where it has ended."""
        ...

    def forget(self, handle: JobHandle) -> None:
        """Stop the job and delete everything kept of it alone."""
        ...

    def clear(self, run: str) -> None:
        """Delete what is kept for all jobs of a run, which have ended."""
        ...
