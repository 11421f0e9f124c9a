"""Labels that are spread differently in the test or validation split than in training.

Why it matters: a model learns how frequent each class is, so accuracy on another mixture is not the
accuracy in use; and it is a sign that the splits were collected differently (Lipton, Wang & Smola 2018,
"Detecting and Correcting for Label Shift with Black Box Predictors", arXiv:1802.03916).

Reported where Pearson's chi-square test rejects equal shares at 0.1 % and at least `MOVED` of the rows would
have to change their class (total variation): the test alone would fire on any large dataset.
"""

from typing import Final

import numpy as np
import polars as pl

from ml_intern.data.shares import chi_square, total_variation
from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

LEVEL: Final = 0.001
MOVED: Final = 0.1
_STEPS: Final = ((0.5, Severity.HIGH), (0.25, Severity.MEDIUM))
_LISTED: Final = 3


def check(table: AuditTable) -> list[Finding]:
    """A finding for each of test and validation, on the rows of the classes that are more frequent there."""
    counts = table.usable.group_by("label", "part").len().pivot("part", index="label", values="len")
    counts = counts.fill_null(0).sort("label")
    findings = []
    for part in (TEST, VALIDATION):
        if {part, TRAIN} <= set(counts.columns):
            findings += _compare(table, part, counts)
    return findings


def _compare(table: AuditTable, part: str, counts: pl.DataFrame) -> list[Finding]:
    train, here = (counts[name].to_numpy().astype(float) for name in (TRAIN, part))
    p, effect = chi_square(np.stack([train, here]))
    moved = total_variation(train, here)
    if p >= LEVEL or moved < MOVED:
        return []
    before, now = train / train.sum(), here / here.sum()
    more = (
        counts.select("label")
        .with_columns(pl.Series("gain", now - before))
        .sort(["gain", "label"], descending=[True, False])
        .filter(pl.col("gain") > 0)
    )
    hits = table.usable.filter(pl.col("part") == part).join(more, on="label")
    order = np.argsort(-np.abs(now - before), kind="stable")[:_LISTED]
    named = [f"'{example(counts['label'][int(i)])}' {before[i]:.1%} to {now[i]:.1%}" for i in order]
    return [
        table.finding(
            "label_shift",
            next((severity for limit, severity in _STEPS if moved >= limit), Severity.LOW),
            part,
            hits.sort(["gain", "label", "row"], descending=[True, False, False]),
            f"The classes are spread differently in the {phrase(part)} than in the training rows: "
            f"{moved:.0%} of them would have to change class to match (Cramér's V {effect:.2f}); most from "
            f"{', '.join(named)}. Accuracy depends on this mixture.",
            f"The official {part} split is kept; macro F1, which weighs classes alike, depends on it least. "
            "Ask which of the two is like the data in use.",
        )
    ]
