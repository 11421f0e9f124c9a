"""The same task on this machine and on rented jobs: are artifacts and scores the same?

    python -m benchmarks.places HOME

The linear model on banking77 and a fine-tuned encoder on made-up tickets, each with `--compute local` and
with `--compute hf-jobs:t4-small` on an embedded Hub whose prices are made up. Model files and predictions are
compared by their hashes. Takes about ten minutes on two cores.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.command import ML_INTERN, artifact, datasets, keep, run
from benchmarks.hub_chaos import Server
from benchmarks.rented_chaos import free_port, rows
from ml_intern.demo.tickets import write_tickets

TASKS = {
    "linear": "Label banking questions by intent; report accuracy and macro F1.",
    "encoder": "Label customer support tickets by issue type, fine-tuning a lightweight transformer model.",
}
PLACES = ("local", "hf-jobs:t4-small")
SCORES = ("accuracy", "macro_f1")


def main(home: Path) -> None:
    """All four runs, and results/places.json."""
    home.mkdir(parents=True, exist_ok=True)
    write_tickets(home / "tickets.csv", rows=600)
    data = {"linear": datasets() / "banking77", "encoder": home / "tickets.csv"}
    found = []
    with hub(home / "hub"):
        for recipe, task in TASKS.items():
            for place in PLACES:
                found.append(measure(home / f"{recipe}-{place.partition(':')[0]}", task, data[recipe], place))
                print(found[-1], flush=True)
                keep("places", {"runs": found})


@contextmanager
def hub(folder: Path) -> Iterator[None]:
    """An embedded Hub with credit, which the commands run here find."""
    server = Server(folder, free_port())
    server.start("--credits", "5")
    try:
        command = [ML_INTERN, "hub", "token", "--write", "--data", str(folder), "--json"]
        made = subprocess.run(command, capture_output=True, text=True, check=True)
        os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.port}"
        os.environ["HF_TOKEN"] = json.loads(made.stdout)["token"]
        yield
    finally:
        server.kill()


def measure(home: Path, task: str, data: Path, place: str) -> dict[str, Any]:
    """One run, and what of it is to be compared."""
    options = ["--compute", place, "--budget", "1", "--time-limit", "60", "--approve", "plan"]
    result = run(home, "run", task, "--data", str(data), *options)
    trained, evaluation = artifact(home, "training_run"), artifact(home, "evaluation")
    return {
        "recipe": artifact(home, "training_script")["recipe"],
        "place": place,
        "scores": {name: result["metrics"][name] for name in SCORES},
        "kinds": sorted(artifact_kinds(home)),
        "model": {Path(file["path"]).name: file["sha256"] for file in trained["model"]},
        "validation_predictions": trained["validation_predictions"]["sha256"],
        "predictions": evaluation["predictions"]["sha256"],
        "seconds": trained["seconds"],
        "cost_usd": result["cost_usd"],
    }


def artifact_kinds(home: Path) -> list[str]:
    """The kinds of artifacts that the run has made."""
    return [kind for (kind,) in rows(home / "state.db", "SELECT DISTINCT kind FROM artifacts")]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
