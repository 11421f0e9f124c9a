"""The rows that a reader should see: nearly answered otherwise, or mistaken for another class."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.truth import Truth
from ml_intern.records.trust import ConfusedPair, Doubt

MOST_DOUBTS: Final = 20
MOST_PAIRS: Final = 20
MOST_EXAMPLES: Final = 3


def nearest_boundary(
    truth: Truth, predictions: Predictions, ids: Sequence[str], texts: Sequence[str]
) -> tuple[Doubt, ...]:
    """The rows with the least distance between the best and the second probability, least first.

    `ids` and `texts` are those of the rows, fit to be shown.
    """
    if len(predictions.labels) < 2:
        return ()
    order = np.argsort(predictions.probabilities, axis=1)
    best, second = order[:, -1], order[:, -2]
    rows = np.arange(len(order))
    margins = predictions.probabilities[rows, best] - predictions.probabilities[rows, second]
    return tuple(
        Doubt(
            row_id=ids[i],
            text=texts[i],
            truth=truth.labels[truth.indices[i]],
            answer=truth.labels[predictions.answers[i]],
            second=truth.labels[second[i] if best[i] == predictions.answers[i] else best[i]],
            margin=float(margins[i]),
        )
        for i in np.argsort(margins, kind="stable")[:MOST_DOUBTS]
    )


def confused_pairs(truth: Truth, predictions: Predictions, texts: Sequence[str]) -> tuple[ConfusedPair, ...]:
    """The mistakes that happen most, as (true class, answer), each with its surest examples."""
    wrong = np.flatnonzero(predictions.answers != truth.indices)
    pairs: dict[tuple[int, int], list[int]] = {}
    confidence = predictions.probabilities.max(axis=1)
    for i in wrong[np.argsort(-confidence[wrong], kind="stable")]:
        pairs.setdefault((int(truth.indices[i]), int(predictions.answers[i])), []).append(int(i))
    support = np.bincount(truth.indices, minlength=len(truth.labels))
    most = sorted(pairs.items(), key=lambda each: (-len(each[1]), each[0]))[:MOST_PAIRS]
    return tuple(
        ConfusedPair(
            truth=truth.labels[true],
            answer=truth.labels[answer],
            rows=len(rows),
            share=len(rows) / int(support[true]),
            examples=tuple(texts[i] for i in rows[:MOST_EXAMPLES]),
        )
        for (true, answer), rows in most
    )
