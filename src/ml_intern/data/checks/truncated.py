"""Texts that were cut: many of exactly the same, greatest length, or an ellipsis at the end.

Why it matters: what was cut off is often what decides the class, and texts in use will not be cut at
the same place. Databases and exports cut at a column's width (VARCHAR(255)), social networks at 140 or
280 characters, web pages with an ellipsis. The sign of a cut is a heap of rows at the greatest length
whose last words occur nowhere else, as they are halves.
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import by_part, graded
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

_MIN_LENGTH: Final = 50
"""Below, many texts have the greatest length by chance."""

_MIN_ROWS: Final = 5
_HEAP: Final = 5
"""So many times the rows that the lengths just below have on average."""

_NEAR: Final = 10
_HALVES: Final = 0.25
"""A cut at a random place falls inside a word four times in five; other texts hardly end in new words."""

_SAMPLE: Final = 20_000
_READ: Final = 1_000
"""Characters of each sampled text from which whole words are learned."""

_LAST: Final = r"(?:^|[^\p{L}\p{N}])(\p{L}+)$"
_ELLIPSIS: Final = (
    r"(?:[\p{L}\p{N},]\s?(?:…|\[(?:…|\.\.\.)\])|(?i:\(more\)|\.\.\.\s?(?:read )?more|<truncated>))\s*$"
)
_NOTED: Final = 0.005
"""Below this share, an ellipsis is how somebody writes."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part and sign of a cut."""
    return [*_heaps(table), *_ellipses(table)]


def _heaps(table: AuditTable) -> list[Finding]:
    findings = []
    for part in table.parts:
        rows = (
            table.part(part).drop_nulls("text").with_columns(pl.col("text").str.len_chars().alias("length"))
        )
        longest = rows["length"].max()
        if not isinstance(longest, int) or longest < _MIN_LENGTH:
            continue
        cut = rows.filter(pl.col("length") == longest)
        near = rows.filter(pl.col("length").is_between(longest - _NEAR, longest - 1)).height / _NEAR
        if cut.height < max(_MIN_ROWS, _HEAP * near) or not _end_in_halves(cut, rows):
            continue
        findings.append(
            table.finding(
                "truncated_texts",
                graded(cut.height / table.size(part), medium=0.01, high=0.2),
                part,
                cut.with_columns(("…" + pl.col("text").str.tail(100)).alias("text")),
                f"{of_total(cut.height, table.size(part))} {phrase(part)} are exactly {longest:,} characters "
                "long, the greatest length, and many of them end inside a word: they were cut. What was cut "
                "off is missing in training, and texts in use may be longer.",
                "They are kept as they are; export the data again without the limit.",
            )
        )
    return findings


def _end_in_halves(cut: pl.DataFrame, rows: pl.DataFrame) -> bool:
    """Whether many cut texts, far more than others, end in what stands nowhere as a whole word."""
    sample = rows.gather_every(max(1, rows.height // _SAMPLE))["text"].str.slice(0, _READ).str.to_lowercase()
    words = sample.str.replace(_LAST, "").str.extract_all(r"\p{L}+").explode().unique().implode()
    others = rows.filter(pl.col("length") < cut["length"][0]).head(_SAMPLE)
    if others.height < _MIN_ROWS:  # texts of one form are all of one length
        return False
    share = _unknown(cut, words)
    return share >= _HALVES and share >= 2 * _unknown(others, words)


def _unknown(rows: pl.DataFrame, words: pl.Series) -> float:
    last = rows["text"].str.to_lowercase().str.extract(_LAST)
    return int((last.is_not_null() & ~last.is_in(words)).sum()) / rows.height


def _ellipses(table: AuditTable) -> list[Finding]:
    findings = []
    for part, rows in by_part(table, table.rows.filter(pl.col("text").str.contains(_ELLIPSIS))):
        share = rows.height / table.size(part)
        findings.append(
            table.finding(
                "ellipsis_at_end",
                graded(share, medium=0.2) if share >= _NOTED else Severity.INFO,
                part,
                rows.with_columns(pl.col("text").str.tail(100)),
                f"{of_total(rows.height, table.size(part))} {phrase(part)} end in an ellipsis sign, as texts "
                "do that a page or an export has shortened: the rest is missing in training.",
                "They are kept as they are; get the full texts if they were shortened.",
            )
        )
    return findings
