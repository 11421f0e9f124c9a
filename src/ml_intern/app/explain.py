"""Looking closer at a run: what changed, why it is planned so, and what its brain called."""

from collections.abc import Iterator
from typing import Any

from pydantic_ai.messages import (
    ModelMessagesTypeAdapter,
    ModelRequest,
    ModelResponse,
    RetryPromptPart,
    ToolReturnPart,
)

from ml_intern.app.home import Home
from ml_intern.data.masking import mask
from ml_intern.records.data import DataReport
from ml_intern.records.errors import UsageProblem
from ml_intern.records.research import ModelChoice, Research
from ml_intern.records.training import TrainingPlan, TrainingScript
from ml_intern.store import journal
from ml_intern.training.recipes import recipe_files
from ml_intern.training.script import difference, read_scripts
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import KINDS


def changes(home: Home, prefix: str | None) -> dict[str, Any]:
    """What was changed since the recipe: the script as a unified diff, and the plan's changes in words.

    Raises:
        UsageProblem: nothing was drafted yet.
    """
    run = _run(home, prefix)
    script, plan = run.get(TrainingScript), run.get(TrainingPlan)
    if script is None:
        raise UsageProblem(
            f"Run {run.record.id} has no script yet.", f"See where it stands: ml-intern show {run.record.id}"
        )
    drafted = next(stored for stored in run.history if stored.kind == TrainingScript.kind)
    recipe = {name: path.read_text(encoding="utf-8") for name, path in recipe_files(script.recipe).items()}
    first = KINDS[drafted.kind].model_validate_json(drafted.content)
    assert isinstance(first, TrainingScript)
    before = recipe | {"config.json": first.config}
    after = read_scripts(script, run.folder) | {"config.json": script.config}
    return {
        "run": run.record.id,
        "script": difference(before, after),
        "plan": list(plan.changes) if plan else [],
        "answers": list(plan.answers) if plan else [],
    }


def reasons(home: Home, prefix: str | None) -> dict[str, Any]:
    """Why the plan is as it is: approach, model, settings, expectation, and what was found in the data.

    Raises:
        UsageProblem: nothing was researched yet.
    """
    run = _run(home, prefix)
    research, model = run.get(Research), run.get(ModelChoice)
    if research is None or model is None:
        raise UsageProblem(
            f"Run {run.record.id} has chosen nothing yet.",
            f"See where it stands: ml-intern show {run.record.id}",
        )
    plan, report = run.get(TrainingPlan), run.get(DataReport)
    chosen = next(each for each in research.approaches if each.chosen)
    told = [("approach", f"{chosen.name}: {chosen.reason}"), ("model", model.reason)]
    told += [
        ("source", f"{each.measure} {each.score} of {each.model} on {each.dataset}: {each.source}")
        for each in chosen.references
    ]
    told += [("not taken", f"{each.name}: {each.reason}") for each in research.approaches if not each.chosen]
    if report:
        told += [("data", f"{each.message} {each.action}") for each in report.findings if each.action][:5]
    if plan:
        told += [(choice.name, f"{choice.value}: {choice.reason}") for choice in plan.hyperparameters]
        told += [("expected", plan.expected.basis), ("minutes", plan.minutes.basis)]
        told += [("instead", each) for each in plan.alternatives]
        told += [("note", each) for each in plan.notes]
    return {"run": run.record.id, "reasons": [{"about": about, "why": why} for about, why in told]}


def calls(home: Home, prefix: str | None) -> dict[str, Any]:
    """Every tool call of the run's conversation, oldest first, with its arguments and what came of it."""
    run = _run(home, prefix)
    with home.engine.begin() as connection:
        stored = journal.messages_of(connection, run.record.id)
    messages = ModelMessagesTypeAdapter.validate_json(f"[{','.join(stored)}]")
    returned = dict(_returned(messages))
    made = [part for each in messages if isinstance(each, ModelResponse) for part in each.tool_calls]
    found = [
        {
            "number": number,
            "tool": part.tool_name,
            "arguments": {name: mask(str(value)) for name, value in part.args_as_dict().items()},
            "result": returned.get(part.tool_call_id),
        }
        for number, part in enumerate(made, start=1)
    ]
    return {"run": run.record.id, "calls": found}


def _returned(messages: list[Any]) -> Iterator[tuple[str, str]]:
    for message in messages:
        for part in message.parts if isinstance(message, ModelRequest) else ():
            if isinstance(part, ToolReturnPart | RetryPromptPart) and part.tool_call_id:
                yield part.tool_call_id, mask(str(part.content))


def _run(home: Home, prefix: str | None) -> Run:
    record = home.resolve(prefix)
    return Run(home.engine, record, home.folder(record.id), lambda event: None)
