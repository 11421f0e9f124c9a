"""Scores against scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics

from ml_intern.evaluation.scores import confusion_matrix, f1, precision, recall, score
from ml_intern.records.metrics import Metric
from tests.evaluation.samples import guesses

CASES = {
    "plain": guesses(500, 7, 0.8, 0),
    "all wrong": (np.array([0, 1, 2, 0]), np.array([1, 2, 0, 1])),
    "a class only in the truth": (np.array([0, 0, 1, 2]), np.array([0, 0, 1, 1])),
    "a class only in the answers": (np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])),
    "a class in neither": (np.array([0, 0, 3, 3]), np.array([0, 3, 3, 3])),
    "one row": (np.array([1]), np.array([1])),
}
CLASSES = 8


@pytest.mark.parametrize("case", CASES)
def test_scores_agree_with_scikit_learn(case: str) -> None:
    truth, answers = CASES[case]
    confusion = confusion_matrix(truth, answers, CLASSES)
    everything = list(range(CLASSES))
    np.testing.assert_array_equal(confusion, metrics.confusion_matrix(truth, answers, labels=everything))
    reference = metrics.precision_recall_fscore_support(truth, answers, labels=everything, zero_division=0)
    for ours, theirs in zip((precision, recall, f1), reference, strict=False):
        np.testing.assert_allclose(ours(confusion), theirs, atol=1e-12)
    expected = {
        Metric.ACCURACY: metrics.accuracy_score(truth, answers),
        Metric.MACRO_F1: metrics.f1_score(truth, answers, average="macro", zero_division=0),
        Metric.WEIGHTED_F1: metrics.f1_score(truth, answers, average="weighted", zero_division=0),
    }
    for metric, value in expected.items():
        assert float(score(metric, confusion)) == pytest.approx(value, abs=1e-12)


def test_many_matrices_are_scored_as_one_by_one() -> None:
    stack = np.stack([confusion_matrix(*guesses(60, 5, 0.5, seed), 5) for seed in range(4)])
    for metric in Metric:
        np.testing.assert_allclose(score(metric, stack), [float(score(metric, each)) for each in stack])
