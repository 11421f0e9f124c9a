"""How well a label can be foretold from a few bins alone, without reading any text."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.data.shares import wilson

FOLDS: Final = 5
BINS: Final = 20


def skill(bins: NDArray[np.intp], y: NDArray[np.intp], seed: int = 0) -> float:
    """Cross-validated: each row is answered with the most frequent label of its bin in the other folds.

    Args:
        bins: (rows,) places from 0.
        y: (rows,) labels as places from 0.
        seed: of the folds.

    Returns:
        The lower end of the accuracy's 95 % Wilson interval, as a share of the way from the largest
        class to certainty: 1 where the bins determine the label, 0 or less where they say nothing.
    """
    classes = int(y.max()) + 1
    cells = bins * classes + y
    size = (int(bins.max()) + 1) * classes
    counts = np.bincount(cells, minlength=size).reshape(-1, classes)
    fold = np.random.default_rng(seed).permutation(len(y)) % FOLDS
    right = 0
    for number in range(FOLDS):
        held = fold == number
        seen = counts - np.bincount(cells[held], minlength=size).reshape(-1, classes)
        answers = seen.argmax(axis=1)
        # A bin that no other fold has is answered with the largest class.
        answers[seen.sum(axis=1) == 0] = seen.sum(axis=0).argmax()
        right += int((answers[bins[held]] == y[held]).sum())
    low, _ = wilson(right, len(y))
    majority = counts.sum(axis=0).max() / len(y)
    return float((low - majority) / max(1 - majority, 1e-9))


def quantile_bins(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """The bin of each value among at most `BINS` with about as many rows each."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right").astype(np.intp)


def places(values: pl.Series) -> NDArray[np.intp]:
    """Each value as a place from 0, in sorted order; null is 0 if there is any."""
    return values.rank("dense").fill_null(0).to_numpy().astype(np.intp)
