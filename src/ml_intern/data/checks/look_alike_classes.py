"""Pairs of classes that a model cannot tell apart well: near-synonyms in the label set.

Why it matters: where people who labelled drew no clear line, no model can; such pairs set the ceiling of the
score, and merging or redefining them is cheaper than any training (Casanueva et al. 2020, "Efficient Intent
Detection with Dual Sentence Encoders", arXiv:2003.04807, on banking77; Ying & Thomas 2022, "Label Errors in
BANKING77", Insights from Negative Results, on its overlapping intents).

A pair is reported where each class's rows are given the other's name, and the mutual confusion
(rows of either answered with the other, over the rows of both) is at least `MIN_RATE` by the lower
end of its 95 % Wilson interval. On banking77 and clinc150 this names pairs such as `verify_my_identity` and
`why_verify_identity`, `user_name` and `what_is_your_name`; on bitext-support none.
"""

from typing import Final

import numpy as np
import polars as pl

from ml_intern.data.checks.label_errors import MIN_SKILL
from ml_intern.data.masking import specimen
from ml_intern.data.model import OutOfFold
from ml_intern.data.shares import wilson
from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

MIN_RATE: Final = 0.03
MIN_EACH_WAY: Final = 3
"""Rows confused in each direction; one-sided confusion is what imbalance does, too."""

TIMES_USUAL: Final = 3
"""A pair stands out where it is confused this many times as often as if errors fell evenly on all classes."""

_LISTED: Final = 5
Pair = tuple[int, int, int, float]


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the rows of the training part that are confused."""
    judged = table.out_of_fold
    if judged is None or judged.skill < MIN_SKILL or len(judged.classes) < 3:
        return []
    found = pairs(judged)
    if not found:
        return []
    rank = {}
    for place, (one, other, _, _) in enumerate(found):
        rank[one, other] = rank[other, one] = place
    ranks = [rank.get((int(y), int(a)), -1) for y, a in zip(judged.y, judged.answers, strict=True)]
    answers = [judged.classes[answer] for answer in judged.answers]
    hits = (
        judged.rows.with_columns(pl.Series("rank", ranks), pl.Series("answer", answers))
        .filter((pl.col("rank") >= 0) & (pl.col("part") == table.training_part))
        .sort("rank", maintain_order=True)
    )
    return [_finding(table, judged, found, hits)] if hits.height else []


def pairs(judged: OutOfFold) -> list[Pair]:
    """(class, other class, rows confused, share of both classes' rows), the most confused first."""
    count = len(judged.classes)
    confusion = np.bincount(judged.y * count + judged.answers, minlength=count**2).reshape(count, count)
    sizes = confusion.sum(axis=1)
    both, rows = confusion + confusion.T, sizes[:, None] + sizes[None, :]
    low, _ = wilson(both, rows)
    # Errors that fall evenly on the other classes give each pair this rate.
    usual = (1 - judged.accuracy) / (count - 1)
    alike = (
        (low >= MIN_RATE)
        & (both / rows >= TIMES_USUAL * usual)
        & (np.minimum(confusion, confusion.T) >= MIN_EACH_WAY)
    )
    found = [(int(i), int(j), int(both[i, j]), float(both[i, j] / rows[i, j])) for i, j in np.argwhere(alike)]
    return sorted([each for each in found if each[0] < each[1]], key=lambda each: (-each[3], each[:2]))


def _finding(table: AuditTable, judged: OutOfFold, found: list[Pair], hits: pl.DataFrame) -> Finding:
    names = [
        f"'{example(judged.classes[one], 60)}' and '{example(judged.classes[other], 60)}' ({share:.0%})"
        for one, other, _, share in found
    ]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    shown = [
        f"{specimen(text, 90)} → '{example(label, 30)}', answered '{example(answer, 30)}'"
        for text, label, answer in zip(hits["text"], hits["label"], hits["answer"], strict=True)
    ]
    what = "1 pair of classes is" if len(found) == 1 else f"{len(found)} pairs of classes are"
    return table.finding(
        "look_alike_classes",
        Severity.MEDIUM if hits.height >= 0.1 * table.size(table.training_part) else Severity.LOW,
        table.training_part,
        hits.with_columns(pl.Series("text", shown)),
        f"{what} hard to tell apart by their words: {', '.join(names[:_LISTED])}{more}; in brackets, the "
        "share of their rows that a quick model, which did not see them, gives to the other of the pair. "
        f"Where the labels overlap, no model can be right.{judged.scope}",
        "They are kept apart. Read rows of both: define the line between them, or merge them if the answer "
        "to both is the same.",
    )
