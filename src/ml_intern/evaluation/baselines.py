"""The trivial baseline."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ml_intern.evaluation.predictions import Predictions


def majority_label(train_labels: Sequence[str]) -> str:
    """The most frequent label; of equals the first in the alphabet."""
    counts = Counter(train_labels)
    return min(counts, key=lambda label: (-counts[label], label))


def majority_predictions(
    train_labels: Sequence[str], ids: Sequence[str], labels: Sequence[str]
) -> Predictions:
    """Always the most frequent training label; probabilities are the training shares, (rows, labels)."""
    counts = Counter(train_labels)
    shares = np.array([counts[label] for label in labels], dtype=np.float64) / len(train_labels)
    # argmax takes the first of equals, which is the majority label because labels are sorted
    return Predictions(tuple(ids), tuple(labels), np.tile(shares, (len(ids), 1)))
