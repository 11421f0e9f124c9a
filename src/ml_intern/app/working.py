"""Working on a run until it ends, waits or fails, with the brain that it names and the user's side."""

import asyncio
import traceback
from contextlib import aclosing, nullcontext
from dataclasses import dataclass

from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.toolsets import CombinedToolset

from ml_intern.app.brain import brain_failed, open_brain_for
from ml_intern.app.compute import Backends, Places, backends
from ml_intern.app.home import DATASETS, Home
from ml_intern.app.servers import servers_of
from ml_intern.app.shell import Shell
from ml_intern.app.watch import Heartbeat, TrainingWatch
from ml_intern.approval.policy import covers_plan, covers_publication
from ml_intern.brains.guard import BrainStopped
from ml_intern.hub.access import open_hub
from ml_intern.records.approval import ApprovalPolicy, Verdict
from ml_intern.records.base import Artifact
from ml_intern.records.errors import ComputeRefused, ExitCode, InternError, SandboxMissing
from ml_intern.records.jobs import NO_SANDBOX
from ml_intern.records.publication import PublicationPlan
from ml_intern.records.runs import Approval, EventName, RunStatus
from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import TrainingPlan
from ml_intern.store import events, runs
from ml_intern.store.trouble import explain
from ml_intern.tools.catalogue import TOOLS
from ml_intern.workflow.engine import drive, make_agent
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import KINDS
from ml_intern.workflow.workbench import Workbench, make_toolset

STATUS_OF = {
    ExitCode.DENIED: RunStatus.DENIED,
    ExitCode.UNSUPPORTED: RunStatus.UNSUPPORTED,
    ExitCode.INTERRUPTED: RunStatus.INTERRUPTED,
}
EXIT_OF = {RunStatus.DONE: ExitCode.DONE, RunStatus.WAITING: ExitCode.WAITING}


@dataclass(frozen=True)
class Work:
    """What is worked on: a run, through the stage `until`, after `words` were said to its brain."""

    home: Home
    run: Run
    shell: Shell
    until: str | None = None
    words: str | None = None


def until_it_ends(work: Work) -> tuple[RunStatus, str, str, int]:
    """Drive the run; returns its status, the error and hint if there is one, and the exit code."""
    home, run = work.home, work.run
    try:
        status = _with_or_without_sandbox(work)
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


def _with_or_without_sandbox(work: Work) -> RunStatus:
    """Work; where there is no sandbox, go on without one if the user, who is asked, says so."""
    try:
        return _work(work)
    except SandboxMissing as missing:
        question = f"{missing} Go on without one? But {NO_SANDBOX}."
        if work.shell.ask(question, ("no", "yes")) != "yes":
            otherwise = f"Or go on without one: ml-intern resume {work.run.record.id} --no-sandbox"
            hint = "\n".join((missing.hint, otherwise, f"But {NO_SANDBOX}."))
            raise SandboxMissing(missing.message, hint) from missing
        agree_to_no_sandbox(work.home, work.run, "the user at the terminal")
        return _work(work)


def agree_to_no_sandbox(home: Home, run: Run, by: str) -> None:
    """Record that the user knows what running without a sandbox means."""
    request = run.record.request.model_copy(update={"unsandboxed": True})
    with home.engine.begin() as connection:
        runs.set_request(connection, run.record.id, request)
    run.record = run.record.model_copy(update={"request": request})
    run.emit(EventName.MESSAGE, text=f"Jobs run without a sandbox, as {by} said: {NO_SANDBOX}.")


def _work(work: Work) -> RunStatus:
    with backends(work.home) as opened:
        return _work_with(opened, work)


def _work_with(opened: Backends, work: Work) -> RunStatus:
    home, run, shell = work.home, work.run, work.shell
    journal = Journal(home.engine, run)
    with home.engine.begin() as connection:
        past = events.history(connection, run.record.id)
    watch = TrainingWatch(run.emit, past)
    brain, heartbeat = open_brain_for(home, run, shell), Heartbeat(run.pass_on)

    def on_wait(purpose: str) -> None:
        heartbeat.beat(purpose)
        watch.on_wait(purpose)

    places = Places(home, run.record, opened, watch.on_line, on_wait, shell.stop_it)
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
        until=work.until,
        rows_may_be_seen=brain.sees_rows,
        online=run.record.request.online,
        helper=brain.helper,
    )
    servers = servers_of(home.path, run) if brain.helper is not None else None
    toolsets = [make_toolset(TOOLS), *([servers] if servers else [])]
    agent = make_agent(brain.model, CombinedToolset(toolsets), brain.guidance)
    stream = shell.streams and brain.streams

    async def to_its_end() -> RunStatus:
        async with aclosing(servers) if servers else nullcontext():
            return await drive(agent, bench, journal, lambda: _decide(run, shell), stream, work.words)

    try:
        return asyncio.run(to_its_end())
    except (UnexpectedModelBehavior, BrainStopped) as error:
        failed = brain_failed(error, run) if isinstance(error, UnexpectedModelBehavior) else error
        if work.words is not None or not bench.finished():
            raise failed from error
        # Only its closing words are missing: what was asked for is stored, whatever became of the brain.
        run.emit(EventName.MESSAGE, text=f"All that was asked for is done. {failed.message}")
        return RunStatus.DONE


def _decide(run: Run, shell: Shell) -> Approval | None:
    """The standing permission's answer for what waits, else the person's, else none."""
    asked = run.question()
    assert asked is not None  # nothing else makes the loop pause
    subject = KINDS[asked.kind].model_validate_json(asked.content)
    policy = run.record.request.policy
    why_not = _why_not(run, policy, subject, asked.sha256)
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


def _why_not(run: Run, policy: ApprovalPolicy, subject: Artifact, sha256: str) -> list[str]:
    """Why the standing permission does not cover this; empty where it does."""
    if any(answer.subject_sha256 == sha256 and answer.verdict is Verdict.DENIED for answer in run.answers):
        return ["you have said no to exactly this"]
    if isinstance(subject, TrainingPlan):
        return covers_plan(policy, subject, run.need(TaskSpec))
    if isinstance(subject, PublicationPlan):
        return covers_publication(policy, subject, run.record.request)
    return ["nobody said that this may go ahead"]
