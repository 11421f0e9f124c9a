"""Trainings on rented machines while we, and the Hub that rents them out, are killed at random instants.

python -m benchmarks.rented_chaos [RUNS]

Each run plans and trains a linear model on the embedded Hub's Jobs. SIGKILL hits the command once or twice,
and in half of the runs the Hub, too, which is started again a moment later; then it is resumed to its end. In
the end the model must be that of an undisturbed run, byte by byte; the job started once; the ledger equal to
what the Hub charged, to the micro-dollar; and no process left.
"""

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.chaos import TASK, survivors
from benchmarks.command import keep
from benchmarks.hub_chaos import ML_INTERN, Server
from ml_intern.demo.tickets import write_tickets

OPTIONS = ["--compute", "hf-jobs:t4-small", "--budget", "1", "--time-limit", "30", "--approve", "plan"]
CREDITS = 5_000_000
LONGEST = 12.0
"""Seconds within which the command is killed; undisturbed it takes about that long."""
MOST_RESUMES = 12


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    record: dict[str, Any] = {"runs": 0, "kills_of_us": 0, "kills_of_the_hub": 0, "resumes": 0, "wrong": []}
    with tempfile.TemporaryDirectory() as work:
        smoked = prepare(Path(work))
        expected = one(smoked, Path(work) / "calm", None)["model"]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            ended = pool.map(lambda seed: one(smoked, Path(work) / f"run{seed}", seed), range(count))
            for seed, found in enumerate(ended):
                record["runs"] += 1
                for name in ("kills_of_us", "kills_of_the_hub", "resumes"):
                    record[name] += found[name]
                wrong = found["wrong"] + ([] if found["model"] == expected else ["another model"])
                record["wrong"] += [{"seed": seed, "what": each} for each in wrong]
                print(f"{seed + 1}/{count}", {k: v for k, v in found.items() if k != "model"}, flush=True)
                keep("rented_chaos", record)
    print(record)


def prepare(work: Path) -> Path:
    """A home whose run is tested and about to be planned."""
    write_tickets(work / "tickets.csv", rows=400)
    home = work / "smoked"
    data = ["--data", str(work / "tickets.csv")]
    command = [ML_INTERN, "run", TASK, *data, *OPTIONS, "--until", "smoke", "--json"]
    subprocess.run(command, env=os.environ | {"ML_INTERN_HOME": str(home)}, check=True, capture_output=True)
    return home


def one(smoked: Path, work: Path, seed: int | None) -> dict[str, Any]:
    """One training, disturbed unless `seed` is None; the files of its model, and what is wrong."""
    chance = random.Random(seed)
    home = Path(shutil.copytree(smoked, work / "home", symlinks=True))
    server = Server(work / "hub", free_port())
    server.start("--credits", str(CREDITS / 1_000_000))
    made = subprocess.run(
        [ML_INTERN, "hub", "token", "--write", "--data", server.folder, "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    hub = {"HF_ENDPOINT": f"http://127.0.0.1:{server.port}", "HF_TOKEN": json.loads(made.stdout)["token"]}
    environment = os.environ | hub | {"ML_INTERN_HOME": str(home)}
    killer = threading.Thread(target=disturb, args=(server, chance)) if seed is not None else None
    if killer and chance.random() < 0.5:
        killer.start()
    kills = 0 if seed is None else chance.choice((1, 2))
    found: dict[str, Any] = {"kills_of_us": 0, "resumes": 0}
    code = None
    while code != 0 and found["resumes"] < MOST_RESUMES:
        process = subprocess.Popen(
            [ML_INTERN, "resume", "--until", "train", "--json"], env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        if found["kills_of_us"] < kills:
            try:
                process.wait(chance.uniform(0, LONGEST))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                found["kills_of_us"] += 1
        said, _ = process.communicate()
        code = process.returncode
        found["resumes"] += 1
    if killer and killer.ident:
        killer.join()
    found |= judged(home, server, code, said)
    server.kill()
    found["kills_of_the_hub"] = server.kills - 1
    time.sleep(0.5)
    left = survivors(work)
    found["wrong"] += [f"left behind: {each}" for each in left]
    shutil.rmtree(work)
    return found


def disturb(server: Server, chance: random.Random) -> None:
    """Kill the Hub at some instant, and start it again a moment later."""
    time.sleep(chance.uniform(0, LONGEST))
    server.kill()
    time.sleep(chance.uniform(0, 2))
    server.start()


def judged(home: Path, server: Server, code: int | None, said: str) -> dict[str, Any]:
    """What is wrong with the end state, and the model's files by their hashes."""
    if code != 0:
        last = said.splitlines()[-1][:500] if said else ""
        return {"wrong": [f"ended with {code}: {last}"], "model": None}
    wrong = []
    jobs = rows(server.folder / "hub.db", "SELECT stage, micro_usd FROM jobs")
    if [stage for stage, _ in jobs] != ["COMPLETED"]:
        wrong.append(f"jobs: {jobs}")
    lines = rows(home / "state.db", "SELECT state, micro_usd FROM ledger")
    if lines != [("settled", jobs[0][1])]:
        wrong.append(f"ledger {lines}, charged {jobs}")
    ((credit,),) = rows(server.folder / "hub.db", "SELECT micro_usd FROM credits")
    if credit != CREDITS - sum(micro for _, micro in jobs):
        wrong.append(f"credit {credit}")
    ((made,),) = rows(home / "state.db", "SELECT content FROM artifacts WHERE kind = 'training_run'")
    return {"wrong": wrong, "model": [file["sha256"] for file in json.loads(made)["model"]]}


def rows(place: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place, timeout=30)) as database:
        return database.execute(query).fetchall()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
