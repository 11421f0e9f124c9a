"""Starting a run, taking it up again, and answering its requests for approval."""

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

from pydantic_ai.exceptions import UnexpectedModelBehavior

from ml_intern.app.brain import AS_BEFORE, BrainWish, brain_failed, open_brain_for, set_brain
from ml_intern.app.compute import Backends, Places, backends, stop_jobs
from ml_intern.app.home import DATASETS, Home
from ml_intern.app.report import keep_report
from ml_intern.app.result import snapshot
from ml_intern.app.shell import Shell
from ml_intern.app.track import require_trackio, tracked
from ml_intern.app.watch import TrainingWatch
from ml_intern.approval.policy import covers_plan, covers_publication
from ml_intern.brains.names import parse
from ml_intern.hub.access import open_hub
from ml_intern.records.approval import ApprovalPolicy, Verdict
from ml_intern.records.base import Artifact
from ml_intern.records.errors import ComputeRefused, ExitCode, InternError, SandboxMissing, UsageProblem
from ml_intern.records.jobs import HF_JOBS, LOCAL, NO_SANDBOX, Place
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import Approval, EventName, RunRecord, RunRequest, RunStatus
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingPlan, TrainingRun
from ml_intern.store import events, runs
from ml_intern.store.lock import run_lock
from ml_intern.store.trouble import explain
from ml_intern.tools.catalogue import TOOLS
from ml_intern.workflow.engine import drive, make_agent
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import KINDS, NAMES, STAGES
from ml_intern.workflow.workbench import Workbench, make_toolset

STATUS_OF = {
    ExitCode.DENIED: RunStatus.DENIED,
    ExitCode.UNSUPPORTED: RunStatus.UNSUPPORTED,
    ExitCode.INTERRUPTED: RunStatus.INTERRUPTED,
}
EXIT_OF = {RunStatus.DONE: ExitCode.DONE, RunStatus.WAITING: ExitCode.WAITING}


def start(home: Home, request: RunRequest, shell: Shell, until: str | None = None) -> dict[str, Any]:
    """Start a run and drive it as far as it goes, or to the end of the stage `until`.

    Returns the result as `--json` prints it.

    Raises:
        UsageProblem: `until` names no stage, or nothing may be spent and every place costs money.
    """
    _check_stage(until)
    if request.track:
        require_trackio()
    parse(request.brain)
    if request.budget_micro_usd == 0 and all(place.backend != LOCAL for place in request.compute):
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
) -> dict[str, Any]:
    """Take a run up where it stands; `unsandboxed` agrees that its jobs run without a sandbox.

    `brain` says with which brain to go on, and `places` where to train, where that changes.

    Raises:
        UsageProblem: `until` names no stage, or there is no such run.
    """
    _check_stage(until)
    record = home.resolve(prefix)
    change = None if places is None else lambda run: _set_places(home, run, places)
    return _drive(home, record, shell, until, change=change, unsandboxed=unsandboxed, wish=brain)


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
) -> dict[str, Any]:
    folder = home.folder(record.id)
    with run_lock(folder, record.id):
        project = record.request.track
        run = Run(home.engine, record, folder, tracked(shell.listen, project) if project else shell.listen)
        if given:
            _answer(run, *given)
        if change:
            change(run)
        with home.engine.begin() as connection:
            runs.set_status(connection, record.id, RunStatus.OPEN)
        run.begin()
        set_brain(home, run, wish)
        if unsandboxed:
            _agree_to_no_sandbox(home, run, "the option --no-sandbox")
        ending = _until_it_ends(home, run, shell, until)
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


def _until_it_ends(home: Home, run: Run, shell: Shell, until: str | None) -> tuple[RunStatus, str, str, int]:
    """Drive the run; returns its status, the error and hint if there is one, and the exit code."""
    try:
        status = _with_or_without_sandbox(home, run, shell, until)
        return status, "", "", EXIT_OF[status]
    except KeyboardInterrupt:
        hint = f"Go on with: ml-intern resume {run.record.id}"
        return RunStatus.INTERRUPTED, "Interrupted; nothing is lost.", hint, ExitCode.INTERRUPTED
    except InternError as error:
        return _failed(run, explain(error, home.path) or error)
    except Exception as error:  # whatever it was, the stored state must say that the run failed
        if (trouble := explain(error, home.path)) is not None:
            return _failed(run, trouble)
        (run.folder / "error.log").write_text(traceback.format_exc())
        message = f"{type(error).__name__}: {error}"
        hint = f"Details are in {run.folder / 'error.log'}. Try again with: ml-intern resume {run.record.id}"
        return _failed(run, InternError(message, hint))


