"""Rows of the test or validation split whose text stands in the data that a model learns from.

Why it matters: a model answers them from memory, so the score says less about new texts than it seems
to. This is the most common leak in published text datasets (Elangovan et al. 2021, "Memorization vs.
Generalization: Quantifying Data Leakage in NLP Performance Evaluation", EACL).
"""

import polars as pl

from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable, of_total
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """A finding for test rows found in train or validation, one for validation rows found in train.

    Without a test file, the validation rows are what the model will be tested on, and named so.
    """
    findings = []
    if TEST in table.parts:
        findings += _overlap(table, TEST, tuple(part for part in table.parts if part != TEST), TEST)
    if VALIDATION in table.parts:
        findings += _overlap(table, VALIDATION, (TRAIN,), VALIDATION if TEST in table.parts else TEST)
    return findings


def _overlap(table: AuditTable, part: str, others: tuple[str, ...], role: str) -> list[Finding]:
    seen = table.rows.filter(pl.col("part").is_in(others) & pl.col("text").is_not_null())
    hits = table.part(part).filter(pl.col("normal").is_in(seen["normal"].unique().implode()))
    if not hits.height:
        return []
    trained = seen.filter(pl.col("part") == TRAIN)["normal"].unique()
    hits = hits.with_columns(
        pl.col("text").is_in(seen["text"].unique().implode()).alias("exact"),
        pl.col("normal").is_in(trained.implode()).alias("trained"),
    ).sort("exact", descending=True, maintain_order=True)
    return [_finding(table, part, others, role, hits)]


def _finding(table: AuditTable, part: str, others: tuple[str, ...], role: str, hits: pl.DataFrame) -> Finding:
    total, exact = table.size(part), int(hits["exact"].sum())
    where = "the train split"
    if len(others) > 1:
        where = f"the train or validation split ({int(hits['trained'].sum()):,} of them in train)"
    effect, action = _TEST if role == TEST else _VALIDATION
    return table.finding(
        f"{role}_rows_repeat_training",
        _severity(role, hits.height / total),
        part,
        hits,
        f"{of_total(hits.height, total)} {part} rows have a text that stands in {where}: {exact:,} to the "
        f"letter, {hits.height - exact:,} once digits, case and punctuation are masked. {effect}",
        action,
    )


_TEST = (
    "A model can answer them from memory, so the test score is too high for new texts.",
    "They are kept, as the split is official; every score is also given on the rows that repeat nothing.",
)
_VALIDATION = (
    "They favour checkpoints that memorise, and the validation score is too high for new texts.",
    "The official validation split is kept; only the test split decides what is reported.",
)


def _severity(role: str, share: float) -> Severity:
    """One step milder for validation, whose score is never published."""
    step = 2 if share >= 0.05 else 1 if share >= 0.01 else 0
    scale = [Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]
    return scale[step + (1 if role == TEST else 0)]
