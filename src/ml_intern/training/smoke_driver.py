"""Runs inside the smoke test's sandbox: train, kill, train on, reload and predict, overfit a handful.

Standard library only. Writes one JSON line per step to outputs/smoke.jsonl; stops at the first that fails.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TRAIN = ["train.py", "config.json"]
PREDICT = ["predict.py", "outputs/model", "data/validation.parquet", "outputs/reloaded.parquet"]
REPORT = Path("outputs/smoke.jsonl")
OVERFIT = Path("overfit")
ROWS_AFTER_CHECKPOINT = 2
"""A row may be logged before its checkpoint is complete; by the second one after, it must be."""

LEARNT, LAST = 0.7, 3
"""The last three losses below this share of the first one: learnt, and nothing more to see."""


def logged(folder: Path = Path()) -> list[str]:
    """The lines of metrics.jsonl so far, complete ones only."""
    path = folder / "outputs" / "metrics.jsonl"
    text = path.read_text() if path.exists() else ""
    return text.splitlines() if text.endswith("\n") else text.splitlines()[:-1]


def has_checkpoint() -> bool:
    """Whether a file that can hold weights lies among the checkpoints."""
    found = Path("outputs/checkpoints").glob("*")
    return any(path.suffix in (".pt", ".safetensors") for path in found)


def train_and_kill() -> tuple[int, list[str]]:
    """Start training and kill it once a checkpoint lies behind it; the lines logged by then.

    A script that ends before is not killed: exit code and no lines.
    """
    process = subprocess.Popen([sys.executable, *TRAIN])
    enough: int | None = None
    while process.poll() is None:
        if enough is None and has_checkpoint():
            enough = len(logged()) + ROWS_AFTER_CHECKPOINT
        if enough is not None and len(logged()) >= enough:
            process.kill()
            process.wait()
            return 0, logged()
        time.sleep(0.02)
    return process.returncode, []


def restart(before: list[str]) -> dict[str, Any]:
    """Start again; `kept` says whether the first line was taken over rather than made anew."""
    code = subprocess.run([sys.executable, *TRAIN]).returncode
    return {"exit_code": code, "killed": bool(before), "kept": before[:1] == logged()[: len(before[:1])]}


def overfit() -> dict[str, Any]:
    """Train on a handful of rows until they are learnt or the script ends; the first and the last loss."""
    command = [sys.executable, str(Path("train.py").resolve()), "config.json"]
    process = subprocess.Popen(command, cwd=OVERFIT)
    code: int | None = None
    while code is None:
        time.sleep(0.05)
        code = process.poll()
        if code is None and learnt(losses()):
            process.kill()
            process.wait()
            code = 0
    found = losses()
    return {"exit_code": code, "losses": found[:1] + found[-1:]}


def losses() -> list[float]:
    """Those of the training on a handful of rows so far."""
    return [row["loss"] for row in map(json.loads, logged(OVERFIT)) if "loss" in row]


def learnt(found: list[float]) -> bool:
    """Whether the last few losses leave no doubt: each is far below the first."""
    return len(found) > LAST and max(found[-LAST:]) < LEARNT * found[0]


def main() -> int:
    """Run the steps in order; the exit code of the first that fails, else 0."""
    before: list[str] = []

    def train() -> dict[str, Any]:
        nonlocal before
        code, before = train_and_kill()
        return {"exit_code": code}

    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "train": train,
        "restart": lambda: restart(before),
        "reload": lambda: {"exit_code": subprocess.run([sys.executable, *PREDICT]).returncode},
    }
    if OVERFIT.is_dir():
        steps["overfit"] = overfit
    for name, run in steps.items():
        begin = time.monotonic()
        found = run()
        REPORT.parent.mkdir(exist_ok=True)
        with REPORT.open("a") as stream:
            stream.write(json.dumps({"step": name, "seconds": time.monotonic() - begin, **found}) + "\n")
        if found["exit_code"]:
            return int(found["exit_code"]) & 255 or 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
