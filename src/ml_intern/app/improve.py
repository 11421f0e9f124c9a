"""Suggestions for a run's model, and carrying some of them out as a new iteration of the run."""

from collections.abc import Sequence
from typing import Any

from ml_intern.app.drive import go_on
from ml_intern.app.home import Home
from ml_intern.app.shell import Shell
from ml_intern.records.base import Artifact
from ml_intern.records.errors import UsageProblem
from ml_intern.records.improvements import Improvements, Suggestion
from ml_intern.records.runs import EventName
from ml_intern.records.training import SmokeReport, TrainingPlan, TrainingRun, TrainingScript
from ml_intern.records.words import setting
from ml_intern.training.script import FOLDER, read_scripts, rewrite_script, write_config
from ml_intern.workflow.run import Run

ITERATION: tuple[type[Artifact], ...] = (TrainingScript, SmokeReport, TrainingPlan, TrainingRun)
"""What an iteration makes anew before its model is evaluated."""


def improvements(home: Home, prefix: str | None) -> tuple[str, Improvements]:
    """The run's id and what was suggested for its model.

    Raises:
        UsageProblem: nothing was suggested yet.
    """
    record = home.resolve(prefix)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    return record.id, _suggested(run)


def apply(home: Home, prefix: str | None, numbers: Sequence[int], shell: Shell) -> dict[str, Any]:
    """Change the script as the suggestions of these numbers say, then go on as far as it goes.

    Raises:
        UsageProblem: there is no such suggestion, or it is for a person to carry out.
    """
    record = home.resolve(prefix)

    def change(run: Run) -> None:
        suggested = {each.number: each for each in _suggested(run).suggestions}
        chosen = [_applicable(suggested, number) for number in dict.fromkeys(numbers)]
        config = {name: value for each in chosen for name, value in each.config.items()}
        script = run.need(TrainingScript)
        read_scripts(script, run.folder)  # they must be there before the folder is written to
        made = rewrite_script(script, run.folder, {}, config, script.packages, script.repairs)
        titles = "; ".join(each.title for each in chosen)
        text = f"Trying {titles} ({', '.join(f'{name}={setting(value)}' for name, value in config.items())})."
        run.commit(_call(run), "improve", text, [made], [(EventName.MESSAGE, {"text": text})])

    return go_on(home, record, shell, change)


def undo(home: Home, prefix: str | None, shell: Shell) -> dict[str, Any]:
    """Go back to the model before the last iteration; nothing is trained, and it is packaged again.

    Raises:
        UsageProblem: there is no earlier model.
    """
    record = home.resolve(prefix)

    def restore(run: Run) -> None:
        before = _before(run)
        assert isinstance(before[0], TrainingScript)
        write_config(before[0].config, run.folder / FOLDER / "config.json")
        for artifact in before:
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


def _before(run: Run) -> list[Artifact]:
    """Script, smoke test, plan and training of the model before the current script's, as they were stored."""
    current = run.sha256(TrainingScript)
    stored = {(each.kind, each.sha256): each for each in run.history}
    own = [each.sha256 for each in run.history].index(current) if current else 0  # where it was made at first
    for each in reversed(run.history[:own]):
        if each.kind != TrainingRun.kind:
            continue
        plan = stored[TrainingPlan.kind, each.inputs[TrainingPlan.kind]]
        smoke = stored[SmokeReport.kind, plan.inputs[SmokeReport.kind]]
        script = stored[TrainingScript.kind, smoke.inputs[TrainingScript.kind]]
        if script.sha256 != current:
            kept = zip(ITERATION, (script, smoke, plan, each), strict=True)
            return [kind.model_validate_json(found.content) for kind, found in kept]
    raise UsageProblem(
        f"Run {run.record.id} has no earlier model to go back to.", "See what there is: ml-intern show"
    )


def _call(run: Run) -> str:
    """An id that no other call of the run has: each of them adds to the history."""
    return f"improve-{len(run.history)}"
