"""Texts and labels that are nothing but a word for "no value": "N/A", "null", "none", "-", "nan".

Why it matters: exports write such words where a value is missing, and a reader that does not know the
convention takes them for texts; a model then learns a class for "nothing". The words are those that
pandas' `read_csv` reads as missing (its `na_values`), with the dashes and phrases that people type.
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import graded, hits
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding
from ml_intern.records.display import listing

WORDS: Final = (
    "n/a", "n.a.", "#n/a", "#na", "<na>", "na", "nan", "-nan", "null", "(null)", "\\n", "nil", "none", "nat",
    "undefined", "[]", "{}", '""', "''", "-", "--", "---", "–", "—", "_", ".", "empty", "(empty)", "(blank)",
    "blank", "missing", "no text", "no data", "not available", "not applicable", "unknown", "kein", "keine",
    "aucun", "ninguno", "nichts",
)  # fmt: skip

NO_LABELS: Final = (
    "n/a", "#n/a", "#na", "<na>", "na", "nan", "-nan", "null", "(null)", "\\n", "nil", "nat", "undefined",
    "[]", "{}", '""', "''", "-", "--", "---", "–", "—", "_", "(empty)", "(blank)",
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
    return [*findings, *_labels(table)]


def _labels(table: AuditTable) -> list[Finding]:
    """At most one finding for each part; "none" and "unknown" may be classes, so they are no such words."""
    word = pl.col("label").str.strip_chars().str.to_lowercase()
    findings = []
    for part, rows in hits(table, word.is_in(NO_LABELS)):
        total, names = table.size(part), listing(rows["label"].unique().sort().to_list())
        findings.append(
            table.finding(
                "null_labels",
                graded(rows.height / total, medium=0.01, high=0.2),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} have a label that is only a word for a "
                f"missing value: {names}. They count as a class of their own.",
                "They are kept as a class; make them empty in the data if they stand for missing values: "
                "rows without a label are left out of every split.",
            )
        )
    return findings
