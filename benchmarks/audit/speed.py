"""Time and memory of the audit by number of rows, with other libraries beside it.

    python -m benchmarks.audit.speed CACHE [--rows N …] [--peers PYTHON] [--cores 0,1] [--limit SECONDS]

Every measurement is a fresh process on the cores named, one after another, and is ended after the limit (this
is recorded as such); the same library is not tried with more rows then. PYTHON is the interpreter of an
environment with the other libraries (see `peers`); else they are left out. What was measured before stays in
results/audit_speed.json. The rows are those of `recombine`: 90 % in train.csv, 10 % in test.csv; the other
libraries get the training rows only.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.audit.recombine import prepare
from benchmarks.command import RESULTS, keep, kept

RECORD: Final = "audit_speed"
PLOT: Final = RESULTS / "audit_speed.png"
ROWS: Final = (10_000, 100_000, 1_000_000, 1_800_000, 2_000_000)
OURS: Final = ("near", "audit")
PEERS: Final = ("datasketch", "rensa", "semhash", "cleanlab")
NEAR_GOAL: Final = (1_800_000, 74.0)
AUDIT_GOAL: Final = (1_000_000, 120.0, 4 * 2**30)
EXPONENT_GOAL: Final = 1.15
"""What counts as close to linear: the least-squares slope of log seconds over log rows."""


def measure(command: list[str], cores: set[int], limit: float) -> dict[str, Any]:
    """The JSON on the last line of a command's output, or why there is none."""
    threads = str(len(cores))
    names = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=limit,
            env=os.environ | dict.fromkeys(names, threads),
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {limit:.0f} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return {"failed": f"exit {done.returncode}: {last[:200]}"}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def judge(measured: dict[str, Any], truth: dict[str, Any], what: str) -> dict[str, Any]:
    """Rows replaced by how many of the planted ones they hold."""
    if "near_rows" in measured or "rows" in measured:
        found = set(measured.pop("near_rows", []) if what in OURS else measured.pop("rows"))
        key = "noise" if what == "cleanlab" else "near"
        measured[key] = _held(found, truth[key])
    if "noise_rows" in measured:
        measured["noise"] = _held(set(measured.pop("noise_rows")), truth["noise"])
    return measured


def hopeless(cell: dict[str, Any], what: str, rows: int, cores: int, limit: float) -> bool:
    """Whether this cell shows that the same library ran into this limit, or a longer one, with fewer rows."""
    same = (cell["what"], cell["cores"]) == (what, cores) and cell["rows"] < rows
    return same and cell["limit"] >= limit and str(cell.get("failed", "")).startswith("not done")


def _held(found: set[int], planted: list[Any]) -> dict[str, int]:
    things = [set(each) if isinstance(each, list) else {each} for each in planted]
    return {
        "rows": len(found),
        "planted": len(things),
        "detected": sum(bool(each & found) for each in things),
    }


def exponent(points: dict[int, float]) -> float | None:
    """The slope of log seconds over log rows from 100,000 rows on, where fixed costs no longer count."""
    large = {rows: seconds for rows, seconds in points.items() if rows >= 100_000}
    if len(large) < 2:
        return None
    return float(np.polyfit(np.log(list(large)), np.log(list(large.values())), 1)[0])


def series(record: dict[str, Any]) -> dict[str, dict[int, float]]:
    """Seconds by rows for each thing that was measured, on the largest number of cores that was."""
    cores = max((cell["cores"] for cell in record["cells"]), default=0)
    found: dict[str, dict[int, float]] = {}
    for cell in sorted(record["cells"], key=lambda cell: cell["rows"]):
        if "seconds" in cell and cell["cores"] == cores:
            found.setdefault(cell["what"], {})[cell["rows"]] = cell["seconds"]
    return found


def plot(record: dict[str, Any]) -> None:
    """Seconds over rows, both logarithmic, with the goals."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = {"audit": "ML Intern, whole audit", "near": "ML Intern, near-duplicates alone"}
    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for what, points in series(record).items():
        slope = exponent(points)
        label = names.get(what, what) + (f" (exponent {slope:.2f})" if slope is not None else "")
        axes.loglog(list(points), list(points.values()), "o-" if what in names else "x--", label=label)
    axes.loglog([NEAR_GOAL[0]], [NEAR_GOAL[1]], "k_", ms=14, label="goal, near-duplicates")
    axes.loglog([AUDIT_GOAL[0]], [AUDIT_GOAL[1]], "k|", ms=14, label="goal, whole audit")
    axes.set(xlabel="rows", ylabel="seconds")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(PLOT, dpi=110)


def main(
    cache: Path, sizes: list[int], peers: str | None, cores: set[int], limit: float, only: list[str]
) -> None:
    """Measure all, smallest first, and keep each."""
    record: dict[str, Any] = kept(RECORD) or {"cells": [], "natural": {}}
    record["machine"] = {
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
    }
    for rows in sorted(sizes):
        folder = prepare(rows, cache)
        truth = json.loads((folder / "truth.json").read_text())
        record["natural"][str(rows)] = truth["natural"]
        for what in (*OURS, *(PEERS if peers else ())):
            if only and what not in only:
                continue
            if late := [c["rows"] for c in record["cells"] if hopeless(c, what, rows, len(cores), limit)]:
                print(
                    what, f"{rows:,} left out: {max(late):,} rows were not done within the limit", flush=True
                )
                continue
            ours = [sys.executable, "-m", "benchmarks.audit.one", what, str(folder)]
            script = Path(__file__).with_name("peers.py")
            command = ours if what in OURS else [str(peers), str(script), what, str(folder)]
            cell = {"what": what, "rows": rows, "cores": len(cores), "seed": truth["seed"], "limit": limit}
            cell |= judge(measure(command, cores, limit), truth, what)
            place = (what, rows, len(cores))
            others = [c for c in record["cells"] if (c["what"], c["rows"], c["cores"]) != place]
            record["cells"] = [*others, cell]
            told = {
                key: cell.get(key)
                for key in ("seconds", "peak_rss_bytes", "near", "noise", "failed", "not_built")
            }
            print(
                what,
                f"{rows:,}",
                {key: value for key, value in told.items() if value is not None},
                flush=True,
            )
            keep(RECORD, record)
    plot(record)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit.speed")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--rows", nargs="*", type=int, default=list(ROWS))
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--cores", default="0,1")
    parser.add_argument("--limit", type=float, default=900)
    parser.add_argument("--only", nargs="*", default=[], choices=[*OURS, *PEERS])
    given = parser.parse_args()
    chosen = {int(core) for core in given.cores.split(",")}
    main(given.cache, given.rows, given.peers, chosen, given.limit, given.only)
