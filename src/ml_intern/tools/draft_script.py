"""Tool: write the training script and its config."""

from typing import Any

from ml_intern.records.data import DataReport
from ml_intern.records.research import ModelChoice
from ml_intern.records.spec import TaskSpec
from ml_intern.training.recipes import defaults
from ml_intern.training.script import write_script
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

FROM_TASK = ("text_column", "label_column", "id_column", "seed", "selection_metric")


@tool("draft", "smoke", "plan")
def draft_script(bench: Workbench, changes: dict[str, Any] | None = None) -> Done:
    """Write train.py, predict.py and config.json of the chosen recipe; a new draft replaces the last.

    Args:
        bench: Where the tool works.
        changes: Settings that differ from the recipe's defaults, by name.
    """
    recipe = bench.run.need(ModelChoice).recipe
    spec, report = bench.run.need(TaskSpec), bench.run.need(DataReport)
    settings = defaults(recipe)
    unknown = set(changes or {}) - set(settings)
    if unknown or set(changes or {}) & set(FROM_TASK):
        allowed = sorted(set(settings) - set(FROM_TASK))
        raise Unfit(f"only these settings can change: {', '.join(allowed)}")
    config = make_config(recipe, spec, report, changes or {})
    script = write_script(recipe, config, bench.run.folder)
    changed = f" with {changes}" if changes else ""
    return Done(f"The {recipe} script was written{changed}.", [script])


def make_config(recipe: str, spec: TaskSpec, report: DataReport, changes: dict[str, Any]) -> dict[str, Any]:
    """The recipe's defaults with `changes`, and what the task and the data settle."""
    settled = {
        "text_column": report.text.name,
        "label_column": report.label.name,
        "id_column": "row_id",
        "seed": spec.seed,
        "selection_metric": spec.selection_metric.value,
    }
    if spec.max_length and "max_length" in defaults(recipe):
        settled["max_length"] = spec.max_length
    return defaults(recipe) | changes | settled
