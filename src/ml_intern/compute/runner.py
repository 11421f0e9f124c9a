"""Brings a job to its end on any backend, and never runs the same work of a run twice."""

import errno
import hashlib
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ml_intern.compute.purse import Purse
from ml_intern.compute.transfer import files_below, remove
from ml_intern.ports.backend import Backend
from ml_intern.ports.jobs import JobRegistry
from ml_intern.records.base import digest
from ml_intern.records.errors import ComputeRefused, JobFailed, JobUnclear
from ml_intern.records.jobs import JobEntry, JobHandle, JobResult, JobSpec, JobState, JobStatus, Limits

_TAIL = 200
_NO_SPACE = os.strerror(errno.ENOSPC)
_ALMOST_FULL = 64 << 20
_FIRST_PAUSE, _GROWTH = 0.1, 1.05
"""The share of a backend's longest pause, and by what the next is longer: an end is noticed 5 % late."""
_AGAIN = (JobState.CANCELLED, JobState.LOST)


class JobRunner:
    """A `ports.jobs.JobRunner` for one run.

    `folder` is the run's own folder; outputs go to `jobs/<purpose>-<intent>/` in it. `on_line` is told
    the purpose and each new line of a job's log, `on_wait` the purpose while there is none. `purse` pays
    where the backend costs money. `stop_it` decides, once we are interrupted, whether the job is stopped.
    """

    def __init__(
        self,
        backend: Backend,
        registry: JobRegistry,
        run: str,
        folder: Path,
        on_line: Callable[[str, str], None],
        on_wait: Callable[[str], None] = lambda purpose: None,
        purse: Purse | None = None,
        stop_it: Callable[[str], bool] = lambda purpose: True,
    ) -> None:
        self._backend, self._registry = backend, registry
        self._run, self._folder = run, folder
        self._on_line, self._on_wait = on_line, on_wait
        self._purse, self._stop_it = purse, stop_it

    def __call__(
        self,
        purpose: str,
        argv: Sequence[str],
        inputs: Mapping[str, Path],
        limits: Limits,
        mounts: Mapping[str, Path] | None = None,
    ) -> JobResult:
        """Run `argv` in a fresh folder that holds `inputs` and wait for its end.

        Interrupting it (Ctrl-C) stops the job; the next call with the same arguments goes on with it.

        Raises:
            ComputeRefused: the backend would not take it.
            JobUnclear: it was started, and how it stands cannot be seen.
            JobFailed: it ended earlier, and its outputs are no longer anywhere.
        """
        job = self._spec(purpose, argv, inputs, limits, mounts or {})
        outputs = (self._folder / "jobs" / f"{purpose}-{job.intent_id[:8]}").absolute()
        ended = self._registry.status(job.intent_id)
        if ended is not None:
            return self._recall(job, ended, outputs)
        try:
            handle = self._start(job)
            self._registry.accepted(job.intent_id, handle)
            with _started(job):
                status, tail = self._follow(handle, purpose)
        except KeyboardInterrupt:
            with _started(job):
                self._interrupt(job)
            raise
        self._blame_the_disk(handle, status, tail)
        remove(outputs)  # from a call that was killed after fetching, or from an earlier attempt
        with _started(job):
            self._backend.fetch(handle, outputs)
        if self._purse:
            self._purse.settle(job, status)
        if status.state not in _AGAIN:
            self._registry.ended(job.intent_id, status)
        return JobResult(status=status, outputs=str(outputs), log_tail=tail)

    def _spec(
        self,
        purpose: str,
        argv: Sequence[str],
        inputs: Mapping[str, Path],
        limits: Limits,
        mounts: Mapping[str, Path],
    ) -> JobSpec:
        shown = {inside: str(outside.absolute()) for inside, outside in mounts.items()}
        identity = {
            "run": self._run,
            "purpose": purpose,
            "argv": list(argv),
            "inputs": {place: content_hash(path) for place, path in inputs.items()},
            "limits": limits.model_dump(),
            "mounts": shown,
        }
        if self._purse:  # a machine that is rented may do what another could not
            identity["hardware"] = self._purse.hardware.flavour
        return JobSpec(
            intent_id=digest(identity)[:20],
            run=self._run,
            purpose=purpose,
            argv=tuple(argv),
            inputs={place: str(path.absolute()) for place, path in inputs.items()},
            mounts=shown,
            limits=limits,
        )

    def _start(self, job: JobSpec) -> JobHandle:
        """The handle of the job, started now unless it runs or has ended by itself."""
        handle = self._found(job)
        if handle is not None:
            with _started(job):
                status = self._backend.status(handle)
            if status.state not in _AGAIN:
                return handle
            if self._purse:
                self._purse.settle(job, status)
        self._registry.intend(job, self._backend.name, self._backend.account)
        if self._purse:
            self._purse.reserve(job)
        try:
            return self._backend.submit(job)
        except ComputeRefused as refused:  # raised only where it is certain that nothing was started
            if self._purse:
                self._purse.ledger.release(job.intent_id, f"not started: {refused.message}")
            raise

    def _found(self, job: JobSpec) -> JobHandle | None:
        """The job, if an earlier process started it.

        Raises:
            JobUnclear: it may have, and the backend does not let us look, or knows another's jobs.
            ComputeRefused: it has not, and the backend does not want us.
        """
        # What is started is paid for, and money is set aside first: without that it was not started.
        may_run = self._purse is not None and self._purse.ledger.is_open(job.intent_id)
        before = self._registry.entry(job.intent_id)
        if may_run and before:
            see_the_account(before, self._backend)
        try:
            found = self._backend.find(job.intent_id)
            if found is None and may_run and before and before.handle:
                # It was started, and the list does not show it: it may be late, or the job is gone.
                return before.handle
            return found
        except ComputeRefused as refused:
            if may_run:
                raise JobUnclear(
                    f"Whether the job “{job.purpose}” was started is not known: {refused.message}",
                    f"{refused.hint} Then: ml-intern resume".strip(),
                ) from refused
            raise

    def _follow(self, handle: JobHandle, purpose: str) -> tuple[JobStatus, tuple[str, ...]]:
        seen, pause = 0, _FIRST_PAUSE * self._backend.longest_pause
        tail: deque[str] = deque(maxlen=_TAIL)
        while True:
            status = self._backend.status(handle)  # first, so that no line before the end is missed
            for line in self._backend.logs(handle, seen):
                seen += 1
                tail.append(line)
                self._on_line(purpose, line)
            if status.state.ended:
                return status, tuple(tail)
            self._on_wait(purpose)
            time.sleep(pause)
            pause = min(pause * _GROWTH, self._backend.longest_pause)

    def _blame_the_disk(self, handle: JobHandle, status: JobStatus, tail: Sequence[str]) -> None:
        """Forget a job that failed because our disk is full, so that it is tried again once there is room.

        Raises:
            OSError: that was so.
        """
        said = any(_NO_SPACE in words for words in (*tail, status.reason))
        if status.state in (JobState.FAILED, JobState.LOST) and said:
            if shutil.disk_usage(self._folder).free < _ALMOST_FULL:
                self._backend.forget(handle)
                raise OSError(errno.ENOSPC, _NO_SPACE, str(self._folder))

    def _interrupt(self, job: JobSpec) -> None:
        """Stop the job if that is wanted.

        Raises:
            JobUnclear: it may still run.
        """
        if (handle := self._backend.find(job.intent_id)) is None or not self._stop_it(job.purpose):
            return
        self._backend.cancel(handle)
        if self._purse and (status := self._backend.status(handle)).state.ended:
            self._purse.settle(job, status)

    def _recall(self, job: JobSpec, status: JobStatus, outputs: Path) -> JobResult:
        """The result of a job that is recorded as ended; what has come back needs no backend."""
        try:
            handle = self._backend.find(job.intent_id)
        except (ComputeRefused, JobUnclear):
            if not outputs.is_dir():
                raise
            handle = None
        if not outputs.is_dir():
            if handle is None:
                raise JobFailed(
                    f"The job “{job.purpose}” ended earlier, but its outputs in {outputs} were deleted.",
                    "Start a new run.",
                )
            self._backend.fetch(handle, outputs)
        tail = deque(self._backend.logs(handle, 0), _TAIL) if handle else ()
        return JobResult(status=status, outputs=str(outputs), log_tail=tuple(tail))


