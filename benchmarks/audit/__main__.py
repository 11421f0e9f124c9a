"""Planted defects: recall and precision of the audit's findings.

    python -m benchmarks.audit CACHE [--seed N] [--base NAME …] [--defect NAME …] [--rate R …] [--show]

Only what was named is measured again; the rest of results/audit_planted.json stays. `--defect` takes the
beginning of a name, too.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks.audit.bases import BASES, base
from benchmarks.audit.defects import DEFECTS
from benchmarks.audit.planted import built, measure
from benchmarks.command import keep, kept

RECORD = "audit_planted"


def main(
    cache: Path, seed: int, bases: list[str], defects: list[str], rates: list[float], show: bool
) -> None:
    """Measure and write the record after each defect."""
    record: dict[str, Any] = kept(RECORD) or {"bases": {}, "not_built": [], "cells": []}
    chosen = {name: base(name, cache) for name in bases}
    record["bases"] |= {name: each.facts for name, each in chosen.items()}
    for name, defect in DEFECTS.items():
        if defects and not any(name.startswith(each) for each in defects):
            continue
        record["not_built"] = sorted({*record["not_built"], name} - ({name} if built(defect) else set()))
        if not built(defect):
            print(f"{name}: not built", flush=True)
        for rate in defect.rates if built(defect) else ():
            if rates and rate not in rates:
                continue
            for each in chosen.values():
                place = {"defect": name, "rate": rate, "base": each.name, "seed": seed}
                cell = place | measure(each, name, defect, rate, seed)
                wrong = {key: cell.pop(key) for key in ("missed", "false_alarms")}
                same = [old for old in record["cells"] if {key: old[key] for key in place} != place]
                record["cells"] = [*same, cell]
                print(
                    f"{name} {rate:.0%} {each.name}: {cell['detected']} of {cell['planted']} detected, "
                    f"{cell['right']} of {cell['found']} right, {cell['seconds']} s",
                    flush=True,
                )
                for key, texts in wrong.items() if show else ():
                    print(*(f"  {key}: {text!r} [{label}]" for text, label in texts), sep="\n")
        keep(RECORD, record)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit")
    parser.add_argument("cache", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--base", nargs="*", default=list(BASES), choices=list(BASES))
    parser.add_argument("--defect", nargs="*", default=[])
    parser.add_argument("--rate", nargs="*", type=float, default=[])
    parser.add_argument("--show", action="store_true", help="print rows that were missed or wrongly found")
    given = parser.parse_args()
    main(given.cache, given.seed, given.base, given.defect, given.rate, given.show)
