"""Rows that say the same as an earlier one of the same split but for an edit or two.

Why it matters: near-copies make a dataset look larger and more varied than it is, and most that a search by
equality misses are of this kind (Lee et al. 2022, "Deduplicating Training Data Makes Language Models Better",
arXiv:2107.06499, who find them by MinHash and edit similarity as well).
"""

import polars as pl

from ml_intern.data.kin import side_by_side
from ml_intern.data.load import WHOLE
from ml_intern.data.near import SIMILAR
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part; equal texts are left to the checks on duplicates."""
    findings = []
    pairs = table.kin.both_ways()
    for part in table.parts:
        first = table.part(part).filter(pl.col("normal").is_not_null() & pl.col("normal").is_first_distinct())
        place = first.select(
            table.kin.positions(first["normal"]).alias("at"), "row", "text", pl.col("text").alias("earlier")
        )
        hits = (
            pairs.join(place.select("at", "row", "text"), on="at")
            .join(
                place.select(pl.col("at").alias("other"), pl.col("row").alias("before"), "earlier"),
                on="other",
            )
            .filter(pl.col("before") < pl.col("row"))
            .sort("row", "before")
            .unique("row", keep="first", maintain_order=True)
        )
        if hits.height:
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    share = hits.height / table.size(part)
    shown = hits.with_columns(side_by_side("text", "earlier").alias("text"))
    return table.finding(
        "near_duplicates",
        Severity.MEDIUM if share >= 0.25 else Severity.LOW,
        part,
        shown,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} say the same as an earlier one but for an "
        f"edit or two (at least {SIMILAR:.0%} of their letters in common and in order), or for a greeting or "
        "thanks: the data is less varied than its number of rows says.",
        "They are kept; the split puts near-copies into the same part."
        if part == WHOLE
        else "They are kept where they are.",
    )
