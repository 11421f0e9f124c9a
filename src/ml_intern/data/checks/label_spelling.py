"""Labels that are one word in several spellings: "Refund", "refund", "refund "; and perhaps misspelt ones.

Why it matters: to a model they are different classes. It is trained to tell apart what is the same, and
every answer in the other spelling counts as wrong. Hand-kept spreadsheets are full of them. A rare label
that is one edit away from a frequent one is taken for misspelt (Damerau 1964, CACM 7(3): one wrong, missing,
extra or swapped letter makes more than 80 % of misspellings), unless they differ in a digit, as "level_1"
and "level_2".
"""

from itertools import product
from typing import Final

import polars as pl

from ml_intern.data.hits import by_part
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import listing

LETTERS: Final = 5
"""Shorter words are too often one edit from another: "gain" and "gait"."""
RARE: Final = 0.1
"""A misspelling has at most this share of the rows of the right one."""
MOST_LABELS: Final = 1_000
"""Of more, each is hardly a class, and comparing all pairs would take long."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding of each kind for each part: its rows in any but the most frequent spelling."""
    return [*_spelt_otherwise(table), *_misspelt(table)]


def _misspelt(table: AuditTable) -> list[Finding]:
    counts = dict(table.usable.group_by("label").len("count").iter_rows())
    if len(counts) > MOST_LABELS:
        return []
    meant = {
        rare: frequent
        for rare, frequent in product(sorted(counts), sorted(counts))
        if counts[rare] <= RARE * counts[frequent] and _is_one_edit(rare, frequent)
    }
    findings = []
    for part, rows in by_part(table, table.usable.filter(pl.col("label").is_in(list(meant)))):
        pairs = [f"{rare} for {meant[rare]}" for rare in rows["label"].unique().sort().to_list()]
        findings.append(
            table.finding(
                "label_misspelt",
                Severity.MEDIUM,
                part,
                rows,
                f"{of_total(rows.height, table.size(part))} {phrase(part)} have a rare label one letter "
                f"away from a frequent one, perhaps misspelt: {listing(pairs)}. Each counts as a class.",
                "They are kept as they are; correct those that are misspelt.",
            )
        )
    return findings


def _is_one_edit(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    one, other = one.strip().casefold(), other.strip().casefold()
    if min(len(one), len(other)) < LETTERS or abs(len(one) - len(other)) > 1 or one == other:
        return False
    if sorted(filter(str.isdigit, one)) != sorted(filter(str.isdigit, other)):
        return False
    return OSA.distance(one, other, score_cutoff=1) == 1


def _spelt_otherwise(table: AuditTable) -> list[Finding]:
    plain = pl.col("label").str.to_lowercase().str.replace_all(r"[\s_-]+", " ").str.strip_chars()
    counts = table.usable.group_by("label").len("count").with_columns(plain.alias("plain"))
    # Ties go to the first in alphabetical order, so that the outcome never depends on row order.
    main = counts.sort(["count", "label"], descending=[True, False]).unique("plain", keep="first")
    odd = counts.filter(~pl.col("label").is_in(main["label"].implode()))["label"].sort()
    findings = []
    for part in table.parts:
        hits = table.usable.filter((pl.col("part") == part) & pl.col("label").is_in(odd.implode()))
        if hits.height:
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    names = hits["label"].unique().sort().to_list()
    share = hits.height / table.size(part)
    return table.finding(
        "label_spelling",
        Severity.HIGH if share >= 0.05 else Severity.MEDIUM,
        part,
        hits,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} have a label that differs from another "
        f"only in case, space or hyphen: {listing(names)}. A model takes them for different classes.",
        "They are kept as they are; spell each label in one way in the data.",
    )
