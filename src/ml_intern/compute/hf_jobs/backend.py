"""The `Backend` of rented machines, over the official client's Jobs API."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ml_intern.compute.hf_jobs import parcel
from ml_intern.compute.hf_jobs.follow import Follower
from ml_intern.compute.hf_jobs.offers import hardware
from ml_intern.compute.hf_jobs.refusals import (
    SHORT_WAIT,
    if_known,
    may_have_started,
    patiently,
    refusal,
    retry_after,
    status_of,
    unclear,
)
from ml_intern.compute.hf_jobs.results import Results
from ml_intern.records.errors import ComputeRefused, JobUnclear
from ml_intern.records.jobs import HF_JOBS, Hardware, JobHandle, JobSpec, JobState, JobStatus, Place

if TYPE_CHECKING:
    from huggingface_hub import HfApi, JobInfo

INTENT, RUN = "ml-intern-intent", "ml-intern-run"
"""The labels by which a job is found again."""
STATES: Final = {
    "SCHEDULING": JobState.QUEUED,
    "RUNNING": JobState.RUNNING,
    "COMPLETED": JobState.SUCCEEDED,
    "CANCELED": JobState.CANCELLED,
    "DELETED": JobState.LOST,
}
LOOKS: Final = (1.0, 2.0, 4.0)
"""Seconds between looks for a job that may have been started by a request without an answer."""
LAST_LINES: Final = 20.0
"""Seconds to wait for the end of the log of a job that has ended."""


class HfJobsBackend:
    """Jobs of one user on one flavour of machines. `place` is what people call the Hub."""

    name = HF_JOBS

    def __init__(
        self, api: "HfApi", namespace: str, flavour: str, results: Results, place: str, pause: float = 5.0
    ) -> None:
        self._api, self._namespace, self._flavour, self._results = api, namespace, flavour, results
        self._place = f"{Place(backend=HF_JOBS, flavour=flavour).words} on {place}"
        self.account = f"{namespace} on {place}"
        self.longest_pause = pause
        self._followers: dict[str, Follower] = {}

    def offers(self) -> list[Hardware]:
        """All machines with their prices of now.

        Raises:
            ComputeRefused: the list cannot be had.
        """
        with self._in_words():
            found = self._api.list_jobs_hardware()
        return list(map(hardware, found))

    def check(self) -> None:
        """See that the Hub knows the token and the machine.

        Raises:
            ComputeRefused: it does not.
        """
        known = [each.flavour for each in self.offers()]
        if self._flavour not in known:
            raise ComputeRefused(f"{self._place} does not exist; there are: {', '.join(known)}.")

    def submit(self, job: JobSpec) -> JobHandle:
        """Send the inputs, then start the job. The caller has looked with `find` whether it runs already.

        Raises:
            ComputeRefused: it was not started, for certain.
            JobUnclear: nobody knows whether it was.
        """
        from httpx2 import HTTPError  # all errors of the client are such

        try:
            sent = parcel.send(self._api, self._namespace, job)
            bucket = parcel.repo_of(self._namespace, job.run)
            self._results.prepare(bucket)
        except HTTPError as error:
            raise self._turned_away(job, error) from error
        for attempt in range(3):
            try:
                return self._run(job, sent.volumes(bucket))
            except HTTPError as error:
                wait = retry_after(error)
                if status_of(error) == 429 and wait is not None and wait <= SHORT_WAIT and attempt < 2:
                    time.sleep(wait)
                    continue
                if may_have_started(error):
                    return self._started_after_all(job, error)
                raise self._turned_away(job, error) from error
        raise AssertionError("every attempt returns or raises")

    def _run(self, job: JobSpec, volumes: list[Any]) -> JobHandle:
        made = self._api.run_job(
            image=parcel.image(),
            command=parcel.command(job),
            flavor=self._flavour,
            timeout=job.limits.seconds,
            labels={INTENT: job.intent_id, RUN: job.run, "name": f"ml-intern-{job.purpose}"},
            volumes=volumes,
            namespace=self._namespace,
        )
        return self._handle(made)

    def _turned_away(self, job: JobSpec, error: Exception) -> ComputeRefused:
        """The error as a refusal. What went up for the job is taken back: it will not run here.

        Where that fails, `clear` can be tried again.
        """
        with contextlib.suppress(JobUnclear, ComputeRefused):
            self.clear(job.run)
        return refusal(error, self._place)

    def _started_after_all(self, job: JobSpec, error: Exception) -> JobHandle:
        """The job, if the request that had no answer started it.

        Raises:
            ComputeRefused: it did not.
            JobUnclear: that cannot be seen.
        """
        for pause in LOOKS:
            time.sleep(pause)
            try:
                found = self.find(job.intent_id)
            except ComputeRefused as refused:
                raise unclear(self._place) from refused
            if found is not None:
                return found
        raise refusal(error, self._place) from error

    def find(self, intent_id: str) -> JobHandle | None:
        """The newest job with the label of this intent, else None.

        Raises:
            JobUnclear: the list cannot be read; then nothing may be started.
            ComputeRefused: this token may not see it.
        """
        words = f"Whether {self._place} has this job is not known"
        with self._in_words():
            found = patiently(lambda: list(self._labelled(intent_id)), words, patience=30.0)
        newest = max(
            found, key=lambda each: each.created_at.timestamp() if each.created_at else 0.0, default=None
        )
        return self._handle(newest) if newest else None

    def _labelled(self, intent_id: str) -> "Iterator[JobInfo]":
        yield from self._api.list_jobs(labels={INTENT: intent_id}, namespace=self._namespace)

    def status(self, handle: JobHandle) -> JobStatus:
        """Where the job stands now; `seconds` is what the Hub counts, which is what is paid for.

        Raises:
            JobUnclear: the Hub stays away.
            ComputeRefused: this token may not see it.
        """

        def look() -> "JobInfo":
            return self._api.inspect_job(job_id=handle.job_id, namespace=self._namespace)

        with self._in_words():
            found = patiently(lambda: if_known(look), f"Where the job {handle.job_id} stands is not known")
        if found is None:
            return JobStatus(state=JobState.LOST, reason="the Hub does not know this job any more")
        seconds = float((found.durations.running_secs if found.durations else None) or 0)
        said = str(found.status.message or "")
        state = STATES.get(str(found.status.stage), JobState.FAILED)
        if state is JobState.FAILED and "time" in said.lower() and "out" in said.lower():
            state = JobState.TIMED_OUT
        reason = "" if state is JobState.SUCCEEDED else said
        return JobStatus(state=state, reason=reason, seconds=seconds, launches=1)

    def logs(self, handle: JobHandle, seen: int) -> Iterator[str]:
        """The lines after the first `seen` that have come in, made safe to print."""
        follower = self._followers.get(handle.job_id)
        if follower is None:
            job_id = handle.job_id
            follower = Follower(
                lambda: self._api.fetch_job_logs(job_id=job_id, namespace=self._namespace, follow=True)
            )
            self._followers[job_id] = follower
        if follower.reading and self.status(handle).state.ended:
            follower.wait(LAST_LINES)
        yield from follower.after(seen)

    def fetch(self, handle: JobHandle, into: Path) -> None:
        """Bring the job's outputs to the new folder `into`.

        Raises:
            JobUnclear: the Hub stays away.
            ComputeRefused: this token may not have them.
        """

        def bring() -> bool:
            found = self._api.inspect_job(job_id=handle.job_id, namespace=self._namespace)
            bucket = next((each for each in found.volumes or [] if each.type == "bucket"), None)
            if bucket is None:
                into.mkdir(parents=True)
            else:
                self._results.fetch(bucket.source, bucket.path or "", handle.job_id, into)
            return True

        with self._in_words():
            known = patiently(
                lambda: if_known(bring), f"The outputs of the job {handle.job_id} have not come back"
            )
        if not known:
            into.mkdir(parents=True, exist_ok=True)  # the job is gone, and with it what it left

    def cancel(self, handle: JobHandle) -> None:
        """Stop the job and wait until it has ended; does nothing where it has.

        Raises:
            JobUnclear: it does not stop.
        """
        if self.status(handle).state.ended:
            return

        def stop() -> None:
            self._api.cancel_job(job_id=handle.job_id, namespace=self._namespace)

        patiently(stop, f"The job {handle.job_id} may still run", patience=60.0)
        deadline = time.monotonic() + 60.0
        while not self.status(handle).state.ended:
            if time.monotonic() > deadline:
                raise JobUnclear(f"The job {handle.job_id} does not stop.", "Stop it on its page on the Hub.")
            time.sleep(min(1.0, self.longest_pause))

    def forget(self, handle: JobHandle) -> None:
        """Stop the job; what it leaves lies with what `clear` deletes."""
        self.cancel(handle)

    def clear(self, run: str) -> None:
        """Delete the repository and the bucket of a run.

        Raises:
            JobUnclear: the Hub stays away.
            ComputeRefused: this token may not delete them.
        """
        repo = parcel.repo_of(self._namespace, run)

        def delete() -> None:
            self._api.delete_repo(repo, repo_type="dataset", missing_ok=True)
            self._results.forget(repo)

        with self._in_words():
            patiently(delete, f"Whether {repo} is deleted is not known", patience=30.0)

    def _handle(self, info: "JobInfo") -> JobHandle:
        return JobHandle(backend=self.name, job_id=info.id)

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        """Let what the client raises be a refusal of this place.

        Raises:
            ComputeRefused: in its place.
        """
        from httpx2 import HTTPError  # all errors of the client are such

        try:
            yield
        except HTTPError as error:
            raise refusal(error, self._place) from error
