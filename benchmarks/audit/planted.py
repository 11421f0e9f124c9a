"""One defect at one rate in one base: plant, write files, run the checks, compare rows."""

import copy
import random
import re
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.audit.bases import Base
from benchmarks.audit.defects import Defect
from benchmarks.audit.rows import Plant, Rows
from ml_intern.data.checks import discover
from ml_intern.data.load import load
from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding


def built(defect: Defect) -> tuple[str, ...]:
    """Those of the defect's checks that exist."""
    return tuple(name for name in defect.checks if name in discover())


def measure(base: Base, name: str, defect: Defect, rate: float, seed: int) -> dict[str, Any]:
    """The counts that recall and precision follow from.

    `planted` things, of which `detected` have a row among the findings; `found` rows in the findings, of
    which `right` belong to a planted thing. `missed` and `false_alarms` are the first few such rows with
    their texts; whoever keeps the record leaves them out, as the texts are not ours to pass on.
    """
    chance = random.Random(f"{seed} {base.name} {name} {rate}")
    parts = {part: _rows(getattr(base, part), defect.carriers) for part in ("train", "test")}
    whole = len(base.train)
    left_out = whole - len(parts["train"])
    plants = defect.plant(parts, rate, chance)
    began = time.perf_counter()
    findings = run(parts, built(defect))
    found = {
        row for each in findings if each.id in defect.ids and each.split == defect.part for row in each.rows
    }
    return {
        **compare(plants, found),
        "rows": {part: len(rows) for part, rows in parts.items()},
        "natural_carriers_left_out": left_out,
        "seconds": round(time.perf_counter() - began, 2),
        "missed": _examples(parts[defect.part], [p.row for p in plants if not p.rows & found]),
        "false_alarms": _examples(parts[defect.part], sorted(found - _true(plants))),
    }


def compare(plants: list[Plant], found: set[int]) -> dict[str, int]:
    """Counts of planted things and found rows."""
    return {
        "planted": len(plants),
        "detected": sum(bool(plant.rows & found) for plant in plants),
        "found": len(found),
        "right": len(found & _true(plants)),
    }


def _true(plants: list[Plant]) -> set[int]:
    return set().union(*(plant.rows for plant in plants)) if plants else set()


def _rows(frame: pl.DataFrame, carriers: str | None) -> Rows:
    pairs = [pair for pair in frame.iter_rows() if not (carriers and re.search(carriers, pair[0]))]
    return copy.deepcopy(Rows([text for text, _ in pairs], [label for _, label in pairs]))


def _examples(rows: Rows, places: list[int]) -> list[list[str | None]]:
    return [[rows.text[row], rows.label[row]] for row in places[:5]]


def run(parts: dict[str, Rows], checks: tuple[str, ...]) -> list[Finding]:
    """The findings of these checks on the parts, written to CSV files and read as a user's are."""
    with tempfile.TemporaryDirectory() as folder:
        for part, rows in parts.items():
            frame = pl.DataFrame({"text": rows.text, "label": rows.label, **rows.more}, strict=False)
            frame.write_csv(Path(folder) / f"{part}.csv", quote_style="non_numeric")
        table = AuditTable.of(load(Path(folder)), "text", "label", None)
        every = discover()
        return [finding for name in checks for finding in every[name](table)]
