"""Labels of unusual form: numbers, sentences, white space around them.

Why it matters: a number hides what a class means and may be a quantity, which is regression and no
classification; "1" and "1.0" are two classes to a model, as are "refund" and "refund " (pandas writes
whole numbers with ".0" once a value is missing); a sentence is rather a text than a class, so the
columns may be swapped.
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import by_part, graded
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import listing

_NUMBER: Final = r"^\s*[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*$"
_FRACTION: Final = r"^\s*[-+]?\d+[.,]\d*[1-9]\d*\s*$"
_STRAY: Final = 0.1
"""Below this share of the rows, numbers among names are strays rather than names of classes."""

_MANY_NUMBERS: Final = 20
"""As many different numbers are rather a quantity than classes; `data.evidence` draws the same line."""

_SENTENCE: Final = r"(?:\S+\s+){8,}\S+|(?:\S+\s+){4,}\S+[.?!]\s*$"


def check(table: AuditTable) -> list[Finding]:
    """Numbers on the part a model learns from, white space and sentences on each."""
    return [*_numbers(table), *_padded(table), *_sentences(table)]


def _numbers(table: AuditTable) -> list[Finding]:
    part = table.training_part
    rows = table.usable.filter(pl.col("part") == part)
    hits = rows.filter(pl.col("label").str.contains(_NUMBER))
    if not hits.height:
        return []
    names = hits["label"].unique().sort()
    severity, told, action = _meaning(names, hits.height / rows.height)
    return [
        table.finding(
            "numeric_labels",
            severity,
            part,
            hits,
            f"{of_total(hits.height, table.size(part))} {phrase(part)} have a number as label, "
            f"{listing(names.to_list(), 5)}: {told}",
            action,
        )
    ]


def _meaning(names: pl.Series, share: float) -> tuple[Severity, str, str]:
    twice = names.str.strip_chars().str.replace(r"\.0+$", "").n_unique() < names.n_unique()
    if twice:
        told = "the same number is written in several ways, and a model takes each for a class of its own."
        return Severity.MEDIUM, told, "They are kept as they are; write each number in one way in the data."
    if share < _STRAY:
        told = "the others have names, so these are rather slips than classes."
        return Severity.LOW, told, "They are kept as they are; correct the labels or drop the rows."
    if names.str.contains(_FRACTION).any() or names.len() > _MANY_NUMBERS:
        told = "they look like a quantity. A classifier does not know that 4 lies between 3 and 5."
        action = "Each value is taken for a class; group the values, or treat the task as regression."
        return Severity.MEDIUM, told, action
    told = "reports cannot say what a class means."
    return Severity.INFO, told, "They are taken for classes as they are; put names in their place."


def _padded(table: AuditTable) -> list[Finding]:
    findings = []
    hits = table.usable.filter(pl.col("label") != pl.col("label").str.strip_chars())
    for part, rows in by_part(table, hits):
        findings.append(
            table.finding(
                "padded_labels",
                Severity.LOW,
                part,
                rows,
                f"{of_total(rows.height, table.size(part))} {phrase(part)} have white space around the "
                f"label: {listing(rows['label'].unique().sort().to_list())}. Stripped, it is another class.",
                "They are kept as they are; strip the labels in the data.",
            )
        )
    return findings


def _sentences(table: AuditTable) -> list[Finding]:
    findings = []
    for part, rows in by_part(table, table.usable.filter(pl.col("label").str.contains(_SENTENCE))):
        share = rows.height / table.size(part)
        findings.append(
            table.finding(
                "sentence_labels",
                graded(share, medium=0.5),
                part,
                rows,
                f"{of_total(rows.height, table.size(part))} {phrase(part)} have a whole sentence as label: "
                f"{listing(rows['label'].unique().sort().to_list(), 3)}. A class needs a name that repeats.",
                "They are kept as they are; see whether the right column was chosen as label.",
            )
        )
    return findings
