"""The walkthrough from its sentence to a published model, without --data: the Hub is searched for data.

    HF_HUB_DISABLE_XET=1 python -m benchmarks.walkthrough HOME

A Hub of its own is filled with three real datasets and nine decoys, each wrong in its own way (see
`tests/hub/shelf.py`), and the product is run against it as a user would run it. It must choose
bitext-support, say why each other one lost, fine-tune an encoder, and publish it with its demo as a Space;
then plain transformers load it from the Hub in a process of their own, and its card is verified. That Hub
speaks plain LFS, hence the variable. Takes about ten minutes on two cores.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from tests.hub.shelf import BITEXT, SENTENCE, WRITER, decoys, real_ones, shelf

from benchmarks.command import artifact, datasets, keep, run

REPO = f"{WRITER}/support-labels"
PIPELINE = """
import json, sys
from transformers import pipeline
print(json.dumps(pipeline("text-classification", sys.argv[1])("I want my money back")[0]))
"""


def main(home: Path) -> None:
    """The run, and results/walkthrough.json."""
    scratch = home / "shelf"
    scratch.mkdir(parents=True, exist_ok=True)
    with shelf(scratch / "hub") as hub:
        api = HfApi(endpoint=hub.endpoint, token=hub.token)
        real_ones(api, datasets())
        reasons = decoys(api, scratch)
        os.environ |= hub.environment() | {"HF_TOKEN": hub.writer}
        wish = ["--publish", REPO, "--space", "--approve", "all", "--time-limit", "120"]
        result = run(home / "home", "run", SENTENCE, *wish)
        answer = asked(home / "cache")
        verified = run(home / "home", "verify", REPO)
    choice, model = artifact(home / "home", "dataset_choice"), artifact(home / "home", "model_choice")
    told = {each["name"]: each for each in choice["candidates"]}
    record = {
        "sentence": SENTENCE,
        "chosen": choice["name"],
        "reason": choice["reason"],
        "candidates": [
            {name: each[name] for name in ("name", "verdict", "score", "reason")} for each in told.values()
        ],
        "base_model": model["base_model"]["name"],
        "exit_code": result["exit_code"],
        "verdict": result["verdict"],
        "worth": result["worth"],
        "published": {name: result["published"][name] for name in ("repo", "private")},
        "space": result["published"]["space"]["repo"],
        "pipeline": answer,
        "verified": {each["id"]: each["ok"] for each in verified["checks"]},
        "metrics": result["metrics"],
        "clean_metrics": result["clean_metrics"],
        "baselines": result["baselines"],
        "seconds": result["seconds"],
    }
    keep("walkthrough", record)
    assert choice["name"] == BITEXT, choice["name"]
    assert all(reason in told[name]["reason"] for name, reason in reasons.items())
    print(result["verdict"])


def asked(cache: Path) -> dict[str, Any]:
    """What plain transformers answer with the published model, in a fresh process with an empty cache."""
    done = subprocess.run(
        [sys.executable, "-c", PIPELINE, REPO], env=os.environ | {"HF_HOME": str(cache)},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
