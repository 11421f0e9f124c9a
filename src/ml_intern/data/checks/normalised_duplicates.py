"""Rows whose text stands earlier in the same split once digits, case and punctuation are masked.

Why it matters: near-copies come from templates and forms. They make a dataset look larger and more
varied than it is, and a random split would put some on either side (see `split_overlap`).
"""

import polars as pl

from ml_intern.data.load import WHOLE
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part; exact copies are left to `exact_duplicates`."""
    findings = []
    for part in table.parts:
        hits = table.repeated(table.part(part), "normal").filter(
            pl.col("normal").is_not_null()
            & ~pl.col("normal").is_first_distinct()
            & pl.col("text").is_first_distinct()
        )
        if hits.height:
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    share = hits.height / table.size(part)
    return table.finding(
        "normalised_duplicates",
        Severity.MEDIUM if share >= 0.05 else Severity.LOW,
        part,
        hits,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} repeat an earlier one once digits, case "
        "and punctuation are masked: the data is less varied than its number of rows says.",
        "They are kept, all near-copies in the same split."
        if part == WHOLE
        else "They are kept where they are.",
    )
