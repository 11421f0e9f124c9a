"""Suggestions for a run's model, and carrying some of them out as a new iteration of the run."""

from collections.abc import Sequence
from typing import Any

from ml_intern.app.drive import go_on
from ml_intern.app.home import Home
from ml_intern.app.shell import Shell
from ml_intern.records.base import Artifact
from ml_intern.records.errors import UsageProblem
from ml_intern.records.evaluation import Evaluation
from ml_intern.records.improvements import Improvements, Suggestion
from ml_intern.records.runs import EventName
from ml_intern.records.spec import AnswerRule
from ml_intern.records.training import SmokeReport, TrainingPlan, TrainingRun, TrainingScript
from ml_intern.records.words import setting
from ml_intern.store.artifacts import StoredArtifact
from ml_intern.training.script import FOLDER, read_scripts, rewrite_script, write_config
from ml_intern.workflow.run import Run

ITERATION: tuple[type[Artifact], ...] = (AnswerRule, TrainingScript, SmokeReport, TrainingPlan, TrainingRun)
"""What an iteration makes anew before its model is evaluated."""
INPUTS: tuple[type[Artifact], ...] = (AnswerRule, TrainingRun)
"""What tells one evaluated model from another."""


def improvements(home: Home, prefix: str | None) -> tuple[str, Improvements]:
    """The run's id and what was suggested for its model.

    Raises:
        UsageProblem: nothing was suggested yet.
    """
    record = home.resolve(prefix)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    return record.id, _suggested(run)


def apply(home: Home, prefix: str | None, numbers: Sequence[int], shell: Shell) -> dict[str, Any]:
    """Make the changes that the suggestions of these numbers ask for, then go on as far as it goes.

    Raises:
        UsageProblem: there is no such suggestion, or it is for a person to carry out.
    """
    record = home.resolve(prefix)

    def change(run: Run) -> None:
        suggested = {each.number: each for each in _suggested(run).suggestions}
        chosen = [_applicable(suggested, number) for number in dict.fromkeys(numbers)]
        made = [*_rules(chosen), *_scripts(run, chosen)]
        titles = "; ".join(each.title for each in chosen)
        settings = {name: value for each in chosen for name, value in each.changes.items()}
        what = ", ".join(f"{name}={setting(value)}" for name, value in settings.items())
        text = f"Trying {titles} ({what})."
        run.commit(_call(run), "improve", text, made, [(EventName.MESSAGE, {"text": text})])

    return go_on(home, record, shell, change)


def undo(home: Home, prefix: str | None, shell: Shell) -> dict[str, Any]:
    """Go back to the model before the last iteration; nothing is trained, and it is packaged again.

    Raises:
        UsageProblem: there is no earlier model.
    """
    record = home.resolve(prefix)

    def restore(run: Run) -> None:
        for artifact in _before(run):
            if isinstance(artifact, TrainingScript):
                write_config(artifact.config, run.folder / FOLDER / "config.json")
            if run.get(type(artifact)) != artifact:
                run.commit(_call(run), "improve", f"Restored {artifact.kind}.", [artifact])
        run.emit(EventName.MESSAGE, text="The model before the last change is the run's model again.")

    return go_on(home, record, shell, restore, until="package")  # to go back is not to publish again


def _suggested(run: Run) -> Improvements:
    found = run.get(Improvements)
    if found is None:
        stage = run.stage()
        where = f"it stands at {stage.name}" if stage else "another version of ML Intern made it"
        raise UsageProblem(
            f"Nothing was suggested for run {run.record.id} yet: {where}.",
            f"Go on with: ml-intern resume {run.record.id}",
        )
    return found


def _applicable(suggested: dict[int, Suggestion], number: int) -> Suggestion:
    found = suggested.get(number)
    if found is None:
        known = ", ".join(map(str, suggested)) or "none"
        raise UsageProblem(
            f"There is no suggestion {number}.", f"There are: {known}. List: ml-intern improve"
        )
    if not found.applies:
        raise UsageProblem(
            f"Suggestion {number}, “{found.title}”, is for a person to carry out.",
            f"What to do: {found.change}",
        )
    return found


def _rules(chosen: Sequence[Suggestion]) -> list[Artifact]:
    return [AnswerRule(unknown=each.unknown) for each in chosen if each.unknown]


def _scripts(run: Run, chosen: Sequence[Suggestion]) -> list[Artifact]:
    """The script with the settings of the chosen; none where they change no setting."""
    config = {name: value for each in chosen for name, value in each.config.items()}
    if not config:
        return []
    script = run.need(TrainingScript)
    read_scripts(script, run.folder)  # they must be there before the folder is written to
    return [rewrite_script(script, run.folder, {}, config, script.packages, script.repairs)]


def _before(run: Run) -> list[Artifact]:
    """What made the last evaluated model that is not the current one: all but the model's evaluation.

    The current one is the script with the rule of its UNKNOWN answer, evaluated or not.
    """
    current = run.sha256(AnswerRule), run.sha256(TrainingScript)
    evaluated = (_made_from(run, each) for each in run.history if each.kind == Evaluation.kind)
    earlier = [made for made in evaluated if made]
    pairs = [(made[0].sha256, made[1].sha256) for made in earlier]
    if current in pairs:  # a model that was gone back to has none but what came before it
        earlier = earlier[: pairs.index(current)]
    for made in reversed(earlier):
        if (made[0].sha256, made[1].sha256) != current:
            kept = zip(ITERATION, made, strict=True)
            return [kind.model_validate_json(found.content) for kind, found in kept]
    raise UsageProblem(
        f"Run {run.record.id} has no earlier model to go back to.", "See what there is: ml-intern show"
    )


def _made_from(run: Run, evaluation: StoredArtifact) -> tuple[StoredArtifact, ...] | None:
    """Rule, script, smoke test, plan and training of an evaluated model; None for an older version."""
    stored = {(each.kind, each.sha256): each for each in run.history}
    try:
        rule, trained = (stored[kind.kind, evaluation.inputs[kind.kind]] for kind in INPUTS)
        plan = stored[TrainingPlan.kind, trained.inputs[TrainingPlan.kind]]
        smoke = stored[SmokeReport.kind, plan.inputs[SmokeReport.kind]]
        return rule, stored[TrainingScript.kind, smoke.inputs[TrainingScript.kind]], smoke, plan, trained
    except KeyError:
        return None


def _call(run: Run) -> str:
    """An id that no other call of the run has: each of them adds to the history."""
    return f"improve-{len(run.history)}"
