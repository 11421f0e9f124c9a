"""How far a language model of 135 million parameters carries a run, behind a real server on this machine.

    python -m benchmarks.small_model PYTHON [TRIES]     10 tries unless said otherwise

PYTHON is the interpreter of an environment for `small_model_server`. Each try is a new run on 120 tickets
through the stage smoke, each with another seed of the model's sampling. Where the model stops it is stopped
honestly by the loop; the record says at which stage, why, and how many requests it took. The model is for
plumbing, not for judgement: what is measured is that no try ends as a success that it is not.

Interrupted, it goes on after the tries that are kept in results/small_model.json; delete that to begin anew.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.command import ML_INTERN, keep, kept
from ml_intern.demo.tickets import write_tickets

TASK = "Label customer support tickets by issue type; report accuracy and macro F1."
UNTIL = "smoke"
ROWS = 120
SECONDS = 1200


@contextmanager
def serving(python: str) -> Iterator[str]:
    """The address of the model's server, which is ended at the end."""
    script = Path(__file__).with_name("small_model_server.py")
    process = subprocess.Popen(
        [python, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        address = next(line for line in process.stdout if line.startswith("http"))
        yield address.strip()
    finally:
        process.terminate()
        process.wait()


def attempt(brain: str, data: Path, home: Path) -> dict[str, Any]:
    """One try: how it ended, where, and what the brain asked for."""
    command = [ML_INTERN, "run", TASK, "--data", str(data), "--brain", brain, "--until", UNTIL]
    try:
        done = subprocess.run(
            [*command, "--home", str(home), "--json"],
            stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"finished": False, "stage": "", "why": f"not done after {SECONDS} s", "requests": 0}
    events = [json.loads(line) for line in done.stdout.splitlines()]
    result = events[-1]
    calls = [each for each in events if each["event"] == "tool_called"]
    return {
        "finished": done.returncode == 0,
        "exit_code": done.returncode,
        "stage": result["stage"],
        "why": result["error"],
        "requests": sum(each["event"] == "cost" for each in events),
        "calls": [each["tool"] + (" (refused)" if each.get("refused") else "") for each in calls],
        "smoke_test": smoke_test(home),
    }


def smoke_test(home: Path) -> list[str]:
    """What the last smoke test of a try found wrong, if there was one."""
    shown = subprocess.run(
        [ML_INTERN, "show", "--artifact", "smoke_report", "--home", str(home)], capture_output=True, text=True
    )
    checks = json.loads(shown.stdout)["checks"] if shown.returncode == 0 else []
    return [check["message"] for check in checks if not check["ok"]]


def main(python: str, tries: int = 10) -> None:
    """Try, and keep what came of it."""
    found = (kept("small_model") or {"tries": []})["tries"]
    with tempfile.TemporaryDirectory() as folder, serving(python) as address:
        data = Path(folder) / "tickets.csv"
        write_tickets(data, rows=ROWS)
        for number in range(len(found), tries):
            found.append(attempt(f"{address}/v1#smollm2", data, Path(folder) / f"home-{number}"))
            print(json.dumps(found[-1]), flush=True)
            record = {"model": "SmolLM2-135M-Instruct, Q4_1", "until": UNTIL, "rows": ROWS, "tries": found}
            keep("small_model", record)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
