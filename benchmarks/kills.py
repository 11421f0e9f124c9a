"""Twenty SIGKILLs at random instants of one training, and what becomes of its result.

    python -m benchmarks.kills HOME

HOME is a folder for two runs of the same task and seed, one left alone and one in which everything is killed
again and again: the command, the job's supervisor and the job. Each `resume` must go on from a checkpoint.
"""

import contextlib
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import psutil

from benchmarks.command import ML_INTERN, artifact, keep, run
from benchmarks.subsets import banking77

TASK = (
    "Classify banking questions by intent: fine-tune a lightweight transformer, report accuracy and macro F1."
)
KILLS = 20
CHANGE = "checkpoint_every_steps=5, log_every=5"
LIVES = (0.2, 4.0)
"""Seconds that a training may go on after its first new step before it is killed."""


def prepare(place: Path) -> None:
    """A run whose plan, with frequent checkpoints, waits for approval; one that is there already is kept."""
    if (place / "state.db").exists():
        return
    data = banking77(place / "data" / "questions.csv", rows=1000, classes=20)
    for arguments in (["run", TASK, "--data", str(data), "--label", "intent"], ["deny", "--reason", CHANGE]):
        done = subprocess.run([ML_INTERN, *arguments, "--home", str(place)], stdin=subprocess.DEVNULL)
        if done.returncode != 3:
            raise SystemExit(f"{arguments[0]} ended with {done.returncode}")


def kill_all(place: Path) -> None:
    """SIGKILL to every process that has to do with this home."""
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if process.pid != psutil.Process().pid and str(place) in " ".join(process.info["cmdline"] or []):
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()


def steps_logged(place: Path) -> list[int]:
    """The steps that the training has logged."""
    shown = subprocess.run(
        [ML_INTERN, "logs", "--home", str(place), "--json"], capture_output=True, text=True, check=True
    )
    told = [json.loads(line) for line in shown.stdout.splitlines()]
    rows = [each["line"] for each in told if each["job"] == "train" and each["line"].startswith("{")]
    return [json.loads(row)["step"] for row in rows]


def disturb(place: Path, seed: int) -> list[dict[str, float]]:
    """Approve, then kill and resume until there were `KILLS` kills; what each one met."""
    chance = random.Random(seed)
    met: list[dict[str, float]] = []
    command = "approve"
    while len(met) < KILLS:
        process = subprocess.Popen(
            [ML_INTERN, command, "--home", str(place), "--json"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        first = None
        for line in process.stdout:
            if '"metric"' in line:
                first = line
                break
        if first is None:
            break  # it has ended: there is nothing left to kill
        life = chance.uniform(*LIVES)
        time.sleep(life)
        if process.poll() is not None:
            break
        kill_all(place)
        process.wait()
        met.append(
            {"seconds_after_a_new_step": round(life, 2), "last_step": max(steps_logged(place), default=0)}
        )
        print(f"kill {len(met)} at step {met[-1]['last_step']:.0f}", flush=True)
        command = "resume"
    return met


def main(home: Path) -> None:
    """Both runs, and results/kills.json."""
    for name in ("alone", "killed"):
        prepare(home / name)
    alone = run(home / "alone", "approve")
    met = disturb(home / "killed", seed=0)
    killed = run(home / "killed", "resume")
    curves = [artifact(home / name, "training_run")["curve"] for name in ("alone", "killed")]
    same = [[{k: row[k] for k in ("step", "loss")} for row in curve] for curve in curves]
    keep(
        "kills",
        {
            "kills": len(met),
            "planned_minutes": artifact(home / "alone", "training_plan")["minutes"]["value"],
            "real_minutes": artifact(home / "alone", "training_run")["seconds"] / 60,
            "each": met,
            "metrics_alone": alone["metrics"],
            "metrics_killed": killed["metrics"],
            "same_losses_at_every_step": same[0] == same[1],
        },
    )
    print(f"{len(met)} kills; alone {alone['metrics']['macro_f1']}, killed {killed['metrics']['macro_f1']}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
