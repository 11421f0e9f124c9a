"""Reading all of the data and saying what is wrong with it."""

import time
from collections.abc import Callable, Collection

import polars as pl

from ml_intern.data.checks import discover
from ml_intern.data.columns import profile
from ml_intern.data.languages import language_shares
from ml_intern.data.overview import overlaps, text_lengths
from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnChoice, DataReport, Finding

Progress = Callable[[str, int, int], None]
"""Told the name of the check that begins, its number from 0 and how many there are."""


def audit(
    table: AuditTable,
    text: ColumnChoice,
    label: ColumnChoice,
    progress: Progress = lambda check, number, total: None,
    without: Collection[str] = (),
) -> DataReport:
    """Run every check but those named in `without`; the findings come most severe first.

    `text` and `label` are the columns of `table`.
    """
    start = time.perf_counter()
    tables = table.tables
    checks = {name: check for name, check in discover().items() if name not in without}
    findings, seconds = list[Finding](), dict[str, float]()
    for number, (name, check) in enumerate(checks.items()):
        progress(name, number, len(checks))
        began = time.perf_counter()
        findings += check(table)
        seconds[name] = time.perf_counter() - began
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
        lengths=text_lengths(words),
        overlaps=overlaps(table),
        languages=language_shares(table.rows["text"]),
        seconds_by_check=seconds,
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
