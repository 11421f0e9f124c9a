"""The UNKNOWN answer: thresholds from the validation split, measured on the test split."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.scores import Values
from ml_intern.evaluation.slices import share_of
from ml_intern.evaluation.target import risk_coverage, threshold_for
from ml_intern.records.spec import UnknownTarget
from ml_intern.records.trust import Abstention, AbstentionScore, ConfidenceScore, RiskPoint

MOST_POINTS: Final = 100
CARRIED: Final = (ConfidenceScore.ENERGY, ConfidenceScore.MAX_SOFTMAX)
"""What a packaged model can compute by itself. The first that applies is taken for a coverage: that order was
chosen on clinc150's validation queries of no class, see benchmarks/abstention.py."""


@dataclass(frozen=True)
class Sure:
    """Rows with their scores, (rows,) each, and whether the answers are right, (rows,)."""

    scores: Mapping[ConfidenceScore, Values]
    right: NDArray[np.bool_]


def abstention(
    target: UnknownTarget, validation: Sure, test: Sure, unknown: Mapping[ConfidenceScore, Values] | None
) -> Abstention:
    """Fit a threshold for every score to `validation`, measure it on `test`, and say which one to carry.

    `unknown` are the scores of rows that belong to no class, if there are any; nothing is fitted to them.
    """
    thresholds = {
        score: threshold_for(target, values, validation.right) for score, values in validation.scores.items()
    }
    chosen, reason = _choose(target, validation, thresholds)
    return Abstention(
        target=target.words,
        chosen=chosen,
        threshold=thresholds[chosen],
        reason=reason,
        scores=tuple(
            _measured(score, thresholds[score], test, unknown[score] if unknown else None)
            for score in test.scores
        ),
        unknown_rows=len(next(iter(unknown.values()))) if unknown else 0,
        risk_coverage=_points(test.scores[chosen], test.right),
    )


def _choose(
    target: UnknownTarget, validation: Sure, thresholds: Mapping[ConfidenceScore, float]
) -> tuple[ConfidenceScore, str]:
    able = [score for score in CARRIED if score in thresholds]
    if target.error is None:
        why = (
            "for a set coverage energy is taken where there is one, which other data had shown to notice most"
        )
        if able[0] is not ConfidenceScore.ENERGY:
            why = "the script gives no energy, and a packaged model can compute this one by itself"
        return able[0], why
    answered = {score: float((validation.scores[score] >= thresholds[score]).mean()) for score in able}
    best = max(able, key=lambda score: answered[score])
    return best, f"at this error it answers the most validation rows, {100 * answered[best]:.1f} %"


def _measured(
    score: ConfidenceScore, threshold: float, test: Sure, unknown: Values | None
) -> AbstentionScore:
    values = test.scores[score]
    answered = values >= threshold
    held = int((unknown < threshold).sum()) if unknown is not None else 0
    return AbstentionScore(
        score=score,
        threshold=threshold,
        coverage=share_of(int(answered.sum()), len(values)),
        accuracy=share_of(int((test.right & answered).sum()), int(answered.sum())),
        kept_accuracy=share_of(int((test.right & answered).sum()), len(values)),
        auroc_errors=auroc(values, test.right),
        unknown_recall=share_of(held, len(unknown)) if unknown is not None else None,
        auroc_unknown=auroc(
            np.concatenate([values, unknown]),
            np.concatenate([np.ones(len(values), dtype=bool), np.zeros(len(unknown), dtype=bool)]),
        )
        if unknown is not None
        else None,
    )


def auroc(score: Values, positive: NDArray[np.bool_]) -> float | None:
    """How often a positive row scores higher than another; None where all rows are of one kind."""
    if positive.all() or not positive.any():
        return None
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, score))


def _points(score: Values, right: NDArray[np.bool_]) -> tuple[RiskPoint, ...]:
    """The risk–coverage curve at up to `MOST_POINTS` coverages, the whole split among them."""
    thresholds, coverages, risks = risk_coverage(score, right)
    chosen = np.unique(np.linspace(0, len(thresholds) - 1, MOST_POINTS).round().astype(int))
    return tuple(
        RiskPoint(threshold=float(thresholds[i]), coverage=float(coverages[i]), risk=float(risks[i]))
        for i in chosen
    )
