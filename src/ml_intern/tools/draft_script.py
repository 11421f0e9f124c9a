"""Tool: write the training script and its config."""

from typing import Any

from ml_intern.records.data import DataReport
from ml_intern.records.research import ModelChoice
from ml_intern.records.spec import PretrainedModel, TaskSpec
from ml_intern.training.base_models import longest_input
from ml_intern.training.recipes import defaults
from ml_intern.training.script import write_script
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

FROM_TASK = ("text_column", "label_column", "id_column", "seed", "selection_metric")


@tool("draft")
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
    base = bench.run.need(ModelChoice).base_model
    config = make_config(recipe, spec, report, base, changes or {})
    script = write_script(recipe, config, bench.run.folder)
    changed = f" with {changes}" if changes else ""
    return Done(f"The {recipe} script was written{changed}.", [script])


def make_config(
    recipe: str, spec: TaskSpec, report: DataReport, base: PretrainedModel | None, changes: dict[str, Any]
) -> dict[str, Any]:
    """The recipe's defaults with `changes`, and what task, data and base model settle."""
    config = defaults(recipe)
    if "max_length" in config and base is not None:
        config["max_length"] = min(config["max_length"], longest_input(base) or config["max_length"])
    settled = {
        "text_column": report.text.name,
        "label_column": report.label.name,
        "id_column": "row_id",
        "seed": spec.seed,
        "selection_metric": spec.selection_metric.value,
    }
    if spec.max_length and "max_length" in config:
        settled["max_length"] = spec.max_length
    return config | changes | settled
