"""What the audit says of data in which nothing was planted.

    python -m benchmarks.audit.clean CACHE [NAME …]

First the deduplicated bases, then the sets as their owners published them. The goal: no finding of severity
high or critical where there is no flaw. Whether there is one was looked up by hand in the rows of each such
finding; `JUDGED` holds the outcome, and a finding without an entry there counts as not judged yet.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import polars as pl

from benchmarks.audit.bases import BASES, base, raw
from benchmarks.command import datasets, keep, kept
from ml_intern.data.audit import audit
from ml_intern.data.load import load
from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnChoice, Severity

RECORD: Final = "audit_clean"
JUDGED: Final[dict[tuple[str, str], str]] = {
    ("trec as published", "exact_duplicates"): "real: the file repeats 10,071 of 15,452 questions",
    ("home-assistant", "class_imbalance"): "real: 292 rows of one intent, 1 of another",
    ("home-assistant as published", "class_imbalance"): "real: the grammar has far more for some intents",
    ("bitext-support as published", "test_rows_repeat_training"): "real: read; templates with other numbers",
    ("bitext-support as published", "validation_rows_repeat_training"): "real: read; as in its test split",
}
"""(set, id of the finding) to "real: …" or "false alarm: …", after reading the rows."""


def _official(name: str, label: str) -> dict[str, pl.DataFrame]:
    folder = datasets() / name
    return {
        path.stem: pl.read_csv(path, infer_schema=False).select(
            pl.first().alias("text"), pl.col(label).alias("label")
        )
        for path in sorted(folder.glob("*.csv"))
    }


def sets(cache: Path) -> dict[str, dict[str, pl.DataFrame]]:
    """The parts of each set by its name."""
    found = {name: {"train": base(name, cache).train, "test": base(name, cache).test} for name in BASES}
    found["banking77 as published"] = _official("banking77", "category")
    found["bitext-support as published"] = _official("bitext-support", "category")
    data = json.loads((datasets() / "clinc150" / "data_full.json").read_text())
    found["clinc150 as published"] = {
        part: pl.DataFrame(data[key], schema=["text", "label"], orient="row")
        for part, key in (("train", "train"), ("validation", "val"), ("test", "test"))
    }
    for name in BASES:
        if BASES[name].package:
            frame = pl.DataFrame(raw(name, cache), schema=["text", "label"], orient="row")
            found[f"{name} as published"] = {"data": frame}
    return found


def examine(parts: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """All findings of the whole audit, without their rows."""
    with tempfile.TemporaryDirectory() as folder:
        for part, frame in parts.items():
            place = Path(folder) / f"{part}.csv"
            frame.write_csv(place, quote_style="non_numeric")
        text, label = (ColumnChoice(name=name, reason="It is so named.") for name in ("text", "label"))
        tables = load(place if len(parts) == 1 else Path(folder))
        report = audit(AuditTable.of(tables, text.name, label.name), text, label)
    told = ("id", "severity", "count", "share", "split", "message", "examples")
    findings = [finding.model_dump(mode="json", include=set(told)) for finding in report.findings]
    return {"rows": report.rows, "seconds": round(report.seconds, 2), "findings": findings}


def main(cache: Path, names: list[str]) -> None:
    """Examine the sets and keep what was found."""
    record: dict[str, Any] = kept(RECORD) or {}
    for name, parts in sets(cache).items():
        if names and name not in names:
            continue
        record[name] = found = examine(parts)
        print(f"{name}: {found['rows']:,} rows, {found['seconds']} s", flush=True)
        for finding in found["findings"]:
            if Severity(finding["severity"]).rank >= Severity.HIGH.rank:
                finding["judgement"] = JUDGED.get((name, finding["id"]), "not judged yet")
                print(f"  {finding['severity']} {finding['message']} [{finding['judgement']}]")
                print(*(f"    {text}" for text in finding["examples"]), sep="\n")
            del finding["examples"]  # the texts are not ours to pass on
        keep(RECORD, record)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
