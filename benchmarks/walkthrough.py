"""The walkthrough from its sentence to a packaged model, without --data: the Hub is searched for the dataset.

    HF_HUB_DISABLE_XET=1 python -m benchmarks.walkthrough HOME

A Hub of its own is filled with three real datasets and nine decoys, each wrong in its own way (see
`tests/hub/shelf.py`), and the product is run against it as a user would run it. It must choose
bitext-support, say why each other one lost, and package a fine-tuned encoder. That Hub speaks plain LFS,
hence the variable. Takes about ten minutes on two cores.
"""

import os
import sys
from pathlib import Path

from huggingface_hub import HfApi
from tests.hub.shelf import BITEXT, SENTENCE, decoys, real_ones, shelf

from benchmarks.command import artifact, datasets, keep, run


def main(home: Path) -> None:
    """The run, and results/walkthrough.json."""
    scratch = home / "shelf"
    scratch.mkdir(parents=True, exist_ok=True)
    with shelf(scratch / "hub") as hub:
        api = HfApi(endpoint=hub.endpoint, token=hub.token)
        real_ones(api, datasets())
        reasons = decoys(api, scratch)
        os.environ |= hub.environment()
        result = run(home / "home", "run", SENTENCE, "--approve", "plan", "--time-limit", "120")
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
        "metrics": result["metrics"],
        "clean_metrics": result["clean_metrics"],
        "baselines": result["baselines"],
        "seconds": result["seconds"],
    }
    keep("walkthrough", record)
    assert choice["name"] == BITEXT, choice["name"]
    assert all(reason in told[name]["reason"] for name, reason in reasons.items())
    print(result["verdict"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
