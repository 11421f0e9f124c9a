"""A file that is sorted by label.

Why it matters: its first rows or its last rows are a few classes only, so a sample from the top, a split by
position or training without shuffling sees other classes than it is tested on (Bottou 2012, "Stochastic
Gradient Descent Tricks", section 5.1).
"""

from typing import Final

import polars as pl

from ml_intern.data.table import AuditTable, phrase
from ml_intern.records.data import Finding, Severity

MIN_ROWS: Final = 40
SORTED: Final = 0.9
"""The share of rows with the label of the row before, above what any order has, from which it is said."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the training part; its rows are those at which the label changes."""
    part = table.training_part
    rows = table.usable.filter(pl.col("part") == part)
    if rows.height < MIN_ROWS or rows["label"].n_unique() < 2:
        return []
    shares = rows["label"].value_counts()["count"] / rows.height
    chance = float((shares**2).sum())  # that two rows drawn at random have the same label
    changes = rows.filter((pl.col("label") != pl.col("label").shift(1)).fill_null(True))
    same = 1 - (changes.height - 1) / (rows.height - 1)
    if (same - chance) / (1 - chance) < SORTED:
        return []
    return [
        table.finding(
            "rows_sorted_by_label",
            Severity.INFO,
            part,
            changes,
            f"The {phrase(part)} are sorted by label: {same:.0%} have the label of the row before. The first "
            "or last of them are a few classes only, whatever is taken by position.",
            "Splits made here do not depend on the order. Shuffle before you take a part of the file.",
        )
    ]
