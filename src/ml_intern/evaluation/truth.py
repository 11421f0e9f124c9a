"""The sealed truth and what it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.scores import Counts, confusion_matrix


@dataclass(frozen=True)
class Truth:
    """True labels by row. `labels` holds the model's labels first, then those only the truth knows.

    `indices` is (rows,), into `labels`; `clean` marks the rows that repeat no training row, not even nearly,
    (rows,).
    """

    labels: tuple[str, ...]
    indices: NDArray[np.intp]
    clean: NDArray[np.bool_]

    @classmethod
    def of(cls, truth: Sequence[str], known: Sequence[str], clean: Sequence[bool]) -> "Truth":
        """Index `truth` over `known` labels and whatever else occurs in it."""
        labels = (*known, *sorted(set(truth) - set(known)))
        position = {label: i for i, label in enumerate(labels)}
        return cls(labels, np.array([position[label] for label in truth]), np.array(clean, dtype=bool))

    def confusion(self, predictions: Predictions, clean_only: bool = False) -> Counts:
        """Counts by true class and answer, on all rows or on the clean ones."""
        chosen = self.clean if clean_only else np.ones(len(self.indices), dtype=bool)
        return confusion_matrix(self.indices[chosen], predictions.answers[chosen], len(self.labels))
