"""What the UNKNOWN answer is to reach, and the threshold that reaches it on validation rows."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.scores import Values
from ml_intern.records.spec import UnknownTarget


def threshold_for(target: UnknownTarget, score: Values, right: NDArray[np.bool_]) -> float:
    """The threshold for validation rows: a row is answered where its score, (rows,), is at least that.

    For a coverage, the highest that still answers this share. For an error, the lowest at which at most this
    share of the answers is wrong; where none is that good, the one with the least share of wrong answers.
    """
    order = np.sort(score)
    if target.coverage is not None:
        return float(order[int(np.floor((1 - target.coverage) * len(order) + SLACK))])
    thresholds, _, risks = risk_coverage(score, right)
    assert target.error is not None  # the record has one of the two
    good = risks <= target.error + SLACK
    return float(thresholds[good][-1] if good.any() else thresholds[np.argmin(risks)])


SLACK: Final = 1e-9
"""0.02 times 100 is not quite 2."""


def risk_coverage(score: Values, right: NDArray[np.bool_]) -> tuple[Values, Values, Values]:
    """Thresholds from high to low, and the share answered and the share wrong of it at each.

    One entry per different score: rows of equal score are answered together.
    """
    order = np.argsort(-score, kind="stable")
    values, wrong = score[order], np.cumsum(~right[order])
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    answered = last + 1
    return values[last], answered / len(values), wrong[last] / answered
