"""Test rows that are not later than the training rows, and classes whose share changes over time.

Why it matters: a model is used on what comes later. A random split over time tests it on days that it was
trained on, with the same events and wording, and hides how it ages (Lazaridou et al. 2021, "Mind the Gap:
Assessing Temporal Generalization in Neural Language Models", NeurIPS; Kapoor & Narayanan 2023, type L3.1).
"""

from typing import Final

import numpy as np
import polars as pl

from ml_intern.data.checks.label_shift import LEVEL
from ml_intern.data.load import WHOLE
from ml_intern.data.shares import chi_square, total_variation
from ml_intern.data.table import TEST, VALIDATION, AuditTable, of_total, phrase
from ml_intern.data.times import times
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import escape, example

MOSTLY: Final = 0.5
"""A split is called one by time where fewer test rows than this come before the end of training."""

END: Final = 0.95
"""The quantile of the training rows' times that counts as their end: a few late ones do not matter."""

DRIFT: Final = 0.15
"""Share of rows that would have to change class between first and last quarter (total variation)."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding on the order of the splits and one on drift, by the first column of times."""
    for name in table.other_columns:
        found = times(name, table.column(name))
        if found is not None:
            rows = table.rows.with_columns(found.alias("time")).drop_nulls("time")
            drift = _drift(table, name, rows.filter(pl.col("part") == table.training_part))
            return [*_order(table, name, rows, bool(drift)), *drift]
    return []


def _order(table: AuditTable, name: str, rows: pl.DataFrame, drifts: bool) -> list[Finding]:
    part = next((part for part in (TEST, VALIDATION) if part in table.parts), None)
    trained = rows.filter(pl.col("part") == table.training_part)
    if WHOLE in table.parts or part is None or not trained.height:
        return []
    held = rows.filter(pl.col("part") == part)
    end = trained["time"].quantile(END, "nearest")
    hits = held.filter(pl.col("time") <= end).sort("time", "row")
    if hits.height <= MOSTLY * held.height:
        return []
    return [
        table.finding(
            "time_leakage",
            Severity.LOW if drifts else Severity.INFO,
            part,
            hits,
            f"{of_total(hits.height, table.size(part))} {phrase(part)} are not later than the training rows "
            f"(by '{escape(name)}'; {END:.0%} of the training rows are up to {end:%Y-%m-%d}). The score says "
            "how well a model does on times that it knows, not on what comes next.",
            "The official split is kept. If the model is to read later texts, test it on the latest rows.",
        )
    ]


def _drift(table: AuditTable, name: str, rows: pl.DataFrame) -> list[Finding]:
    labelled = rows.drop_nulls("label")
    if labelled.height < 40:
        return []
    early, late = labelled["time"].quantile(0.25, "nearest"), labelled["time"].quantile(0.75, "nearest")
    counts = (
        labelled.group_by("label")
        .agg(first=(pl.col("time") <= early).sum(), last=(pl.col("time") > late).sum())
        .sort("label")
    )
    first, last = (counts[end].to_numpy().astype(float) for end in ("first", "last"))
    if not last.sum() or chi_square(np.stack([first, last]))[0] >= LEVEL:
        return []
    moved = total_variation(first, last)
    if moved < DRIFT:
        return []
    gain = last / last.sum() - first / first.sum()
    most = int(np.argmax(np.abs(gain)))
    grown = counts.with_columns(pl.Series("gain", gain)).filter(pl.col("gain") > 0).select("label", "gain")
    hits = labelled.filter(pl.col("time") > late).join(grown, on="label")
    part = table.training_part
    action = "The rows are split by class, not by time, so no score here shows how the model ages."
    return [
        table.finding(
            "label_drift",
            Severity.MEDIUM if moved >= 2 * DRIFT else Severity.LOW,
            part,
            hits.sort(["gain", "time", "row"], descending=[True, True, False]),
            f"The classes change over time: between the first and the last quarter of the {phrase(part)} by "
            f"'{escape(name)}', {moved:.0%} of the rows would have to change class; most of all "
            f"'{example(counts['label'][most])}', from {first[most] / first.sum():.1%} to "
            f"{last[most] / last.sum():.1%}. What a model learns of their shares goes out of date.",
            f"{action if part == WHOLE else 'The official split is kept.'} Test on the latest rows and "
            "retrain from time to time.",
        )
    ]
