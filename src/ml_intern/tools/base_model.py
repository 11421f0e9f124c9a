"""The base model that the user named, or the built-in one. Used by the tools that fix it."""

import re
from pathlib import Path

from ml_intern.hub.models import HubUnreachable, download_model, is_hub_id
from ml_intern.records.errors import UsageProblem
from ml_intern.records.spec import PretrainedModel
from ml_intern.training.base_models import (
    DEFAULT,
    default_model,
    hub_model,
    model_in_folder,
)
from ml_intern.workflow.workbench import Unfit, Workbench

_COMMON = frozenset({"base", "uncased", "cased", "small", "large", "tiny", "mini", "model", "english"})


def locate(bench: Workbench, name: str) -> PretrainedModel:
    """The model called `name`: a folder, or `owner/name[@revision]` on the Hub.

    Raises:
        UsageProblem: there is no such model.
        HubUnreachable: the Hub could not be asked.
    """
    if Path(name).expanduser().is_dir():
        return model_in_folder(Path(name))
    if name.lower() in (DEFAULT.lower(), DEFAULT.lower().partition("/")[2]):
        return default_model()
    if not is_hub_id(name):
        raise UsageProblem(
            f"--base-model {name!r} is neither a folder nor a name on the Hub.",
            f"Write it like --base-model ./my-model or --base-model {DEFAULT}",
        )
    with bench.hub() as access:
        return hub_model(name, *download_model(name, bench.models, access))


def named_model(bench: Workbench, proposed: str | None) -> PretrainedModel | None:
    """The model of the flag, else the one that the user's sentence names; None where neither names one.

    A model that cannot be had is never replaced by another without the user's word.

    Raises:
        UsageProblem: it cannot be had, and nobody can be asked.
        Unfit: the brain proposes one that the user did not name.
    """
    request = bench.run.record.request
    name = request.base_model or proposed
    if name is None:
        return None
    if request.base_model is None and not _is_named(name, request.sentence):
        raise Unfit(f"the user did not name {name}: leave base_model empty, research will choose")
    try:
        return locate(bench, name)
    except HubUnreachable as problem:
        answer = bench.ask(f"{problem.message} Train from {DEFAULT} instead?", ("yes", "no"))
        if answer == "yes":
            return default_model()
        raise UsageProblem(
            problem.message, f"{problem.hint} Or name {DEFAULT}, which is built in."
        ) from problem


def _is_named(name: str, sentence: str) -> bool:
    said = re.sub(r"[^a-z0-9]", "", sentence.lower())
    words = re.findall(r"[a-z]{4,}", name.partition("@")[0].rpartition("/")[2].lower())
    return name.lower() in sentence.lower() or any(w in said for w in words if w not in _COMMON)
