"""How well confidence matches accuracy.

The expected calibration error takes bins of equal width from 0 to 1, each without its low end and with its
high end (Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv 1706.04599, eq. 5; the same
binning as torchmetrics). It cannot be negative, so that chance alone lifts it on few rows, and that of
resampling lifts the ends of its interval.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.intervals import SAMPLES
from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.scores import Values
from ml_intern.records.metrics import Interval
from ml_intern.records.trust import Calibration, ReliabilityBin

BINS: Final = 15
"""As Guo et al. take."""
LOWEST: Final = 1e-12
"""A probability below is taken for this one, so that its logarithm exists."""
TEMPERATURES: Final = (0.05, 20.0)
"""The temperature is searched between these."""


def calibration(
    predictions: Predictions, truth: NDArray[np.intp], temperature: float, seed: int
) -> Calibration:
    """How far confidence can be trusted, with bootstrap intervals over rows.

    `truth` is (rows,), into the labels of the predictions; a number beyond them stands for a class that the
    model does not know, which counts as wrong. `temperature` was fitted elsewhere, see `fit_temperature`.
    """
    confidence, right = confidence_of(predictions, truth)
    squares = squared_distances(predictions.probabilities, truth)
    bins = reliability(confidence, right)
    scaled = scale(predictions.probabilities, temperature)
    errors, briers = _replicates(confidence, right, squares, seed)
    return Calibration(
        ece=_interval(expected_error(confidence, right), errors),
        brier=_interval(float(squares.mean()), briers),
        bins=bins,
        temperature=temperature,
        ece_scaled=expected_error(scaled.max(axis=1), right),
    )


def confidence_of(predictions: Predictions, truth: NDArray[np.intp]) -> tuple[Values, NDArray[np.bool_]]:
    """The highest probability of each row, (rows,), and whether its answer is right, (rows,)."""
    return predictions.probabilities.max(axis=1), predictions.answers == truth


def reliability(confidence: Values, right: NDArray[np.bool_]) -> tuple[ReliabilityBin, ...]:
    """The rows by confidence, in `BINS` bins of equal width."""
    place, edges = _places(confidence), np.linspace(0, 1, BINS + 1)
    found = []
    for i in range(BINS):
        inside = place == i
        rows = int(inside.sum())
        found.append(
            ReliabilityBin(
                low=float(edges[i]),
                high=float(edges[i + 1]),
                rows=rows,
                confidence=float(confidence[inside].mean()) if rows else 0.0,
                accuracy=float(right[inside].mean()) if rows else 0.0,
            )
        )
    return tuple(found)


def expected_error(confidence: Values, right: NDArray[np.bool_]) -> float:
    """The mean over rows of their bin's distance between confidence and accuracy."""
    gaps = np.bincount(_places(confidence), weights=right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def squared_distances(probabilities: Values, truth: NDArray[np.intp]) -> Values:
    """Brier's score of each row, (rows,): from 0 to 2, summed over the classes (Brier 1950)."""
    known = truth < probabilities.shape[1]
    own = np.zeros(len(truth))
    own[known] = probabilities[np.flatnonzero(known), truth[known]]
    # The sum of (p - y)² over classes is that of p² less twice the true class's p, plus 1.
    return np.asarray((probabilities**2).sum(axis=1) - 2 * own + 1)


def fit_temperature(probabilities: Values, truth: NDArray[np.intp]) -> float:
    """The temperature of least negative log-likelihood of `truth` (Guo et al. 2017); for validation rows.

    Logarithms of probabilities are scores up to a constant per row, which a softmax does not see. Each target
    keeps 1/(n+2) for the other classes, as in Platt (1999): without that, rows without a mistake would ask
    for certainty.
    """
    from scipy.optimize import minimize_scalar

    rows, classes = probabilities.shape
    targets = np.full((rows, classes), 1 / (rows + 2) / max(1, classes - 1))
    targets[np.arange(rows), truth] = 1 - 1 / (rows + 2)

    def loss(log_temperature: float) -> float:
        scaled = scale(probabilities, float(np.exp(log_temperature)))
        return float(-(targets * np.log(np.maximum(scaled, 1e-300))).sum())

    ends = tuple(np.log(TEMPERATURES))
    return float(np.exp(minimize_scalar(loss, bounds=ends, method="bounded").x))


def scale(probabilities: Values, temperature: float) -> Values:
    """The probabilities had their scores been divided by `temperature`, (rows, classes)."""
    scores = np.log(np.maximum(probabilities, LOWEST)) / temperature
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _places(confidence: Values) -> NDArray[np.intp]:
    """The bin of each row: (0, 1/15] is the first."""
    return np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)


def _replicates(
    confidence: Values, right: NDArray[np.bool_], squares: Values, seed: int
) -> tuple[Values, Values]:
    """Both errors on resampled rows, (samples,) each."""
    rows, places, gaps = len(confidence), _places(confidence), right - confidence
    generator = np.random.default_rng(seed)
    errors, briers = np.empty(SAMPLES), np.empty(SAMPLES)
    for i in range(SAMPLES):
        drawn = generator.integers(0, rows, rows)
        sums = np.bincount(places[drawn], weights=gaps[drawn], minlength=BINS)
        errors[i], briers[i] = np.abs(sums).sum() / rows, squares[drawn].mean()
    return errors, briers


def _interval(value: float, replicates: Values) -> Interval:
    low, high = (float(end) for end in np.quantile(replicates, (0.025, 0.975)))
    return Interval(value=value, low=min(low, value), high=max(high, value))
