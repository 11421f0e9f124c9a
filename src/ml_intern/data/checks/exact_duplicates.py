"""Rows whose text stands earlier in the same split, to the letter.

Why it matters: a repeated training text counts several times without adding knowledge; a repeated test
text makes the interval around a score narrower than the evidence is (Lee et al. 2022, "Deduplicating
Training Data Makes Language Models Better", arXiv:2107.06499).
"""

import polars as pl

from ml_intern.data.load import WHOLE
from ml_intern.data.table import TEST, AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part; its rows are the later copies, never the first of them."""
    findings = []
    for part in table.parts:
        hits = table.repeated(table.part(part), "text").filter(
            pl.col("text").is_not_null() & ~pl.col("text").is_first_distinct()
        )
        if hits.height:
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    effect = (
        "each of them is scored more than once."
        if part == TEST
        else "they weigh more in training and add nothing new."
    )
    return table.finding(
        "exact_duplicates",
        _severity(hits.height / table.size(part)),
        part,
        hits,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} repeat the text of an earlier one to the "
        f"letter: {effect}",
        "They are kept, all copies in the same split." if part == WHOLE else "They are kept where they are.",
    )


def _severity(share: float) -> Severity:
    if share >= 0.25:
        return Severity.HIGH
    return Severity.MEDIUM if share >= 0.05 else Severity.LOW
