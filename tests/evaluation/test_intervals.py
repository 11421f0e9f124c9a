"""Intervals: what they cover, and that they never claim certainty."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from ml_intern.evaluation.intervals import (
    SAMPLES,
    class_f1,
    draw,
    paired_difference,
    replicate,
    score_all,
    wilson,
)
from ml_intern.evaluation.scores import confusion_matrix, score
from ml_intern.records.metrics import Metric
from tests.evaluation.samples import guesses

METRICS = tuple(Metric)
Z2 = 1.959963984540054**2


def test_wilson_agrees_with_its_published_values() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3
    for right, rows, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        assert wilson(right / rows, rows) == pytest.approx((low, high), abs=5e-5)
    assert wilson(1.0, 29) == pytest.approx((0.8830, 1.0), abs=5e-5)
    assert wilson(0.0, 0) == (0.0, 1.0)


def test_drawing_cells_is_drawing_rows() -> None:
    truth, answers = guesses(300, 4, 0.7, 0)
    confusion = confusion_matrix(truth, answers, 4)
    cells = np.flatnonzero(confusion)
    drawn = draw(confusion.flat[cells], seed=0, samples=4000)
    assert (drawn.sum(axis=1) == 300).all()
    ours = replicate(lambda c: score(Metric.MACRO_F1, c), drawn, cells, 4)
    generator = np.random.default_rng(1)
    picks = generator.integers(0, 300, (4000, 300))
    theirs = [
        float(score(Metric.MACRO_F1, confusion_matrix(truth[rows], answers[rows], 4))) for rows in picks
    ]
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.002)
    assert np.std(ours) == pytest.approx(np.std(theirs), rel=0.06)


def test_parts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    confusion = confusion_matrix(*guesses(200, 5, 0.7, 0), 5)
    whole = score_all(confusion, METRICS, seed=1)
    monkeypatch.setattr("ml_intern.evaluation.intervals.CELLS_AT_ONCE", 60)
    assert score_all(confusion, METRICS, seed=1) == whole


def simulated_coverage(support: list[int], recalls: list[float], trials: int) -> dict[str, tuple[float, int]]:
    """How often the macro F1 interval holds the true value: over all trials, and over perfect ones."""
    generator = np.random.default_rng(0)
    classes, rows = len(support), sum(support)
    share = np.array(support) / rows
    wrong = (1 - np.eye(classes)) / (classes - 1)
    cells = share[:, None] * (
        np.diag(recalls) + (1 - np.array(recalls))[:, None] * wrong
    )  # P(true class, answer)
    true = float(np.mean(2 * np.diag(cells) / (cells.sum(axis=0) + cells.sum(axis=1))))
    hits, perfect = [], []
    for trial in range(trials):
        confusion = generator.multinomial(rows, cells.ravel()).reshape(classes, classes)
        found = score_all(confusion, (Metric.MACRO_F1,), trial)[Metric.MACRO_F1]
        hits.append(found.contains(true))
        if found.value == 1.0:
            perfect.append(found.contains(true))
    return {"all": (float(np.mean(hits)), trials), "perfect": (float(np.mean(perfect or [1])), len(perfect))}


def test_coverage_is_near_95_percent_in_the_ordinary_case() -> None:
    found = simulated_coverage([100, 80, 60, 60], [0.9, 0.8, 0.85, 0.7], trials=400)
    assert 0.92 <= found["all"][0] <= 0.99


def test_rare_classes_without_a_mistake_do_not_count_as_certain() -> None:
    support = [200, 150, 120, 100, 80, 60, 40, 30, 20, 6, 4]
    found = simulated_coverage(support, [0.999] * 8 + [0.98, 0.9, 0.85], trials=300)
    assert found["all"][0] >= 0.92
    assert found["perfect"][1] > 10, "the simulation must meet perfect scores"
    assert found["perfect"][0] >= 0.95


def test_a_perfect_score_has_a_width_that_follows_from_the_rows() -> None:
    found = score_all(np.diag([100, 100]).astype(np.int64), METRICS, seed=0)
    assert found[Metric.ACCURACY].low == pytest.approx(200 / (200 + Z2))
    one = 1 - 200 / (200 + Z2)  # a class's F1 at the Wilson end: 2J / (1 + J) with J = n / (n + z²), n = 100
    assert found[Metric.MACRO_F1].low == pytest.approx(1 - one / np.sqrt(2))
    rare = score_all(np.diag([197, 3]).astype(np.int64), METRICS, seed=0)
    assert rare[Metric.MACRO_F1].low < 0.85 < rare[Metric.WEIGHTED_F1].low
    assert all(interval.high == 1.0 for interval in (*found.values(), *rare.values()))


def test_class_intervals_never_have_no_width() -> None:
    confusion = np.array([[5, 0, 0, 0], [0, 0, 3, 0], [0, 0, 9, 0], [0, 0, 0, 0]])
    perfect, missed, _, absent = class_f1(confusion, seed=0)
    assert (perfect.value, perfect.high) == (1.0, 1.0) and perfect.low < 0.8
    assert (missed.value, missed.low) == (0.0, 0.0) and missed.high > 0.3
    assert (absent.value, absent.low, absent.high) == (0.0, 0.0, 1.0)


def test_the_same_seed_gives_the_same_interval_and_another_seed_nearly() -> None:
    confusion = confusion_matrix(*guesses(400, 6, 0.8, 0), 6)
    one, again, other = (score_all(confusion, METRICS, seed) for seed in (1, 1, 2))
    assert one == again != other
    for metric in METRICS:
        assert one[metric].low <= one[metric].value <= one[metric].high
        assert one[metric].low == pytest.approx(other[metric].low, abs=0.01)


@pytest.mark.parametrize("metric", METRICS)
def test_the_difference_of_equal_models_is_within_noise(metric: Metric) -> None:
    truth, ours = guesses(500, 5, 0.8, 0)
    same = paired_difference(truth, ours, ours, 5, metric, seed=0)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    rival = np.where(np.random.default_rng(5).random(500) < 0.84, truth, (truth + 1) % 5)
    near = paired_difference(truth, ours, rival, 5, metric, seed=0)
    assert near.contains(0.0)
    far = paired_difference(truth, ours, np.zeros(500, dtype=np.intp), 5, metric, seed=0)
    assert far.low > 0.4
    reverse = paired_difference(truth, np.zeros(500, dtype=np.intp), ours, 5, metric, seed=0)
    assert reverse.value == pytest.approx(-far.value) and reverse.high < -0.4


def test_the_difference_is_that_of_the_scores_and_pairing_narrows_it() -> None:
    truth, ours = guesses(600, 4, 0.7, 0)
    theirs = ours.copy()
    theirs[:20] = (truth[:20] + 1) % 4
    found = paired_difference(truth, ours, theirs, 4, Metric.ACCURACY, seed=0)
    assert found.value == pytest.approx(np.mean(ours == truth) - np.mean(theirs == truth))
    alone = score_all(confusion_matrix(truth, ours, 4), METRICS, 0)[Metric.ACCURACY]
    assert found.high - found.low < (alone.high - alone.low) / 2


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_seventy_seven_classes_take_less_than_two_seconds() -> None:
    truth, answers = guesses(3080, 77, 0.9, 0)
    confusion = confusion_matrix(truth, answers, 77)
    took = seconds(lambda: (score_all(confusion, METRICS, 0), class_f1(confusion, 0)))
    assert took < 2, f"{SAMPLES} resamples took {took:.1f} s"
