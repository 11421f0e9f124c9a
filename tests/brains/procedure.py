"""A scripted model that does the standard job, as a language model would: by what it is offered and told."""

import re
from pathlib import Path
from typing import Any

from pydantic_ai.models import override_allow_model_requests

from tests.brains.server import Asked, Call
from tests.runs import Ended, ml_intern

KEY = "the-key-of-this-server"

TASK_AS_READ: dict[str, Any] = {
    "goal": "Label customer support tickets by issue type.",
    "target": "issue type",
    "metrics": ["accuracy", "macro_f1"],
    "selection_metric": "macro_f1",
    "method": "linear",
    "budget_usd": 0,
    "time_limit_minutes": 60,
    "assumptions": ["time limit: 60 minutes"],
}
STEPS = {
    "define": ("accept_task", TASK_AS_READ),
    "research": ("compare_approaches", {"recipe": "linear"}),
    "inspect": ("inspect_data", {}),
    "baseline": ("run_baselines", {}),
    "draft": ("draft_script", {}),
    "smoke": ("run_smoke_test", {}),
    "train": ("train_model", {}),
    "evaluate": ("evaluate_model", {}),
    "stress": ("stress_model", {}),
    "improve": ("suggest_improvements", {}),
    "package": ("package_model", {}),
}


def stage_of(asked: Asked) -> str:
    found = re.search(r"Current stage: (\w+)", asked.system)
    return found[1] if found else ""


def proceed(asked: Asked) -> Call | str:
    """The next step of the standard job."""
    stage = stage_of(asked)
    if stage == "plan":
        plan = re.search(r"current plan's hash: (\w+)", asked.system)
        return ("request_approval", {"plan_sha256": plan[1]}) if plan else ("propose_plan", {})
    return STEPS[stage] if stage in STEPS else "Every stage is done."


def with_key(home: Path, *arguments: str | Path, **variables: str) -> Ended:
    """The command with a key for the server, and a token that is none of its business."""
    keys = {"ML_INTERN_BRAIN_KEY": KEY, "HF_TOKEN": "hf_" + "x1Y2" * 9}
    with override_allow_model_requests(True):
        return ml_intern(home, *arguments, hub=keys | variables)
