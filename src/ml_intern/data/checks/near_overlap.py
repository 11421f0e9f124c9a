"""Rows of the test or validation split that say the same as a training row but for an edit or two.

Why it matters: a model that has seen the one half knows the other, so the score says less about new texts
than it seems to. Removing such pairs lowers published scores (Elangovan et al. 2021, "Memorization vs.
Generalization: Quantifying Data Leakage in NLP Performance Evaluation", EACL; they, too, go by similarity).
"""

import polars as pl

from ml_intern.data.kin import side_by_side
from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable, of_total
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """A finding for test rows and one for validation rows; those equal but for masking are `split_overlap`'s.

    Without a test file, the validation rows are what the model will be tested on, and named so.
    """
    findings = []
    if TEST in table.parts:
        findings += _overlap(table, TEST, tuple(part for part in table.parts if part != TEST), TEST)
    if VALIDATION in table.parts:
        findings += _overlap(table, VALIDATION, (TRAIN,), VALIDATION if TEST in table.parts else TEST)
    return findings


def _overlap(table: AuditTable, part: str, others: tuple[str, ...], role: str) -> list[Finding]:
    seen = table.rows.filter(pl.col("part").is_in(others) & pl.col("normal").is_not_null())
    near = table.kin.beside(seen["normal"])
    hits = table.part(part).filter(pl.col("normal").is_in(near.implode()))
    if not hits.height:
        return []
    total = table.size(part)
    where = "train" if len(others) == 1 else "train or validation"
    effect, action = _TEST if role == TEST else _VALIDATION
    finding = table.finding(
        f"{role}_rows_nearly_repeat_training",
        _severity(role, hits.height / total),
        part,
        _beside(table, hits, seen),
        f"{of_total(hits.height, total)} {part} rows say the same as a row of the {where} split but for an "
        f"edit or two; rows that repeat one are not counted here. {effect}",
        action,
    )
    return [finding]


def _beside(table: AuditTable, hits: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """The rows with their texts beside that of the first row that each nearly repeats."""
    known = seen.unique("normal", keep="first", maintain_order=True)
    known = known.select(table.kin.positions(known["normal"]).alias("other"), pl.col("text").alias("trained"))
    mine = hits.with_columns(table.kin.positions(hits["normal"]).alias("at"))
    first = (
        mine.select("at")
        .unique()
        .join(table.kin.both_ways(), on="at")
        .join(known, on="other")
        .sort("at", "other")
        .unique("at", keep="first", maintain_order=True)
    )
    paired = mine.join(first, on="at", how="left", maintain_order="left")
    return paired.with_columns(side_by_side("text", "trained").alias("text"))


_TEST = (
    "The test score is likely too high for texts that are really new.",
    "They are kept, as the split is official; every score is also given without them.",
)
_VALIDATION = (
    "They favour checkpoints that memorise.",
    "The official validation split is kept; only the test split decides what is reported.",
)


def _severity(role: str, share: float) -> Severity:
    """At most medium: an edit can change what a text means, and what it does to the score is measured."""
    if role == TEST:
        return Severity.MEDIUM if share >= 0.01 else Severity.LOW
    return Severity.MEDIUM if share >= 0.1 else Severity.LOW
