"""Which base models there are besides the built-in one, and which to take where the task names none."""

from pathlib import Path
from typing import Final

from ml_intern.hub.access import FOLDER, is_configured
from ml_intern.hub.errors import HubDown, HubRefused
from ml_intern.hub.find_models import HubModel, find_models
from ml_intern.hub.models import download_model
from ml_intern.records.research import Candidate, Verdict
from ml_intern.records.spec import PretrainedModel, TaskSpec
from ml_intern.research.base_models import ModelFacts, rank_models
from ml_intern.research.queries import wanted
from ml_intern.research.ranking import choose
from ml_intern.training.base_models import DEFAULT, default_model, hub_model
from ml_intern.workflow.workbench import Workbench

BUILT_IN_PARAMETERS: Final = 22_713_216


def pick_base_model(bench: Workbench, spec: TaskSpec) -> tuple[PretrainedModel, tuple[Candidate, ...], str]:
    """The base model by the stated criteria, all candidates with reasons, and a note on the search.

    Only what the configured Hub offers is compared with the built-in model; where that does not answer, the
    built-in one is taken, as it needs no Hub.
    """
    built_in = default_model()
    found, note = _search(bench)
    facts = [_built_in(built_in), *(_facts(each) for each in found if each.name != DEFAULT)]
    ranked = rank_models(facts, wanted(spec.sentence, spec.target))
    best = next((each for each in ranked if each.verdict is not Verdict.UNFIT), ranked[0])
    if best.name == DEFAULT or best.verdict is Verdict.UNFIT:
        return built_in, choose(ranked, DEFAULT), note
    with bench.hub() as access:
        folder, commit, where = download_model(f"{best.name}@{best.revision}", bench.models, access)
    return hub_model(best.name, folder, commit, where), choose(ranked, best.name), note


def _search(bench: Workbench) -> tuple[list[HubModel], str]:
    if not is_configured() and not (Path(bench.models).parent / FOLDER).is_dir():
        return [], "No Hub is configured, so that no other base model was looked for."
    try:
        with bench.hub() as access:
            return find_models(access), ""
    except (HubDown, HubRefused) as problem:
        return [], f"No other base model was looked for: {problem.message}"


def _built_in(model: PretrainedModel) -> ModelFacts:
    return ModelFacts(
        name=DEFAULT,
        revision=model.revision,
        licence=model.licence,
        parameters=BUILT_IN_PARAMETERS,
        safe=True,
        needs_code=False,
        gated=False,
        languages=("en",),
        downloads=0,
    )


def _facts(found: HubModel) -> ModelFacts:
    return ModelFacts(
        name=found.name,
        revision=found.commit,
        licence=found.licence,
        parameters=found.parameters,
        safe=found.safe,
        needs_code=found.needs_code,
        gated=found.gated,
        languages=found.languages,
        downloads=found.downloads,
    )
