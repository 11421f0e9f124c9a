"""The places where jobs of a run can run: this machine, and machines rented from the Hub."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from ml_intern.app.home import Home
from ml_intern.compute.hf_jobs.backend import HfJobsBackend
from ml_intern.compute.hf_jobs.results import BucketResults, EmbeddedResults
from ml_intern.compute.purse import Purse
from ml_intern.compute.runner import JobRunner, see_the_account
from ml_intern.hub.access import HubAccess, open_hub
from ml_intern.hub.errors import HubDown, HubRefused, in_words
from ml_intern.ports.backend import Backend
from ml_intern.ports.compute import Site
from ml_intern.records.errors import ComputeRefused, JobUnclear, UsageProblem
from ml_intern.records.jobs import HF_JOBS, LOCAL, UNSANDBOXED, JobEntry, JobHandle, JobState, Place
from ml_intern.records.runs import RunRecord
from ml_intern.store.jobs import JobTable
from ml_intern.store.ledger import LedgerTable

OURS_PAUSE: Final = 0.5
"""Seconds between looks at a job on a Hub of our own; the public one is asked less often."""


class Backends:
    """The backends of a home, opened when they are asked for; the Hub stays open as long as `stack`."""

    def __init__(self, home: Home, stack: ExitStack) -> None:
        self._home, self._stack = home, stack
        self._hub: tuple[HubAccess, str] | None = None

    def named(self, name: str, flavour: str = "") -> Backend:
        """The backend of this name.

        Raises:
            ComputeRefused: it cannot be had.
        """
        if name != HF_JOBS:
            return self._home.backend(name)
        access, namespace = self.hub()
        if access.is_ours():
            return HfJobsBackend(
                access.api,
                namespace,
                flavour,
                EmbeddedResults(access.api, namespace),
                access.place,
                OURS_PAUSE,
            )
        return HfJobsBackend(access.api, namespace, flavour, BucketResults(access.api), access.place)

    def hub(self) -> tuple[HubAccess, str]:
        """The Hub that rents machines out, and our name on it.

        Raises:
            ComputeRefused: it cannot be reached, or does not know us.
        """
        if self._hub is None:
            access = self._stack.enter_context(open_hub(self._home.path, runner=self._home.runner))
            if access.token is None:
                raise ComputeRefused(
                    f"Jobs on {access.place} need a token.", "Set HF_TOKEN to one with the right to run jobs."
                )
            try:
                with in_words("say who we are"):
                    name = str(access.api.whoami()["name"])
            except (HubRefused, HubDown, UsageProblem) as problem:
                raise ComputeRefused(problem.message, problem.hint) from problem
            self._hub = (access, name)
        return self._hub

    def located(self, entry: JobEntry) -> tuple[Backend, JobHandle | None]:
        """A recorded job's backend, and the job there; one whose start was not recorded is looked for.

        Raises:
            ComputeRefused: the backend cannot be had.
            JobUnclear: it was started by another account, or the backend does not answer.
        """
        backend = self.named(entry.backend)
        see_the_account(entry, backend)
        return backend, entry.handle or backend.find(entry.intent_id)


@contextmanager
def backends(home: Home) -> Iterator[Backends]:
    """The backends of a home for as long as they are needed."""
    with ExitStack() as stack:
        yield Backends(home, stack)


def stop_jobs(home: Home, run_id: str, only: str | None = None) -> None:
    """Stop a run's jobs, of one backend where `only` names it, and enter in the ledger what they came to."""
    ledger = LedgerTable(home.engine, run_id)
    paid = ledger.open_keys()
    with backends(home) as opened:
        for entry in JobTable(home.engine).entries(run_id):
            over = entry.backend == HF_JOBS and entry.intent_id not in paid  # or it was never started
            if over or (only is not None and entry.backend != only):
                continue
            _end(ledger, entry, *opened.located(entry))


def _end(ledger: LedgerTable, entry: JobEntry, backend: Backend, handle: JobHandle | None) -> None:
    """Stop a job if it was started, and settle it."""
    if handle is None:
        ledger.release(entry.intent_id, "it was never started")
        return
    backend.cancel(handle)
    status = backend.status(handle)
    if status.state is JobState.LOST:
        ledger.settle_at_worst(entry.intent_id, "it is gone: its worst case")
    else:
        ledger.settle_by_time(entry.intent_id, status.seconds)


