"""What the chat needs to know: which run waits for what, and with which brain the next step is made."""

from dataclasses import dataclass

from ml_intern.app.brain import BrainWish, check_wish, set_brain
from ml_intern.app.home import Home
from ml_intern.app.result import snapshot
from ml_intern.brains.boundary import redacted
from ml_intern.records.runs import Event, EventName, RunStatus
from ml_intern.records.training import TrainingPlan, TrainingScript
from ml_intern.store import events
from ml_intern.store.lock import run_lock
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import STAGES


@dataclass(frozen=True)
class Standing:
    """Where a run stands: `done` of `stages` stages; `question` is what waits for a yes, if anything does.

    `settings` are those of its plan that can be changed, with their values.
    """

    run: str
    stage: str
    done: int
    stages: int
    status: RunStatus
    question: str
    about_plan: bool
    spent_usd: float
    brain: str
    settings: dict[str, str]

    @property
    def waits(self) -> bool:
        """Whether a person must answer before it goes on."""
        return self.status is RunStatus.WAITING and bool(self.question)


def standing(home: Home, prefix: str | None) -> Standing:
    """Where the run of this id, or the latest, stands.

    Raises:
        UsageProblem: there is no such run.
    """
    record = home.resolve(prefix)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    result = snapshot(home, record.id)
    wanted = [stage for stage in STAGES if stage.wanted(record.request)]
    plan, script = run.get(TrainingPlan), run.get(TrainingScript)
    asked = run.question()
    return Standing(
        run=record.id,
        stage=result["stage"],
        done=sum(not run.objections(stage) for stage in wanted),
        stages=len(wanted),
        status=record.status,
        question=result["question"] or "",
        about_plan=asked is not None and asked.kind == TrainingPlan.kind,
        spent_usd=result["cost_usd"],
        brain=record.request.brain,
        settings={choice.name: choice.value for choice in plan.hyperparameters} if plan and script else {},
    )


def asked_event(home: Home, prefix: str | None) -> Event | None:
    """The event that asked for the answer that waits, or was given last; None before there was any."""
    record = home.resolve(prefix)
    with home.engine.begin() as connection:
        past = events.history(connection, record.id)
    return next((each for each in reversed(past) if each.event is EventName.APPROVAL_REQUIRED), None)


def change_brain(home: Home, prefix: str | None, name: str) -> None:
    """Let another brain go on with a run.

    Raises:
        UsageProblem: there is no such brain or run.
        RunLocked: a living process drives it.
    """
    record, wish = home.resolve(prefix), BrainWish(name=name)
    check_wish(home, wish)
    with run_lock(home.folder(record.id), record.id):
        run = Run(home.engine, record, home.folder(record.id), lambda event: None)
        set_brain(home, run, wish)


def kept_words(text: str) -> str:
    """What may be kept of a line that was typed: a credential pasted by mistake is masked."""
    return redacted(text)
