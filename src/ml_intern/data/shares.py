"""Shares, their intervals, and how much two distributions differ: the arithmetic that checks share."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z: Final = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""


def wilson(hits: ArrayLike, rows: ArrayLike) -> tuple[Floats, Floats]:
    """The 95 % Wilson score interval of each share `hits / rows` (Wilson 1927), 0 to 1 where `rows` is 0."""
    hits, rows = np.asarray(hits, dtype=float), np.asarray(rows, dtype=float)
    n = np.maximum(rows, 1)
    share = np.where(rows > 0, hits / n, 0.5)
    spread = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    centre, scale = share + Z**2 / (2 * n), 1 + Z**2 / n
    low, high = np.maximum(0, (centre - spread) / scale), np.minimum(1, (centre + spread) / scale)
    return np.where(rows > 0, low, 0.0), np.where(rows > 0, high, 1.0)


def total_variation(one: Floats, other: Floats) -> float:
    """Half the summed difference of two count vectors' shares: the share of rows that would have to move."""
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


def chi_square(counts: Floats) -> tuple[float, float]:
    """Pearson's test of a (groups, classes) table: the p-value and Cramér's V (Cramér 1946, ch. 21).

    V is the effect size, 0 to 1, which does not grow with the number of rows as the test does.
    """
    from scipy.stats import chi2

    kept = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    least = min(kept.shape) - 1
    if least < 1:
        return 1.0, 0.0
    expected = np.outer(kept.sum(axis=1), kept.sum(axis=0)) / kept.sum()
    statistic = float(((kept - expected) ** 2 / expected).sum())
    freedom = (kept.shape[0] - 1) * (kept.shape[1] - 1)
    return float(chi2.sf(statistic, freedom)), float(np.sqrt(statistic / (kept.sum() * least)))
