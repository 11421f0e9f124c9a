"""95 % intervals by the bootstrap.

Resampling rows with replacement and counting a confusion matrix is the same as drawing the matrix
from a multinomial with the observed cell shares, which needs no loop over rows. Intervals are
percentile intervals (Efron & Tibshirani 1993, ch. 13).

The bootstrap cannot imagine a mistake that was never made: at a perfect score all samples are perfect,
and a rare class without a mistake counts as certain. So each end is the farther one of the bootstrap's
and of a closed form's that knows how few rows a class has:

- accuracy: the Wilson score interval on all rows (Wilson 1927);
- F1 of a class: with J = TP / (TP + FP + FN), F1 = 2J / (1 + J) rises with J, and J is a share of the
  rows that belong to the class or were answered with it: Wilson's interval for J, carried over to F1;
- macro and weighted F1: the classes' distances to their own ends, weighted and added as squares (Zou,
  Huang & Zhang 2009, "A note on confidence interval estimation for a linear function of binomial
  proportions", Computational Statistics & Data Analysis 53).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.scores import Counts, Values, f1, score
from ml_intern.records.metrics import Interval, Metric, Scores

SAMPLES = 1000
CELLS_AT_ONCE = 4_000_000
"""Matrix cells held at a time while resampling: 32 MB."""
Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


def draw(counts: NDArray[np.int64], seed: int, samples: int = SAMPLES) -> NDArray[np.int64]:
    """Bootstrap replicates of the counts of some outcomes, (outcomes,) to (samples, outcomes)."""
    rows = int(counts.sum())
    if not rows:
        return np.zeros((samples, len(counts)), dtype=np.int64)
    return np.random.default_rng(seed).multinomial(rows, counts / rows, size=samples)


def replicate(
    statistic: Callable[[Counts], Values], drawn: NDArray[np.int64], cells: NDArray[np.intp], classes: int
) -> Values:
    """`statistic` of each replicate, (samples, ...); `cells` are flat places in a confusion matrix.

    Works on a few matrices at a time: a thousand with 300 classes would take 0.7 GB.
    """
    step = max(1, CELLS_AT_ONCE // classes**2)
    found = []
    for start in range(0, len(drawn), step):
        part = drawn[start : start + step]
        matrices = np.zeros((len(part), classes * classes), dtype=np.int64)
        matrices[:, cells] = part
        found.append(statistic(matrices.reshape(len(part), classes, classes)))
    return np.concatenate(found)


def wilson(value: float, rows: int) -> tuple[float, float]:
    """The Wilson score interval of a share `value` seen on `rows` rows."""
    if rows == 0:
        return 0.0, 1.0
    spread = Z * np.sqrt(value * (1 - value) / rows + Z**2 / (4 * rows**2))
    centre = value + Z**2 / (2 * rows)
    scale = 1 + Z**2 / rows
    return float(max(0.0, (centre - spread) / scale)), float(min(1.0, (centre + spread) / scale))


def interval(value: float, replicates: Values, bounds: tuple[float, float]) -> Interval:
    """From the lower of the two low ends to the higher of the two high ends, `value` included."""
    low, high = (float(end) for end in np.quantile(replicates, (0.025, 0.975)))
    return Interval(value=value, low=min(low, bounds[0], value), high=max(high, bounds[1], value))


def score_all(confusion: Counts, metrics: Sequence[Metric], seed: int) -> Scores:
    """Every metric of one confusion matrix with its interval."""
    replicates = _replicates(confusion, lambda c: np.stack([score(m, c) for m in metrics], -1), seed)
    values = {m: float(score(m, confusion)) for m in metrics}
    return {
        m: interval(values[m], replicates[:, i], _bounds(m, values[m], confusion))
        for i, m in enumerate(metrics)
    }


def class_f1(confusion: Counts, seed: int) -> list[Interval]:
    """F1 of each class with its interval; 0 to 1 for a class that occurs in neither truth nor answers."""
    values, replicates = f1(confusion), _replicates(confusion, f1, seed)
    bounds = _class_bounds(confusion)
    return [interval(float(v), replicates[:, i], bounds[i]) for i, v in enumerate(values)]


def _replicates(confusion: Counts, statistic: Callable[[Counts], Values], seed: int) -> Values:
    cells = np.flatnonzero(confusion)
    return replicate(statistic, draw(confusion.flat[cells], seed), cells, len(confusion))


def _bounds(metric: Metric, value: float, confusion: Counts) -> tuple[float, float]:
    """The closed-form ends of one metric, as the module says."""
    support = confusion.sum(axis=1)
    if metric is Metric.ACCURACY:
        return wilson(value, int(confusion.sum()))
    occurs = support + confusion.sum(axis=0) > 0
    weights = support if metric is Metric.WEIGHTED_F1 else occurs
    if not occurs.any():
        return 0.0, 1.0
    ends = np.array(_class_bounds(confusion))
    distances = (ends - f1(confusion)[:, None]) * (weights / weights.sum())[:, None]
    low, high = np.sqrt((distances**2).sum(axis=0))
    return max(0.0, value - float(low)), min(1.0, value + float(high))


def _class_bounds(confusion: Counts) -> list[tuple[float, float]]:
    right = np.diagonal(confusion)
    involved = confusion.sum(axis=0) + confusion.sum(axis=1) - right
    ends = [wilson(r / n if n else 0.0, int(n)) for r, n in zip(right, involved, strict=True)]
    return [(2 * low / (1 + low), 2 * high / (1 + high)) for low, high in ends]


def paired_difference(
    truth: NDArray[np.intp],
    ours: NDArray[np.intp],
    theirs: NDArray[np.intp],
    classes: int,
    metric: Metric,
    seed: int,
    samples: int = SAMPLES,
) -> Interval:
    """Our score minus theirs on the same rows, by resampling rows of the joint outcome."""
    triples, counts = np.unique((truth * classes + ours) * classes + theirs, return_counts=True)
    pairs = triples // classes**2 * classes  # the row of the confusion matrix, as a flat place
    drawn, observed = draw(counts, seed, samples), counts[None, :]
    places = (pairs + triples // classes % classes, pairs + triples % classes)

    def scored(outcomes: NDArray[np.int64], place: NDArray[np.intp]) -> Values:
        sums, cells = _sum_by_cell(outcomes, place)
        return replicate(lambda c: score(metric, c), sums, cells, classes)

    replicates = scored(drawn, places[0]) - scored(drawn, places[1])
    value = float((scored(observed, places[0]) - scored(observed, places[1]))[0])
    low, high = (float(end) for end in np.quantile(replicates, (0.025, 0.975)))
    return Interval(value=value, low=min(low, value), high=max(high, value))


def _sum_by_cell(
    outcomes: NDArray[np.int64], place: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Add up the columns of `outcomes` that share a place: sums (samples, cells) and the cells."""
    order = np.argsort(place, kind="stable")
    cells, starts = np.unique(place[order], return_index=True)
    return np.add.reduceat(outcomes[:, order], starts, axis=1), cells
