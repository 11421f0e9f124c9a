"""Tool: weigh approaches and fix what will be used."""

from typing import Any, Final

from ml_intern.data.masking import mask
from ml_intern.records.base import Record
from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem
from ml_intern.records.research import Approach, Candidate, Claim, DatasetChoice, ModelChoice, Research
from ml_intern.records.runs import EventName
from ml_intern.records.spec import DataSource, Method, PretrainedModel, TaskSpec
from ml_intern.research.approaches import compare
from ml_intern.research.citing import standing
from ml_intern.tools.base_candidates import pick_base_model
from ml_intern.tools.find_dataset import shown
from ml_intern.training.base_models import DEFAULT, longest_input
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

WHY_DEFAULT = (
    "None was named, and this one is small enough for a CPU: 22.7 million parameters, trained on pairs of "
    "sentences, so that texts of like meaning are close from the start."
)
MOST_FOUND: Final = 20
LONGEST: Final = {"claim": 400, "source": 200, "expected_score": 100, "cost": 100}
"""Characters of each field of what was found out."""


class Found(Record):
    """Something that the brain found out, and where: an id or an address that a tool has returned."""

    claim: str
    source: str = ""
    expected_score: str = ""
    cost: str = ""


@tool("research")
def compare_approaches(
    bench: Workbench, recipe: Method | None = None, findings: list[Found] | None = None
) -> Done:
    """Compare the known approaches for the task, each with its sources, and choose a recipe.

    Args:
        bench: Where the tool works.
        recipe: The recipe that the locked task asks for; leave it empty for just that.
        findings: What you found out that matters for the task, each with its source.
    """
    spec = bench.run.need(TaskSpec)
    if recipe not in (None, spec.method):
        raise Unfit(f"the locked task asks for the method {spec.method}")
    claims = _claims(bench, findings or [])
    approaches = compare(spec)
    chosen = next(each for each in approaches if each.chosen)
    if spec.data is None and bench.run.get(DatasetChoice) is None:
        raise Unfit("the task names no data: find a dataset first")
    model, note = _model(bench, spec.method, spec, chosen)
    chosen_data = [_dataset(spec.data)] if spec.data else []
    made = (Research(approaches=approaches, claims=claims), *chosen_data, model)
    start = f" It starts from {model.base_model.name}." if model.base_model else ""
    news: list[tuple[EventName, dict[str, Any]]] = []
    if len(model.candidates) > 1:
        text = f"Base model: {model.base_model.name if model.base_model else ''}; --base-model names another."
        news.append((EventName.MESSAGE, {"text": text, "candidates": shown(model.candidates)}))
    bare = "".join(f"\n{each.standing.words}: {each.claim}" for each in claims if each.standing.words)
    return Done(f"Chosen: {chosen.name}. {chosen.reason}{start} {note}".strip() + bare, made, news)


def _claims(bench: Workbench, findings: list[Found]) -> tuple[Claim, ...]:
    """What the brain says it found, each held against what the tools of this run have returned."""
    if len(findings) > MOST_FOUND:
        raise Unfit(f"name at most {MOST_FOUND} findings: those that matter for the choice")
    for each in findings:
        for name, most in LONGEST.items():
            if len(getattr(each, name)) > most or (name == "claim" and not each.claim.strip()):
                raise Unfit(f"the {name} of a finding has at most {most} characters, and says something")
    read = bench.run.sources()
    return tuple(
        Claim(
            standing=standing(each.source, read),
            **{name: escape(mask(getattr(each, name))) for name in LONGEST},
        )
        for each in findings
    )


def _dataset(data: DataSource) -> DatasetChoice:
    return DatasetChoice(
        name=data.hub.repo if data.hub else data.location.rsplit("/", 1)[-1],
        revision=data.hub.commit if data.hub else data.sha256,
        licence=data.licence,
        source=f"{data.hub.where}, named by the user" if data.hub else "files given with --data",
        reason="The user named the data; no other was considered.",
        private_use_only=data.licence == "unknown",
    )


def _model(bench: Workbench, recipe: str, spec: TaskSpec, chosen: Approach) -> tuple[ModelChoice, str]:
    """What will be trained, and what there is to say about looking for it."""
    source = f"the {recipe} recipe of ML Intern"
    if recipe == "linear":
        licence = "no base model: all weights are learned from the data"
        made = ModelChoice(
            recipe=recipe, base_model=None, licence=licence, source=source, reason=chosen.reason
        )
        return made, ""
    candidates: tuple[Candidate, ...] = ()
    base, note = spec.base_model, ""
    if base is None:
        base, candidates, note = pick_base_model(bench, spec)
    longest = longest_input(base)
    if spec.max_length and longest and spec.max_length > longest:
        raise UsageProblem(
            f"The task asks for texts of {spec.max_length} tokens; {base.name} takes at most {longest}.",
            "Ask for fewer tokens, or name a base model that takes more with --base-model.",
        )
    why = "The task names it." if spec.base_model else _why(base, candidates)
    choice = ModelChoice(
        recipe=recipe,
        base_model=base,
        licence=base.licence,
        source=f"{source}, starting from {base.source}",
        reason=f"{chosen.reason} Base model: {base.name}. {why}",
        candidates=candidates,
    )
    return choice, note


def _why(base: PretrainedModel, candidates: tuple[Candidate, ...]) -> str:
    if base.name == DEFAULT:
        return WHY_DEFAULT
    return f"Chosen among {len(candidates)} that were looked at: {candidates[0].reason}."
