"""Running the product as its users do, and keeping what was measured."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).with_name("results")
ML_INTERN = str(Path(sys.executable).with_name("ml-intern"))


def datasets() -> Path:
    """The folder with the real datasets; see docs/contributing.md for what belongs there."""
    return Path(os.environ.get("ML_INTERN_DATASETS", ROOT.parent / "shared" / "datasets"))


def run(home: Path, *arguments: str) -> dict[str, Any]:
    """Run `ml-intern … --json` to its end, with its progress on our stderr; the `result` line."""
    command = [ML_INTERN, *arguments, "--home", str(home), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {result}")
    return result


def artifact(home: Path, kind: str) -> dict[str, Any]:
    """One artifact of the latest run."""
    shown = subprocess.run(
        [ML_INTERN, "show", "--artifact", kind, "--home", str(home)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def keep(name: str, record: dict[str, Any]) -> None:
    """Write the raw record of a benchmark beside the others."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")


def kept(name: str) -> dict[str, Any] | None:
    """What the last run of a benchmark kept, if there was one."""
    place = RESULTS / f"{name}.json"
    return json.loads(place.read_text()) if place.exists() else None
