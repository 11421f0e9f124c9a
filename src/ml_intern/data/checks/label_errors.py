"""Rows whose label is probably wrong, by confident learning.

Why it matters: a model learns wrong labels as readily as right ones, and a wrong label in the test split
counts right answers as wrong; the test sets of ten well-known datasets hold 3 % on average (Northcutt,
Athalye & Mueller 2021, "Pervasive Label Errors in Test Sets", arXiv:2103.14749).

Confident learning (Northcutt, Jiang & Chuang 2021, arXiv:1911.00068): a class counts as likely where a
row's out-of-fold probability reaches the mean that rows given that label have. A row is suspect where the
most probable of the likely classes is not its own. `cleanlab` made the method known. Two things
are added against false alarms, chosen on banking77: the other class must be `RATIO` times as probable
(with 5 % planted errors in banking77, 72 % instead of 54 % of the suspects are wrong and none is lost),
and the model must know the task: where labels cannot be foretold, all of them look wrong.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.data.masking import specimen
from ml_intern.data.model import OutOfFold
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

RATIO: Final = {1: 100, 2: 10}
"""By the number of models: logistic regression is less sure than naive Bayes, and so is their mean."""

MIN_SKILL: Final = 0.3
_STEPS: Final = ((0.12, Severity.HIGH), (0.04, Severity.MEDIUM), (0.02, Severity.LOW))
"""Clean but ambiguous data has up to 1.5 % suspects (the built-in tickets, banking77): information only."""

_FEW: Final = 50
"""Below so many rows the quick model has seen too little to be believed: information only."""

_SHOWN: Final = 90
"""Characters of the text in an example, so that both labels fit behind it."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part, the most suspect rows first."""
    judged = table.out_of_fold
    if judged is None or judged.skill < MIN_SKILL:
        return []
    better = suspects(judged)
    findings = []
    for part in table.parts:
        places = np.flatnonzero((better >= 0) & (judged.rows["part"] == part).to_numpy())
        if len(places):
            places = places[np.argsort(judged.quality[places], kind="stable")]
            findings.append(_finding(table, part, judged, places, better))
    return findings


def suspects(judged: OutOfFold) -> NDArray[np.intp]:
    """The class that each row probably belongs to, as a place in `classes`; -1 where its own may be right."""
    probabilities, rows = judged.probabilities, np.arange(len(judged.y))
    sizes = np.bincount(judged.y, minlength=len(judged.classes))
    thresholds = np.bincount(judged.y, judged.quality, minlength=len(judged.classes)) / sizes
    likely = np.where(probabilities >= thresholds, probabilities, -1.0)
    best = likely.argmax(axis=1)
    wrong = (best != judged.y) & (likely[rows, best] > RATIO[judged.models] * judged.quality)
    return np.where(wrong, best, -1)


def _finding(
    table: AuditTable, part: str, judged: OutOfFold, places: NDArray[np.intp], better: NDArray[np.intp]
) -> Finding:
    hits = judged.rows[places]
    names = [judged.classes[place] for place in better[places]]
    total = judged.rows.filter(pl.col("part") == part).height
    shown = [
        f"{specimen(text, _SHOWN)} → '{example(given, 30)}', reads like '{example(other, 30)}'"
        for text, given, other in zip(hits["text"], hits["label"], names, strict=True)
    ]
    share = len(places) / total
    return table.finding(
        "label_errors",
        next((severity for limit, severity in _STEPS if share >= limit and total >= _FEW), Severity.INFO),
        part,
        hits.with_columns(pl.Series("text", shown)),
        f"{of_total(len(places), total)} {phrase(part)} are suspected of a wrong label: a quick model that "
        "did not see them is sure of another class. A model learns wrong labels, and in a test they count "
        f"right answers as wrong.{judged.scope}",
        "They are kept. Read the rows, the most suspect come first, and correct those that are wrong: some "
        "will be right but unusual.",
    )