def _failed(run: Run, error: InternError) -> tuple[RunStatus, str, str, int]:
    if isinstance(error, ComputeRefused):
        run.emit(EventName.COMPUTE_REFUSED, reason=error.message, hint=error.hint)
    run.emit(EventName.ERROR, message=error.message, hint=error.hint)
    status = STATUS_OF.get(error.exit_code, RunStatus.FAILED)
    return status, error.message, error.hint, error.exit_code


def _with_or_without_sandbox(home: Home, run: Run, shell: Shell, until: str | None) -> RunStatus:
    """Work; where there is no sandbox, go on without one if the user, who is asked, says so."""
    try:
        return _work(home, run, shell, until)
    except SandboxMissing as missing:
        question = f"{missing} Go on without one? But {NO_SANDBOX}."
        if shell.ask(question, ("no", "yes")) != "yes":
            otherwise = f"Or go on without one: ml-intern resume {run.record.id} --no-sandbox"
            hint = "\n".join((missing.hint, otherwise, f"But {NO_SANDBOX}."))
            raise SandboxMissing(missing.message, hint) from missing
        _agree_to_no_sandbox(home, run, "the user at the terminal")
        return _work(home, run, shell, until)


def _agree_to_no_sandbox(home: Home, run: Run, by: str) -> None:
    request = run.record.request.model_copy(update={"unsandboxed": True})
    with home.engine.begin() as connection:
        runs.set_request(connection, run.record.id, request)
    run.record = run.record.model_copy(update={"request": request})
    run.emit(EventName.MESSAGE, text=f"Jobs run without a sandbox, as {by} said: {NO_SANDBOX}.")


def _work(home: Home, run: Run, shell: Shell, until: str | None) -> RunStatus:
    with backends(home) as opened:
        return _work_with(home, opened, run, shell, until)


def _work_with(home: Home, opened: Backends, run: Run, shell: Shell, until: str | None) -> RunStatus:
    journal = Journal(home.engine, run)
    with home.engine.begin() as connection:
        past = events.history(connection, run.record.id)
    watch = TrainingWatch(run.emit, past)
    brain = open_brain_for(home, run, shell)
    places = Places(home, run.record, opened, watch.on_line, watch.on_wait, shell.stop_it)
    bench = Workbench(
        run=run,
        journal=journal,
        jobs=places.here(),
        compute=places,
        ask=shell.ask,
        models=home.path / "models",
        datasets=home.path / DATASETS,
        hub=lambda: open_hub(home.path),
        interactive=shell.interactive,
        until=until,
        rows_may_be_seen=brain.sees_rows,
        online=run.record.request.online,
        helper=brain.helper,
    )
    agent = make_agent(brain.model, make_toolset(TOOLS), brain.guidance)
    try:
        return asyncio.run(drive(agent, bench, journal, lambda: _decide(run, shell)))
    except UnexpectedModelBehavior as error:
        raise brain_failed(error, run) from error


def _decide(run: Run, shell: Shell) -> Approval | None:
    """The standing permission's answer for what waits, else the person's, else none."""
    asked = run.question()
    assert asked is not None  # nothing else makes the loop pause
    subject = KINDS[asked.kind].model_validate_json(asked.content)
    policy = run.record.request.policy
    why_not = _why_not(run, policy, subject)
    if not why_not:
        return Approval(
            subject_kind=asked.kind,
            subject_sha256=asked.sha256,
            verdict=Verdict.APPROVED,
            by=f"the option --approve {policy.value}",
        )
    run.emit(
        EventName.APPROVAL_REQUIRED,
        subject=asked.kind,
        sha256=asked.sha256,
        why=why_not if policy is not ApprovalPolicy.ASK else [],
        plan=subject.model_dump(mode="json"),
    )
    return shell.approve(subject, asked.sha256)


def _why_not(run: Run, policy: ApprovalPolicy, subject: Artifact) -> list[str]:
    """Why the standing permission does not cover this; empty where it does."""
    if isinstance(subject, TrainingPlan):
        return covers_plan(policy, subject, run.need(TaskSpec))
    if isinstance(subject, PublicationPlan):
        return covers_publication(policy, subject, run.record.request)
    return ["nobody said that this may go ahead"]
