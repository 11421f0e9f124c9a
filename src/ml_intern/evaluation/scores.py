"""Classification scores from a confusion matrix.

`confusion[..., i, j]` counts rows of true class i answered as class j; all functions take any number
of leading axes, so that one call scores every bootstrap sample. A ratio 0/0 counts as 0. Macro F1 is
the mean over the classes that occur in truth or answers, weighted F1 weighs classes by their true rows:
both as scikit-learn defines them.
"""

import numpy as np
from numpy.typing import NDArray

from ml_intern.records.metrics import Metric

Counts = NDArray[np.int64]
Values = NDArray[np.float64]


def confusion_matrix(truth: NDArray[np.intp], answers: NDArray[np.intp], classes: int) -> Counts:
    """Counts by true class and answer, (classes, classes)."""
    flat = np.bincount(truth * classes + answers, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def precision(confusion: Counts) -> Values:
    """Per class: right answers over answers given, (..., classes)."""
    return _ratio(_right(confusion), confusion.sum(axis=-2))


def recall(confusion: Counts) -> Values:
    """Per class: right answers over true rows, (..., classes)."""
    return _ratio(_right(confusion), confusion.sum(axis=-1))


def f1(confusion: Counts) -> Values:
    """Per class: 2·TP / (true rows + answers given), (..., classes)."""
    return _ratio(2 * _right(confusion), confusion.sum(axis=-1) + confusion.sum(axis=-2))


def score(metric: Metric, confusion: Counts) -> Values:
    """One score for each confusion matrix, (...)."""
    if metric is Metric.ACCURACY:
        return _ratio(_right(confusion).sum(axis=-1), confusion.sum(axis=(-1, -2)))
    support = confusion.sum(axis=-1)
    if metric is Metric.WEIGHTED_F1:
        return _ratio((f1(confusion) * support).sum(axis=-1), support.sum(axis=-1))
    occurs = (support + confusion.sum(axis=-2)) > 0
    return _ratio(f1(confusion).sum(axis=-1), occurs.sum(axis=-1))


def _right(confusion: Counts) -> Counts:
    return np.diagonal(confusion, axis1=-2, axis2=-1)


def _ratio(above: NDArray[np.int64] | Values, below: NDArray[np.int64]) -> Values:
    zero = np.zeros(np.broadcast(above, below).shape)
    return np.divide(above, below, out=zero, where=below > 0)
