"""Starting a run, taking it up again, and answering its requests for approval."""

from collections.abc import Callable
from typing import Any

from ml_intern.app.brain import AS_BEFORE, BrainWish, check_listens, check_wish, set_brain
from ml_intern.app.compute import stop_jobs
from ml_intern.app.home import Home
from ml_intern.app.report import keep_report
from ml_intern.app.result import snapshot
from ml_intern.app.servers import check_servers
from ml_intern.app.shell import Shell
from ml_intern.app.track import require_trackio, tracked
from ml_intern.app.working import Work, agree_to_no_sandbox, until_it_ends
from ml_intern.brains.names import parse
from ml_intern.records.approval import Verdict
from ml_intern.records.errors import ExitCode, InternError, UsageProblem
from ml_intern.records.jobs import HF_JOBS, LOCAL, Place
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import Approval, EventName, RunRecord, RunRequest, RunStatus
from ml_intern.records.training import TrainingPlan, TrainingRun
from ml_intern.store import runs
from ml_intern.store.lock import run_lock
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import KINDS, NAMES, STAGES


def start(home: Home, request: RunRequest, shell: Shell, until: str | None = None) -> dict[str, Any]:
    """Start a run and drive it as far as it goes, or to the end of the stage `until`.

    Returns the result as `--json` prints it.

    Raises:
        UsageProblem: `until` names no stage, there is no such MCP server, or nothing may be spent and every
            place costs money.
    """
    _check_stage(until)
    if request.track:
        require_trackio()
    parse(request.brain)
    check_servers(home.path, request.mcp)
    if not request.budget_micro_usd and all(place.backend != LOCAL for place in request.compute):
        raise UsageProblem(
            "Rented machines cost money, and nothing may be spent.",
            "Say what may be, with --budget USD, or also name this machine: --compute hf-jobs:…,local",
        )
    return _drive(home, home.create_run(request), shell, until, unsandboxed=request.unsandboxed)


def resume(
    home: Home,
    prefix: str | None,
    shell: Shell,
    until: str | None = None,
    unsandboxed: bool = False,
    brain: BrainWish = AS_BEFORE,
    places: tuple[Place, ...] | None = None,
    words: str | None = None,
) -> dict[str, Any]:
    """Take a run up where it stands; `unsandboxed` agrees that its jobs run without a sandbox.

    `brain` says with which brain to go on, and `places` where to train, where that changes; `words` are
    said to the brain first.

    Raises:
        UsageProblem: `until` names no stage, there is no such run, or its brain takes no words.
    """
    _check_stage(until)
    record = home.resolve(prefix)
    change = None if places is None else lambda run: _set_places(home, run, places)
    return _drive(home, record, shell, until, change=change, unsandboxed=unsandboxed, wish=brain, words=words)


def _set_places(home: Home, run: Run, places: tuple[Place, ...]) -> None:
    if places == run.record.request.compute:
        return
    stop_jobs(home, run.record.id, only=HF_JOBS)  # what may still run there is not wanted any more
    request = run.record.request.model_copy(update={"compute": places})
    with home.engine.begin() as connection:
        runs.set_request(connection, run.record.id, request)
    run.record = run.record.model_copy(update={"request": request})
    run.emit(
        EventName.MESSAGE, text=f"From here on it trains at: {', '.join(place.words for place in places)}."
    )


def stages_by_name() -> dict[str, str]:
    """The stages in their order, each with what it does."""
    return {stage.name: stage.does for stage in STAGES}


def _check_stage(name: str | None) -> None:
    if name is not None and name not in NAMES:
        raise UsageProblem(f"There is no stage {name!r}.", f"Stages: {', '.join(NAMES)}")


def answer(
    home: Home, prefix: str | None, verdict: Verdict, by: str, reason: str, shell: Shell
) -> dict[str, Any]:
    """Approve or deny the plan that waits, or deny one whose training has not ended well, then go on.

    Raises:
        UsageProblem: no plan waits for an answer.
    """
    return _drive(home, home.resolve(prefix), shell, given=(verdict, by, reason))


def cancel(home: Home, prefix: str | None) -> dict[str, Any]:
    """Stop the run's jobs and mark it cancelled; what it has found is kept, and it can be resumed.

    Raises:
        RunLocked: a living process drives it; interrupt that one.
    """
    record = home.resolve(prefix)
    with run_lock(home.folder(record.id), record.id):
        stop_jobs(home, record.id)
        with home.engine.begin() as connection:
            runs.set_status(connection, record.id, RunStatus.CANCELLED, exit_code=ExitCode.DONE)
        keep_report(home, record.id)
    return snapshot(home, record.id)


def go_on(
    home: Home, record: RunRecord, shell: Shell, change: Callable[[Run], None], until: str | None = None
) -> dict[str, Any]:
    """Change what is stored of a run, then drive it as far as it goes, or through the stage `until`."""
    return _drive(home, record, shell, until, change=change, unsandboxed=record.request.unsandboxed)


def _drive(
    home: Home,
    record: RunRecord,
    shell: Shell,
    until: str | None = None,
    given: tuple[Verdict, str, str] | None = None,
    unsandboxed: bool = False,
    change: Callable[[Run], None] | None = None,
    wish: BrainWish = AS_BEFORE,
    words: str | None = None,
) -> dict[str, Any]:
    folder = home.folder(record.id)
    with run_lock(folder, record.id):
        project = record.request.track
        run = Run(home.engine, record, folder, tracked(shell.listen, project) if project else shell.listen)
        check_wish(home, wish)  # a command that is refused has changed nothing
        if words:
            check_listens(run, wish, shell)
        if given:
            _answer(run, *given)
        if change:
            change(run)
        with home.engine.begin() as connection:
            runs.set_status(connection, record.id, RunStatus.OPEN)
        run.begin()
        set_brain(home, run, wish)
        if unsandboxed:
            agree_to_no_sandbox(home, run, "the option --no-sandbox")
        ending = until_it_ends(Work(home, run, shell, until, words))
        with home.engine.begin() as connection:
            runs.set_status(connection, record.id, *ending)
        _report(home, run)
    return snapshot(home, record.id)


def _report(home: Home, run: Run) -> None:
    try:
        keep_report(home, run.record.id)
    except InternError as problem:  # the run is what it is, with or without a report on it
        run.emit(EventName.MESSAGE, text=f"{problem} {problem.hint}")


def _answer(run: Run, verdict: Verdict, by: str, reason: str) -> None:
    asked = run.question()
    subject = KINDS[asked.kind] if asked else TrainingPlan
    sha256 = run.sha256(subject)
    standing = run.approval(subject)
    approved = standing is not None and standing.verdict is Verdict.APPROVED
    # Until the training, or the publication, has ended well, an approval can still be taken back.
    unmade = subject is PublicationPlan or run.get(TrainingRun) is None
    open_still = not approved or (verdict is Verdict.DENIED and unmade)
    if sha256 is None or not open_still:
        raise UsageProblem(
            f"Run {run.record.id} has no plan that waits for an answer.",
            f"See where it stands with: ml-intern show {run.record.id}",
        )
    run.answer(
        Approval(subject_kind=subject.kind, subject_sha256=sha256, verdict=verdict, by=by, reason=reason)
    )
