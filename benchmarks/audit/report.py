"""The sections of docs/measured.md on the data audit, from whatever records there are."""

import textwrap
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from benchmarks.audit import clean, speed
from benchmarks.audit.__main__ import RECORD as PLANTED
from benchmarks.audit.defects import DEFECTS
from benchmarks.command import kept
from ml_intern.evaluation.intervals import wilson

GIB = 2**30


def sections() -> Iterator[str]:
    """All of them."""
    yield from _planted(kept(PLANTED))
    yield from _clean(kept(clean.RECORD))
    yield from _speed(kept(speed.RECORD))


def pooled(cells: list[dict[str, Any]]) -> dict[str, int]:
    """The counts of several bases together."""
    return {key: sum(cell[key] for cell in cells) for key in ("planted", "detected", "found", "right")}


def _prose(text: str) -> str:
    """A paragraph with lines of the width of the page's others."""
    return textwrap.fill(" ".join(text.split()), 100) + "\n"


def _ratio(part: int, whole: int) -> str:
    if not whole:
        return "–"
    low, high = wilson(part / whole, whole)
    return f"{part / whole:.3f} [{low:.3f}, {high:.3f}]"


def verdict(counts: dict[str, int], goal: tuple[float, float] | None) -> str:
    """Whether both parts of a goal were reached; "–" where none was set."""
    if goal is None:
        return "–"
    recall = counts["detected"] / counts["planted"] if counts["planted"] else 0.0
    precision = counts["right"] / counts["found"] if counts["found"] else 0.0
    return "reached" if recall >= goal[0] and precision >= goal[1] else "**missed**"


def _planted(record: dict[str, Any] | None) -> Iterator[str]:
    if not record:
        return
    yield "\n## Data audit: planted defects\n"
    yield from _bases(record["bases"])
    yield ""
    seeds = ", ".join(str(seed) for seed in sorted({cell["seed"] for cell in record["cells"]}))
    yield _prose(
        f"""Defects were planted one kind at a time at known rows (seed {seeds}) and the rows of the findings
        held against them, over all bases together, with 95 % Wilson intervals. Of a pair, copy or source
        counts. How each is planted stands in `benchmarks/audit/`, numbers by base in
        `benchmarks/results/audit_planted.json`."""
    )
    yield "| planted | rate | things | recall | precision | worst base: recall, precision | goal | |"
    yield "|---|---|---|---|---|---|---|---|"
    groups: dict[tuple[str, float], list[dict[str, Any]]] = defaultdict(list)
    for cell in record["cells"]:
        groups[cell["defect"], cell["rate"]].append(cell)
    for name, defect in DEFECTS.items():
        for rate in defect.rates:
            if cells := groups.get((name, rate)):
                yield _row(name, rate, cells, defect.goal)
    if record["not_built"]:
        names = ", ".join(name.replace("_", " ") for name in record["not_built"])
        yield f"\nPlanted, but no check for it was built when this was measured: {names}."


def _row(name: str, rate: float, cells: list[dict[str, Any]], goal: tuple[float, float] | None) -> str:
    counts = pooled(cells)
    recalls = [cell["detected"] / cell["planted"] for cell in cells if cell["planted"]]
    precisions = [cell["right"] / cell["found"] for cell in cells if cell["found"]]
    parts = [
        name.replace("_", " "),
        f"{rate:.0%}",
        f"{counts['planted']:,}",
        _ratio(counts["detected"], counts["planted"]),
        _ratio(counts["right"], counts["found"]),
        f"{min(recalls, default=0):.3f}, {min(precisions, default=0):.3f}",
        f"{goal[0]:.2f}, {goal[1]:.2f}" if goal else "none",
        verdict(counts, goal),
    ]
    return f"| {' | '.join(parts)} |"


def _bases(bases: dict[str, Any]) -> Iterator[str]:
    yield "| base | from | licence | rows published | removed: exact, masked, near | train, test | classes |"
    yield "|---|---|---|---|---|---|---|"
    for name, facts in bases.items():
        removed = ", ".join(f"{count:,}" for count in facts["removed"].values())
        rows = ", ".join(f"{count:,}" for count in facts["rows"].values())
        cells = [name, facts["package"] or "its owners", facts["licence"], f"{facts['published_rows']:,}"]
        yield f"| {' | '.join([*cells, removed, rows, str(facts['classes'])])} |"


