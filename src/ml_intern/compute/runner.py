"""Brings a job to its end on any backend, and never runs the same work of a run twice."""

import errno
import hashlib
import math
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_intern.compute.transfer import files_below, remove
from ml_intern.ports.backend import Backend
from ml_intern.ports.jobs import JobRegistry
from ml_intern.ports.ledger import Ledger
from ml_intern.records.base import digest
from ml_intern.records.costs import Ask
from ml_intern.records.errors import ComputeRefused, JobFailed, JobUnclear
from ml_intern.records.jobs import Hardware, JobHandle, JobResult, JobSpec, JobState, JobStatus, Limits

_TAIL = 200
_NO_SPACE = os.strerror(errno.ENOSPC)
_ALMOST_FULL = 64 << 20
_FIRST_PAUSE = 0.05
_AGAIN = (JobState.CANCELLED, JobState.LOST)


@dataclass(frozen=True)
class Purse:
    """What jobs are paid from: the ledger, the price of the hardware, the run's budget in micro-dollars."""

    ledger: Ledger
    hardware: Hardware
    budget_micro_usd: int
    place: str

    def reserve(self, job: JobSpec) -> None:
        """Set aside what the job costs if it uses all of its time.

        Raises:
            OverBudget: that is more than there is.
            ComputeRefused: nobody knows what it costs.
        """
        seconds = job.limits.seconds
        try:
            worst = self.hardware.cost(seconds)
        except ValueError as error:
            raise ComputeRefused(
                f"{self.place} is not used: {error}.", "Update ML Intern, or choose another place."
            ) from error
        price = f"{self.hardware.micro_usd_per_unit} micro-dollars per {self.hardware.unit}"
        basis = f"at worst {seconds} s at {price}"
        ask = Ask(
            key=job.intent_id,
            what=job.purpose,
            where=self.place,
            micro_usd=worst,
            basis=basis,
            price_micro_usd=self.hardware.micro_usd_per_unit,
            unit=self.hardware.unit,
        )
        self.ledger.reserve(ask, self.budget_micro_usd)

    def settle(self, job: JobSpec, status: JobStatus) -> None:
        """Enter what the job came to. One that nobody can time any more counts as its worst case."""
        if status.state is JobState.LOST:
            self.ledger.settle(
                job.intent_id, self.hardware.cost(job.limits.seconds), "it is gone: its worst case"
            )
            return
        spent = self.hardware.cost(status.seconds)
        self.ledger.settle(job.intent_id, spent, f"{math.ceil(status.seconds)} s, as {self.place} timed it")


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
            JobFailed: it ended earlier, and its outputs are no longer anywhere.
        """
        job = self._spec(purpose, argv, inputs, limits, mounts or {})
        outputs = (self._folder / "jobs" / f"{purpose}-{job.intent_id[:8]}").absolute()
        ended = self._registry.status(job.intent_id)
        if ended is not None:
            return self._recall(job, ended, outputs)
        self._registry.intend(job, self._backend.name)
        try:
            handle = self._start(job)
            self._registry.accepted(job.intent_id, handle)
            status, tail = self._follow(handle, purpose)
        except KeyboardInterrupt:
            self._interrupt(job)
            raise
        self._blame_the_disk(handle, status, tail)
        remove(outputs)  # from a call that was killed after fetching, or from an earlier attempt
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
            status = self._backend.status(handle)
            if status.state not in _AGAIN:
                return handle
            if self._purse:
                self._purse.settle(job, status)
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
            JobUnclear: it may have, and the backend does not let us look.
            ComputeRefused: it has not, and the backend does not want us.
        """
        try:
            return self._backend.find(job.intent_id)
        except ComputeRefused as refused:
            # What is started is paid for, and money is set aside first: without that it was not started.
            if self._purse and self._purse.ledger.is_open(job.intent_id):
                raise JobUnclear(
                    f"Whether the job “{job.purpose}” was started is not known: {refused.message}",
                    f"{refused.hint} Then: ml-intern resume".strip(),
                ) from refused
            raise

    def _follow(self, handle: JobHandle, purpose: str) -> tuple[JobStatus, tuple[str, ...]]:
        seen, pause = 0, _FIRST_PAUSE
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
            pause = min(pause * 1.2, self._backend.longest_pause)

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