def remove(home: Home, prefix: str) -> RunRecord:
    """Stop a run's jobs, wherever they run, and delete all that is kept of it, there and here.

    Raises:
        RunLocked: a living process drives it.
        ComputeRefused: a place where jobs of it ran cannot be had; then nothing here is deleted.
        JobUnclear: the same.
    """
    with backends(home) as opened:

        def end(entry: JobEntry) -> None:
            backend, handle = opened.located(entry)
            _end(LedgerTable(home.engine, entry.run), entry, backend, handle)
            if handle is not None:
                backend.forget(handle)
            backend.clear(entry.run)

        return home.remove_run(prefix, end)


class Places:
    """A `ports.compute.Compute` for one run."""

    def __init__(
        self,
        home: Home,
        run: RunRecord,
        opened: Backends,
        on_line: Callable[[str, str], None],
        on_wait: Callable[[str], None],
        stop_it: Callable[[str], bool],
    ) -> None:
        self._home, self._run, self._opened = home, run, opened
        self._on_line, self._on_wait, self._stop_it = on_line, on_wait, stop_it

    @property
    def places(self) -> tuple[Place, ...]:
        """In the order in which they are to be tried."""
        return self._run.request.compute

    def here(self) -> JobRunner:
        """This machine."""
        return self._runner(self._opened.named(self._local()), None)

    def site(self, place: Place, budget_micro_usd: int) -> Site:
        """The place, with its price of now; its jobs are paid from this budget.

        Raises:
            ComputeRefused: it cannot be had.
        """
        if place.backend == LOCAL:
            backend = self._opened.named(self._local())
            return Site(place, backend.name, backend.offers()[0], self._runner(backend, None))
        ledger = LedgerTable(self._home.engine, self._run.id)
        try:
            backend = self._opened.named(place.backend, place.flavour or "")
            access, _ = self._opened.hub()
            offers = {each.flavour: each for each in backend.offers()}
            if place.flavour not in offers:
                raise ComputeRefused(
                    f"There is no {place.words} on {access.place}.", f"There are: {', '.join(offers)}"
                )
        except ComputeRefused as refused:
            if not self._job_may_run(ledger):
                raise
            raise JobUnclear(
                f"A job of this run may still be running there: {refused.message}",
                f"{refused.hint} Then: ml-intern resume {self._run.id}".strip(),
            ) from refused
        hardware = offers[place.flavour]
        purse = Purse(ledger, hardware, budget_micro_usd, f"{place.words} on {access.place}")
        jobs = self._runner(backend, purse)
        started = self._job_may_run(ledger)
        return Site(place, backend.name, hardware, jobs, access.place, backend.account, started)

    def _job_may_run(self, ledger: LedgerTable) -> bool:
        """Whether money is set aside for a job: what is not paid for was not started."""
        known = {entry.intent_id for entry in JobTable(self._home.engine).entries(self._run.id)}
        return bool(known.intersection(ledger.open_keys()))

    def _local(self) -> str:
        return UNSANDBOXED if self._run.request.unsandboxed else LOCAL

    def _runner(self, backend: Backend, purse: Purse | None) -> JobRunner:
        registry, folder = JobTable(self._home.engine), self._home.folder(self._run.id)
        watched = (self._on_line, self._on_wait)
        return JobRunner(backend, registry, self._run.id, folder, *watched, purse, self._stop_it)


def read_places(text: str | None) -> tuple[Place, ...]:
    """What `--compute` says: places with commas between them, each a backend and perhaps its hardware.

    Raises:
        UsageProblem: there is no such backend, or hardware is missing or too much.
    """
    hint = "Write it like --compute hf-jobs:t4-small,local"
    found = []
    for word in (text or LOCAL).split(","):
        backend, _, flavour = word.strip().partition(":")
        if backend not in (LOCAL, HF_JOBS):
            raise UsageProblem(f"There is no place {backend!r} to train at: {LOCAL} or {HF_JOBS}.", hint)
        if backend == HF_JOBS and not flavour:
            raise UsageProblem("Which of the machines that hf-jobs rents out?", hint)
        if backend == LOCAL and flavour:
            raise UsageProblem(f"local is this machine; it has no {flavour!r} to choose.", hint)
        found.append(Place(backend=backend, flavour=flavour or None))
    return tuple(dict.fromkeys(found))
