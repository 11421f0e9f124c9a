"""Texts without a single letter: "12345", "???", "--".

Why it matters: a model finds nothing to read in them, so it learns to answer from a digit or a mark.
They are usually form fields in the wrong column. Emoji and emoticons are left alone: in short messages
they carry the meaning. So are texts of one character, which `lengths` reports.
"""

from typing import Final

import polars as pl

from ml_intern.data.checks.null_texts import WORDS
from ml_intern.data.hits import graded, hits
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding

_EMOJI: Final = (
    r"[\p{So}\p{Sk}\x{2190}-\x{2BFF}\x{1F000}-\x{1FAFF}]|[:;=8xX][-o*']?[()\[\]|/\\*<>3]|<3|\^_*\^"
)


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part."""
    text = pl.col("text").str.strip_chars()
    none = ~text.str.contains(r"\p{L}") & (text.str.len_chars() > 1)
    condition = none & ~text.str.contains(_EMOJI) & ~text.str.to_lowercase().is_in(WORDS)
    findings = []
    for part, rows in hits(table, condition):
        total = table.size(part)
        findings.append(
            table.finding(
                "no_letters",
                graded(rows.height / total, medium=0.05),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} have a text without any letter. "
                "There is nothing in it to tell classes apart by.",
                "They are kept; drop them unless users really write just a number or a mark.",
            )
        )
    return findings
