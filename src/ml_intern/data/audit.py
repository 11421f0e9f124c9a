"""Reading all of the data and saying what is wrong with it."""

import time

import polars as pl

from ml_intern.data.checks import discover
from ml_intern.data.columns import profile
from ml_intern.data.load import Tables
from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnChoice, DataReport


def audit(tables: Tables, text: ColumnChoice, label: ColumnChoice) -> DataReport:
    """Run every check on every row; the findings come most severe first.

    Takes about 1 s for 100,000 short rows.
    """
    start = time.perf_counter()
    table = AuditTable.of(tables, text.name, label.name)
    findings = [finding for check in discover().values() for finding in check(table)]
    findings.sort(key=lambda finding: (-finding.severity.rank, finding.id, finding.split or ""))
    words = table.rows["words"].drop_nulls()
    return DataReport(
        rows=tables.rows,
        files=tuple(item.file for item in tables.items),
        columns=profile(tables),
        text=text,
        label=label,
        splits={part: table.size(part) for part in table.parts},
        classes=_classes(table),
        median_words=words.quantile(0.5, "nearest") or 0.0,
        p95_words=words.quantile(0.95, "nearest") or 0.0,
        findings=tuple(findings),
        seconds=time.perf_counter() - start,
    )


def _classes(table: AuditTable) -> dict[str, dict[str, int]]:
    """Rows by label and then by part, with zeros, in sorted order."""
    counts = table.rows.drop_nulls("label").group_by("label", "part").agg(pl.len()).rows()
    labels = sorted({label for label, _, _ in counts})
    classes = {label: dict.fromkeys(table.parts, 0) for label in labels}
    for label, part, count in counts:
        classes[label][part] = count
    return classes