def _clean(record: dict[str, Any] | None) -> Iterator[str]:
    if not record:
        return
    yield "\n## Data audit: data in which nothing was planted\n"
    yield "Goal: no high or critical finding where there is no flaw. Each was looked up by hand.\n"
    yield "| set | rows | findings: high or critical, milder | high or critical, and what the rows showed |"
    yield "|---|---|---|---|"
    alarms = 0
    for name, found in record.items():
        grave = [finding for finding in found["findings"] if "judgement" in finding]
        alarms += sum(not finding["judgement"].startswith("real") for finding in grave)
        told = "; ".join(f"`{f['id']}` ({f['severity']}): {f['judgement']}" for f in grave) or "none"
        milder = len(found["findings"]) - len(grave)
        yield f"| {name} | {found['rows']:,} | {len(grave)}, {milder} | {told} |"
    yield f"\nFalse alarms, or not judged yet: {alarms}. {'**Missed.**' if alarms else 'Reached.'}"


def _speed(record: dict[str, Any] | None) -> Iterator[str]:
    if not record:
        return
    yield "\n## Data audit: time and memory\n"
    shares = [f"{n['share']:.1%} at {int(rows):,} rows" for rows, n in record["natural"].items()]
    yield _prose(
        f"""Texts are recombined from real sentences, 90 % in the training file; each line is a fresh process.
        1 % of the training rows are planted near copies of mixed kinds, 2 % have a wrong label. By nature,
        {", ".join(shares)} have a near copy (character 3-grams, Jaccard 0.6, on a sample of rows). Other
        libraries get the training rows only: MinHash with 3-grams and threshold 0.6, SemHash with an offline
        encoder, cleanlab with five-fold TF-IDF probabilities (what it found is wrong labels)."""
    )
    yield "| measured | rows | cores | seconds | peak GiB | planted found | rows reported |"
    yield "|---|---|---|---|---|---|---|"
    for cell in sorted(record["cells"], key=lambda cell: (cell["rows"], cell["cores"])):
        yield _speed_row(cell)
    yield ""
    yield from _goals(record)
    if speed.PLOT.exists():
        yield f"\n![Seconds over rows](../benchmarks/results/{speed.PLOT.name})"


def _speed_row(cell: dict[str, Any]) -> str:
    start = [cell["what"], f"{cell['rows']:,}", str(cell["cores"])]
    if "seconds" not in cell:
        why = "not built" if cell.get("not_built") else cell["failed"]
        return f"| {' | '.join([*start, why, '', '', ''])} |"
    held = cell.get("noise" if cell["what"] == "cleanlab" else "near")
    cells = [*start, f"{cell['seconds']:.1f}", f"{cell['peak_rss_bytes'] / GIB:.2f}"]
    if held and held["rows"]:
        cells += [_ratio(held["detected"], held["planted"]), f"{held['rows']:,}"]
    else:
        cells += ["–", "–"]
    return f"| {' | '.join(cells)} |"


def _goals(record: dict[str, Any]) -> Iterator[str]:
    cells = {(cell["what"], cell["rows"]): cell for cell in record["cells"] if cell["cores"] == 2}
    near, audit = cells.get(("near", speed.NEAR_GOAL[0])), cells.get(("audit", speed.AUDIT_GOAL[0]))
    seconds = (near or {}).get("seconds")
    yield _goal(f"near-duplicates over {speed.NEAR_GOAL[0]:,} rows on 2 cores in < 74 s", seconds, 74, "s")
    seconds = (audit or {}).get("seconds")
    yield _goal("whole audit of 1,000,000 rows on 2 cores in < 120 s", seconds, speed.AUDIT_GOAL[1], "s")
    memory = (audit or {}).get("peak_rss_bytes")
    yield _goal("the same in < 4 GiB", memory and memory / GIB, speed.AUDIT_GOAL[2] / GIB, "GiB")
    points = speed.series(record)
    for what, name in (("near", "near-duplicates"), ("audit", "whole audit")):
        slope = speed.exponent(points.get(what, {}))
        told = f"growth of {name} close to linear, exponent < {speed.EXPONENT_GOAL}"
        yield _goal(told, slope, speed.EXPONENT_GOAL, "")


def _goal(name: str, value: float | None, limit: float, unit: str) -> str:
    if value is None:
        return f"- Goal: {name}: not measured."
    return f"- Goal: {name}: {value:.2f} {unit}".rstrip() + (
        ", reached." if value < limit else ", **missed**."
    )
