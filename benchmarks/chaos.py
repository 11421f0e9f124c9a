"""Runs that are killed with SIGKILL at random instants, resumed, and held against one that was left alone.

    python -m benchmarks.chaos [RUNS [KILLS]]     200 runs, 400 kills in all unless said otherwise

A run goes from the sentence to the packaged model of a small linear task. In the end every artifact must be
that of the undisturbed run, every job started once, and no process left. `tests/app/test_resume.py` does the
same with fewer runs.
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

from benchmarks.command import ML_INTERN, keep
from ml_intern.app.home import open_home
from ml_intern.demo.tickets import write_tickets
from ml_intern.workflow.run import Run

TASK = "Label customer support tickets by issue type; report accuracy, macro F1 and a confusion matrix."
JOBS = 7
"""Baseline, smoke test, training, two to evaluate, stress test, example of the card."""
LONGEST = 5.0
"""Seconds that a process may live before it is killed: shorter than any run, longer than any start."""
VOLATILE = {
    "seconds", "train_seconds", "startup_seconds", "peak_memory_bytes", "memory_bytes", "minutes", "log_tail",
    "intent_id", "card", "traces", "seconds_by_check",
}  # fmt: skip
MEASURED = {"README.md", "MANIFEST.sha256", "evaluation.json", "audit.json", "training_curves.csv"}
"""Files that name measured seconds: the card as text, evaluation and curves as files beside it."""


def main(runs: int = 200, kills: int = 400) -> None:
    record: dict[str, Any] = {"runs": 0, "kills": 0, "wrong": []}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        write_tickets(work / "tickets.csv", rows=400)
        options = ["--data", str(work / "tickets.csv"), "--approve", "plan", "--json"]
        disturb(work / "calm", options, seed=0, kills=0)
        expected = end_state(work / "calm")

        def one(number: int) -> tuple[int, list[str]]:
            home = work / f"run{number}"
            wanted = kills // runs + (number < kills % runs)
            killed = disturb(home, options, number, wanted)
            wrong = judged(home, expected)
            shutil.rmtree(home)
            return killed, wrong

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for number, (killed, wrong) in enumerate(pool.map(one, range(runs))):
                record["runs"] += 1
                record["kills"] += killed
                record["wrong"] += [{"seed": number, "what": each} for each in wrong]
                print(f"{number + 1}/{runs}", f"{killed} kills", wrong or "as undisturbed", flush=True)
                keep("chaos", record)
    print(record)


def disturb(home: Path, options: Sequence[str], seed: int, kills: int) -> int:
    """Run to the end with up to `kills` kills at random instants; returns how many there were."""
    chance, killed = random.Random(seed), 0
    while True:
        process = subprocess.Popen(
            [ML_INTERN, *begin(home, options)],
            env=os.environ | {"ML_INTERN_HOME": str(home), "HF_ENDPOINT": "http://127.0.0.1:9"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            code = process.wait(timeout=chance.uniform(0, LONGEST) if killed < kills else 300)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
            continue
        if code:
            raise SystemExit(f"{home}: ended with {code} after {killed} kills")
        return killed


def begin(home: Path, options: Sequence[str]) -> list[str]:
    """The command that goes on with the run in `home`, or starts it where there is none yet."""
    if (home / "state.db").exists():
        with closing(sqlite3.connect(home / "state.db", timeout=30)) as state:
            made = state.execute("SELECT 1 FROM sqlite_master WHERE name = 'runs'").fetchone()
            if made and state.execute("SELECT 1 FROM runs").fetchone():
                return ["resume", "--json"]
    return ["run", TASK, *options]


def judged(home: Path, expected: dict[str, Any]) -> list[str]:
    """What is not as in an undisturbed run, whose end state is `expected`."""
    found, counts = end_state(home), launches(home)
    wrong = [f"{name} differs" for name in {*expected, *found} if expected.get(name) != found.get(name)]
    wrong += [f"{name} was launched {count} times" for name, count in counts.items() if count != 1]
    wrong += [f"{len(counts)} jobs"] if len(counts) != JOBS else []
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
    main(*map(int, sys.argv[1:]))
