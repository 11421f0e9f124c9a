"""Texts that are nothing but the name of their own label.

Why it matters: such a row came from a label list or a swapped column, not from a user. It teaches a
model to read the label's name, and in a test split it is an answer given away (label leakage in the
sense of Kaufman et al. 2012, "Leakage in Data Mining", ACM TKDD 6(4)).
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import by_part, graded
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

_MIN_LETTERS: Final = 3
"""Shorter labels ("a", "no") also stand there as a natural answer, so only the same string counts."""

_NOTED: Final = 0.005
"""Below, it is what a few users do: 0.03 to 0.5 % of rows in bitext-support, banking77 and clinc150."""

_SPARE: Final = 20
"""Room for punctuation and white space around the name."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part. Case, separators and punctuation do not matter."""
    text, label = _plain("text"), _plain("label")
    named = label.str.len_chars() >= _MIN_LETTERS
    same = pl.col("text").str.strip_chars() == pl.col("label").str.strip_chars()
    only_name = (text == label) | (text == label + " " + label)
    length = pl.col("label").str.len_chars()
    # Lengths are cheap to compare and rule out nearly every row.
    short = table.usable.filter(pl.col("text").str.len_chars() <= 2 * length + _SPARE)
    rows = short.filter(same | (named & only_name))
    findings = []
    for part, mine in by_part(table, rows):
        total = table.size(part)
        share = mine.height / total
        findings.append(
            table.finding(
                "text_equals_label",
                graded(share, medium=0.02, high=0.2) if share >= _NOTED else Severity.INFO,
                part,
                mine,
                f"{of_total(mine.height, total)} {phrase(part)} have a text that is only the "
                "name of the own label. A model learns to read the name instead of what users write, and "
                "scores on these rows are given away.",
                "They are kept; drop them unless users really write just that.",
            )
        )
    return findings


def _plain(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase().str.replace_all(r"[\p{P}\p{S}\s]+", " ").str.strip_chars()
