"""Whether a model is better than its baselines, beyond noise, and what to say of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from ml_intern.evaluation.intervals import paired_difference
from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.truth import Truth
from ml_intern.records.evaluation import Comparison
from ml_intern.records.metrics import Metric
from ml_intern.records.words import duration

LEVEL = 0.05
"""Both the test and the 95 % interval of the gain must speak for a difference."""


def compare(
    truth: Truth, model: Predictions, baselines: Mapping[str, Predictions], metric: Metric, seed: int
) -> tuple[Comparison, ...]:
    """The model beside each baseline on the same rows: gain with its interval, and McNemar's test.

    `clean` rows only where some rows repeat training rows: a model that learnt those by heart is not better.
    """
    rows = truth.clean if truth.clean.any() else np.ones(len(truth.indices), dtype=bool)
    right, ours = truth.indices[rows], model.answers[rows]
    found = []
    for name, baseline in baselines.items():
        theirs = baseline.answers[rows]
        gain = paired_difference(right, ours, theirs, len(truth.labels), metric, seed)
        only_ours = int(((ours == right) & (theirs != right)).sum())
        only_theirs = int(((ours != right) & (theirs == right)).sum())
        p_value = mcnemar(only_ours, only_theirs)
        found.append(
            Comparison(
                baseline=name,
                metric=metric,
                rows=int(rows.sum()),
                gain=gain,
                only_model_right=only_ours,
                only_baseline_right=only_theirs,
                p_value=p_value,
                better=gain.low > 0 and p_value < LEVEL,
            )
        )
    return tuple(found)


def mcnemar(only_ours: int, only_theirs: int) -> float:
    """The exact two-sided p-value that two models are right equally often (McNemar 1947).

    Of the rows that only one of them has right, each is as likely the one's as the other's.
    """
    if only_ours + only_theirs == 0:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(only_ours, only_ours + only_theirs, 0.5).pvalue)


def worth(method: str, comparisons: Sequence[Comparison], seconds: Mapping[str, float]) -> str:
    """One plain sentence or two on whether the trained model was worth it.

    `seconds` are the training times by name; the model's is called "model". Empty for a linear model,
    which is its own baseline.
    """
    by_name = {each.baseline: each for each in comparisons}
    linear, probe = by_name.get("linear"), by_name.get("probe")
    if method == "linear" or linear is None:
        return ""
    spent = f"{duration(seconds['model'])} of training against {duration(seconds['linear'])}"
    if not linear.better:
        return (
            f"It was not worth it: the linear baseline does {standing(linear)} ({_gain(linear)}), "
            f"with {spent}. Use the linear model unless you expect other wording than the data has."
        )
    said = f"It was worth it: better than the linear baseline by {_gain(linear)}, for {spent}."
    if probe is not None and not probe.better:
        return (
            f"{said} But the frozen encoder with a linear head does as well ({_gain(probe)}) and is cheaper."
        )
    return said


def standing(found: Comparison) -> str:
    """How a baseline that was not beaten does beside the model."""
    return "better" if found.gain.high < 0 else "as well"


def _gain(found: Comparison) -> str:
    points = [100 * value for value in (found.gain.value, found.gain.low, found.gain.high)]
    return (
        f"{points[0]:+.1f} points of {found.metric.words} [{points[1]:+.1f}, {points[2]:+.1f}], "
        f"McNemar p = {found.p_value:.2g}"
    )
