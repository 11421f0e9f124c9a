"""Runs that are killed with SIGKILL at random instants, resumed, and held against one that was left alone.

    python -m benchmarks.chaos [RUNS [KILLS [RECIPE]]]     200 runs, 400 kills in all, linear unless said

A run goes from the sentence to the packaged model of a small task; RECIPE is linear or encoder, the latter on
a BERT of two small random layers. In the end every artifact must be that of the undisturbed run, every job
started once, and no process left. `tests/app/test_resume.py` does the same with fewer runs.
"""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
from tests.conftest import make_bert

from benchmarks.command import ML_INTERN, keep
from ml_intern.app.home import open_home
from ml_intern.demo.tickets import write_tickets
from ml_intern.training.base_models import default_model
from ml_intern.workflow.run import Run

TASK = "Label customer support tickets by issue type; report accuracy, macro F1 and a confusion matrix."
TUNED = f"{TASK[:-1]}, fine-tuning a lightweight transformer model."
LONGEST = {"linear": 5.0, "encoder": 30.0}
"""Seconds that a process may live before it is killed: shorter than any run, longer than any start."""
VOLATILE = {
    "seconds", "train_seconds", "startup_seconds", "peak_memory_bytes", "memory_bytes", "minutes", "log_tail",
    "intent_id", "card", "traces", "seconds_by_check", "rows_per_second", "predict_rows_per_second",
}  # fmt: skip
MEASURED = {"README.md", "MANIFEST.sha256", "evaluation.json", "audit.json", "training_curves.csv"}
"""Files that name measured seconds: the card as text, evaluation and curves as files beside it."""


def main(runs: int = 200, kills: int = 400, recipe: str = "linear") -> None:
    name = "chaos" if recipe == "linear" else f"chaos_{recipe}"
    record: dict[str, Any] = {"recipe": recipe, "runs": 0, "kills": 0, "wrong": []}
    task = TASK if recipe == "linear" else TUNED
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_tickets(work / "tickets.csv", rows=400)
        options = ["--data", str(work / "tickets.csv"), "--approve", "plan", "--json"]
        if recipe == "encoder":
            options += ["--base-model", str(make_bert(base_model(), work / "small", 64))]
        disturb(work / "calm", options, seed=0, kills=0, task=task)
        expected, jobs = end_state(work / "calm"), len(launches(work / "calm"))

        def one(number: int) -> tuple[int, list[str]]:
            home = work / f"run{number}"
            wanted = kills // runs + (number < kills % runs)
            killed = disturb(home, options, number, wanted, LONGEST[recipe], task)
            wrong = judged(home, expected, jobs)
            shutil.rmtree(home)
            return killed, wrong

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for number, (killed, wrong) in enumerate(pool.map(one, range(runs))):
                record["runs"] += 1
                record["kills"] += killed
                record["wrong"] += [{"seed": number, "what": each} for each in wrong]
                print(f"{number + 1}/{runs}", f"{killed} kills", wrong or "as undisturbed", flush=True)
                keep(name, record)
    print(record)


def base_model() -> Path:
    """The installed base model, whose tokenizer is used."""
    return Path(default_model().folder)


def disturb(
    home: Path,
    options: Sequence[str],
    seed: int,
    kills: int,
    longest: float = LONGEST["linear"],
    task: str = TASK,
) -> int:
    """Run to the end with up to `kills` kills within `longest` seconds each; returns how many there were."""
    chance, killed = random.Random(seed), 0
    while True:
        process = subprocess.Popen(
            [ML_INTERN, *begin(home, options, task)],
            env=os.environ | {"ML_INTERN_HOME": str(home), "HF_ENDPOINT": "http://127.0.0.1:9"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            code = process.wait(timeout=chance.uniform(0, longest) if killed < kills else 900)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
            continue
        if code:
            raise SystemExit(f"{home}: ended with {code} after {killed} kills")
        return killed


def begin(home: Path, options: Sequence[str], task: str = TASK) -> list[str]:
    """The command that goes on with the run in `home`, or starts it where there is none yet."""
    if (home / "state.db").exists():
        with closing(sqlite3.connect(home / "state.db", timeout=30)) as state:
            made = state.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone()
            if made and state.execute("SELECT 1 FROM runs").fetchone():
                return ["resume", "--json"]
    return ["run", task, *options]


def judged(home: Path, expected: dict[str, Any], jobs: int) -> list[str]:
    """What is not as in an undisturbed run with so many jobs, whose end state is `expected`."""
    found, counts = end_state(home), launches(home)
    wrong = [f"{name} differs" for name in {*expected, *found} if expected.get(name) != found.get(name)]
    wrong += [f"{name} was launched {count} times" for name, count in counts.items() if count != 1]
    wrong += [f"{len(counts)} jobs"] if len(counts) != jobs else []
    return wrong + [f"left behind: {each}" for each in survivors(home)]


def end_state(home: Path) -> dict[str, Any]:
    """All artifacts of the latest run, and their versions in the order in which they were made."""
    opened = open_home(home)
    try:
        record = opened.resolve(None)
        run = Run(opened.engine, record, opened.folder(record.id), lambda event: None)
        history = [(stored.kind, stored.version) for stored in run.history]
        found = {kind: stable(made.model_dump(mode="json")) for kind, made in run.artifacts().items()}
    finally:
        opened.engine.dispose()
    for holder, name in (("bundle", "files"), ("training_run", "figures")):
        kept = [each for each in found[holder][name] if Path(each["path"]).name not in MEASURED]
        found[holder][name] = kept
    return found | {"history": history}


def stable(value: Any) -> Any:
    """An artifact without times, memory and ids of runs, which differ between any two runs."""
    if isinstance(value, dict):
        return {key: stable(each) for key, each in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [stable(each) for each in value]
    if isinstance(value, str):
        if value.startswith(
            ("It was worth it", "It was not worth it")
        ):  # it says how long the trainings took
            value = re.sub(r"\d[\d.]* (?:s|min|h)\b", "so long", value)
        value = re.sub(r"the loss fell from [\d.]+ to [\d.]+", "the loss fell", value)  # till it was seen to
        return re.sub(r"(jobs/[a-z-]+-)[0-9a-f]{8}", r"\1", value)
    return value


def launches(home: Path) -> dict[str, int]:
    """How often each job of a home was started."""
    return {
        path.parent.name: len(path.read_text().splitlines()) for path in (home / "jobs").glob("*/launches")
    }


def survivors(home: Path) -> list[str]:
    """Command lines of processes that name the home."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(home) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(words)
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
