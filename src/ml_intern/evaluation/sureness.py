"""Scores that an answer can be held back by; for each, higher means surer.

- max softmax: the highest probability (Hendrycks & Gimpel 2017, arXiv 1610.02136);
- energy: log-sum-exp of the calibrated scores (Liu et al. 2020, arXiv 2010.03759, with the sign turned);
- distance: the negative Mahalanobis distance to the nearest class mean of training embeddings, with one
  covariance for all classes (Lee et al. 2018, arXiv 1807.03888), shrunk after Ledoit & Wolf (2004).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.scores import Values
from ml_intern.records.trust import ConfidenceScore

LEAST_ROWS_PER_DIMENSION: Final = 1
"""With fewer training embeddings the covariance is mostly noise, shrunk or not."""


@dataclass(frozen=True)
class Space:
    """Where classes lie: `means` (classes, hidden); `whitening`, (hidden, hidden), makes all spreads 1."""

    means: NDArray[np.float32]
    whitening: NDArray[np.float32]

    @classmethod
    def of(cls, embeddings: NDArray[np.float32], labels: Sequence[str]) -> "Space | None":
        """Fit to training rows, (rows, hidden); None where there are too few of them."""
        from sklearn.covariance import LedoitWolf

        if len(embeddings) < LEAST_ROWS_PER_DIMENSION * embeddings.shape[1]:
            return None
        _, place = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
        wide = embeddings.astype(np.float64)
        means = np.stack([wide[place == i].mean(axis=0) for i in range(int(place.max()) + 1)])
        covariance = LedoitWolf(assume_centered=True).fit(wide - means[place]).covariance_
        values, vectors = np.linalg.eigh(covariance)
        whitening = vectors / np.sqrt(np.maximum(values, values.max() * 1e-9))
        return cls(means.astype(np.float32), whitening.astype(np.float32))

    def sureness(self, embeddings: NDArray[np.float32]) -> Values:
        """The negative distance of each row to the nearest class mean, (rows,)."""
        rows, means = embeddings @ self.whitening, self.means @ self.whitening
        squares = (rows**2).sum(axis=1)[:, None] - 2 * rows @ means.T + (means**2).sum(axis=1)
        return np.asarray(-np.sqrt(np.maximum(squares, 0).min(axis=1)), dtype=np.float64)


def sureness(predictions: Predictions, space: Space | None) -> dict[ConfidenceScore, Values]:
    """Every score that applies, (rows,) each: those that the prediction file has what they need for."""
    found = {ConfidenceScore.MAX_SOFTMAX: predictions.probabilities.max(axis=1)}
    if predictions.energy is not None:
        found[ConfidenceScore.ENERGY] = predictions.energy
    if space is not None and predictions.embeddings is not None:
        found[ConfidenceScore.DISTANCE] = space.sureness(predictions.embeddings)
    return found


def held_back(predictions: Predictions, score: str, threshold: float) -> NDArray[np.bool_] | None:
    """Which rows are answered UNKNOWN, (rows,); None where the file lacks the score or it is none of ours."""
    found = sureness(predictions, None)
    values = next((values for name, values in found.items() if name.value == score), None)
    return None if values is None else np.asarray(values < threshold)
