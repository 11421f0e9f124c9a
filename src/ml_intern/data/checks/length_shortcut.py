"""Labels that the length of a text gives away.

Why it matters: a model finds the length as easily as the words, and answers by it; in use, where lengths
differ, it fails. Data that was written or generated for each class apart often has it (Gururangan et al.
2018, "Annotation Artifacts in Natural Language Inference Data", arXiv:1803.02324, for hypothesis lengths).
"""

from typing import Final

import numpy as np
import polars as pl

from ml_intern.data.foretell import places, quantile_bins, skill
from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

MIN_SKILL: Final = 0.3
MIN_ROWS: Final = 40


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the training rows of the class whose lengths lie farthest from the others'."""
    part = table.training_part
    rows = table.usable.filter(pl.col("part") == part).with_columns(length=pl.col("text").str.len_chars())
    if rows.height < MIN_ROWS or rows["label"].n_unique() < 2:
        return []
    share = skill(quantile_bins(rows["length"].to_numpy().astype(np.float64)), places(rows["label"]) - 1)
    if share < MIN_SKILL:
        return []
    medians = rows.group_by("label").agg(pl.col("length").median()).sort("length", "label")
    short, long = medians.row(0), medians.row(-1)
    return [
        table.finding(
            "length_shortcut",
            Severity.MEDIUM if share >= 2 * MIN_SKILL else Severity.LOW,
            part,
            rows.filter(pl.col("label").is_in([short[0], long[0]])).sort("length", "row"),
            f"The number of characters of a text alone foretells its label: it goes {share:.0%} of the way "
            f"from always answering with the largest class to being always right. Half of the texts of "
            f"'{example(short[0])}' have at most {short[1]:,.0f} characters, of '{example(long[0])}' "
            f"{long[1]:,.0f}. A model may learn lengths instead of meanings.",
            "The rows are kept. Find out why the lengths differ, and test the model on other lengths.",
        )
    ]
