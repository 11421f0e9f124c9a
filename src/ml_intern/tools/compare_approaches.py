"""Tool: weigh approaches and fix what will be used."""

from ml_intern.records.research import Approach, DatasetChoice, ModelChoice, Research
from ml_intern.records.spec import TaskSpec
from ml_intern.research.approaches import compare
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


@tool("research")
def compare_approaches(bench: Workbench, recipe: str) -> Done:
    """Compare the known approaches for the task, each with its sources, and choose a recipe.

    Args:
        bench: Where the tool works.
        recipe: The recipe that the locked task allows: linear.
    """
    spec = bench.run.need(TaskSpec)
    if recipe != spec.method:
        raise Unfit(f"the locked task asks for the method {spec.method}")
    approaches = compare(spec)
    chosen = next(each for each in approaches if each.chosen)
    made = (Research(approaches=approaches), _dataset(spec), _model(recipe, chosen))
    return Done(f"Chosen: {chosen.name}. {chosen.reason}", made)


def _dataset(spec: TaskSpec) -> DatasetChoice:
    return DatasetChoice(
        name=spec.data.location.rsplit("/", 1)[-1],
        revision=spec.data.sha256,
        licence=spec.data.licence,
        source="files given with --data",
        reason="The user named the data; no other was considered.",
        private_use_only=spec.data.licence == "unknown",
    )


def _model(recipe: str, chosen: Approach) -> ModelChoice:
    return ModelChoice(
        recipe=recipe,
        base_model=None,
        revision=None,
        licence="no base model: all weights are learned from the data",
        source=f"the {recipe} recipe of ML Intern",
        reason=chosen.reason,
    )
