"""Rows without a text or without a label: null, empty or only white space.

Why it matters: such a row teaches nothing and cannot be scored. Training code that does not expect it
either crashes or learns that an empty text has some class. In a test split without labels nothing can
be measured at all.
"""

import polars as pl

from ml_intern.data.table import TEST, VALIDATION, AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import escape

_ACTION = "These rows are left out of every split and counted in the split's report."


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part and column."""
    findings = []
    for part in table.parts:
        for column, name in (("text", table.text), ("label", table.label)):
            hits = table.part(part).filter(pl.col(column).is_null())
            if hits.height:
                findings.append(_finding(table, part, column, name, hits))
    return findings


def _finding(table: AuditTable, part: str, column: str, name: str, hits: pl.DataFrame) -> Finding:
    share = hits.height / table.size(part)
    consequence = (
        "nothing can be measured on this part."
        if share == 1 and part in (TEST, VALIDATION)
        else "they can be neither learned from nor scored."
    )
    return table.finding(
        f"missing_{column}",
        _severity(share),
        part,
        hits,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} have no {column} in '{escape(name)}': "
        f"{consequence}",
        _ACTION,
    )


def _severity(share: float) -> Severity:
    if share == 1:
        return Severity.CRITICAL
    if share >= 0.2:
        return Severity.HIGH
    return Severity.MEDIUM if share >= 0.02 else Severity.LOW
