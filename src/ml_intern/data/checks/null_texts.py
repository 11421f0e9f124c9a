"""Texts that are nothing but a word for "no value": "N/A", "null", "none", "-", "nan".

Why it matters: exports write such words where a value is missing, and a reader that does not know the
convention takes them for texts; a model then learns a class for "nothing". The words are those that
pandas' `read_csv` reads as missing (its `na_values`), with the dashes and phrases that people type.
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import graded, hits
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding

WORDS: Final = (
    "n/a", "n.a.", "#n/a", "#na", "<na>", "na", "nan", "-nan", "null", "(null)", "\\n", "nil", "none", "nat",
    "undefined", "[]", "{}", '""', "''", "-", "--", "---", "–", "—", "_", ".", "empty", "(empty)", "(blank)",
    "blank", "missing", "no text", "no data", "not available", "not applicable", "unknown", "kein", "keine",
    "aucun", "ninguno", "nichts",
)  # fmt: skip


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part; texts that are really missing are left to `missing`."""
    word = pl.col("text").str.strip_chars().str.to_lowercase()
    findings = []
    for part, rows in hits(table, word.is_in(WORDS)):
        total = table.size(part)
        findings.append(
            table.finding(
                "null_texts",
                graded(rows.height / total, medium=0.02, high=0.2),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} have a text that is only a word for a "
                "missing value. A model learns a class for texts that were never written.",
                "They are kept as texts; make them empty in the data if they stand for missing values: empty "
                "texts are left out of every split.",
            )
        )
    return findings