@contextmanager
def _started(job: JobSpec) -> Iterator[None]:
    """Whoever is refused in here is not refused the job: it was started, and may run and cost.

    Raises:
        JobUnclear: in the place of the refusal.
    """
    try:
        yield
    except ComputeRefused as refused:
        raise JobUnclear(
            f"The job “{job.purpose}” was started, and how it stands cannot be seen: {refused.message}",
            f"{refused.hint} Then: ml-intern resume".strip(),
        ) from refused


def see_the_account(entry: JobEntry, backend: Backend) -> None:
    """See that a recorded job is one that this backend can know of.

    Raises:
        JobUnclear: it was started by another account, or on another Hub.
    """
    if entry.account is not None and entry.account != backend.account:
        raise JobUnclear(
            f"The job “{entry.purpose}” was started by {entry.account}, and this is {backend.account}: "
            "from here it can neither be seen nor stopped.",
            "Set HF_ENDPOINT and HF_TOKEN to what they were then, and try again.",
        )


def content_hash(path: Path) -> str:
    """SHA-256 over the names and contents of a file or of all files of a folder.

    Raises:
        ComputeRefused: `path` is missing, or holds something that is neither file nor folder.
    """
    total = hashlib.sha256(b"folder" if path.is_dir() else b"file")
    for name, file in files_below(path):
        with file.open("rb") as content:
            part = hashlib.file_digest(content, "sha256").hexdigest()
        total.update(f"{name}\0{part}\0".encode(errors="surrogateescape"))
    return total.hexdigest()
