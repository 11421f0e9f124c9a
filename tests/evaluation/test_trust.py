"""Confidence, slices and holding back, held against independent implementations to 1e-6."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control, fisher_exact
from sklearn.calibration import calibration_curve
from sklearn.covariance import LedoitWolf
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from ml_intern.evaluation.abstention import Sure, abstention, auroc
from ml_intern.evaluation.calibration import BINS, calibration, fit_temperature, scale, squared_distances
from ml_intern.evaluation.doubts import confused_pairs, nearest_boundary
from ml_intern.evaluation.nearness import nearness
from ml_intern.evaluation.predictions import Predictions
from ml_intern.evaluation.slices import holm, slices, thirds
from ml_intern.evaluation.sureness import Space
from ml_intern.evaluation.target import risk_coverage, threshold_for
from ml_intern.evaluation.truth import Truth
from ml_intern.records.spec import UnknownTarget
from ml_intern.records.trust import ConfidenceScore

LABELS = ("a", "b", "c", "d")


def predicted(rows: int = 500, sharpness: float = 2.0, seed: int = 0) -> tuple[Predictions, np.ndarray]:
    """Predictions of a model that is right more often than not, and too sure; the truth."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 4, rows)
    scores = generator.normal(size=(rows, 4)) + 1.5 * np.eye(4)[truth]
    powers = np.exp(sharpness * scores)
    ids = tuple(f"test:{i}" for i in range(rows))
    return Predictions(ids, LABELS, powers / powers.sum(axis=1, keepdims=True)), truth


def test_calibration_is_what_other_libraries_compute():
    from torch import tensor
    from torchmetrics.functional.classification import multiclass_calibration_error

    model, truth = predicted()
    other, known = predicted(seed=1)
    found = calibration(model, truth, fit_temperature(other.probabilities, known), seed=0)
    theirs = multiclass_calibration_error(tensor(model.probabilities), tensor(truth), 4, n_bins=BINS)
    assert found.ece.value == pytest.approx(float(theirs), abs=1e-6)
    brier = brier_score_loss(truth, model.probabilities, labels=range(4), scale_by_half=False)
    assert found.brier.value == pytest.approx(brier, abs=1e-6)
    right = model.answers == truth
    shares, means = calibration_curve(right, model.probabilities.max(axis=1), n_bins=BINS)
    filled = [each for each in found.bins if each.rows]
    np.testing.assert_allclose([each.accuracy for each in filled], shares, atol=1e-6)
    np.testing.assert_allclose([each.confidence for each in filled], means, atol=1e-6)
    assert found.ece.low <= found.ece.value <= found.ece.high and found.ece_scaled < found.ece.value


def test_the_interval_of_brier_is_that_of_a_mean():
    model, truth = predicted(2000)
    squares = squared_distances(model.probabilities, truth)
    spread = 1.96 * squares.std() / np.sqrt(len(squares))
    found = calibration(model, truth, 1.0, seed=0).brier
    assert found.high - found.value == pytest.approx(spread, rel=0.15)
    assert found.value - found.low == pytest.approx(spread, rel=0.15)


def test_the_temperature_undoes_what_was_done_to_the_scores():
    model, truth = predicted(20_000, sharpness=1.5)
    for factor in (0.5, 3.0):
        sharper = scale(model.probabilities, 1 / factor)
        temperature = fit_temperature(sharper, truth)
        assert temperature == pytest.approx(factor * fit_temperature(model.probabilities, truth), rel=1e-3)
        losses = [
            log_loss(truth, scale(sharper, t)) for t in (0.97 * temperature, temperature, 1.03 * temperature)
        ]
        assert losses[1] <= min(losses) + 1e-6


def test_a_class_that_the_model_does_not_know_counts_as_wrong():
    model, _ = predicted(50)
    assert calibration(model, np.full(50, 4), 1.0, 0).bins[-1].accuracy == 0
    assert squared_distances(model.probabilities[:1], np.array([4]))[0] == pytest.approx(
        (model.probabilities[0] ** 2).sum() + 1
    )


def test_near_the_boundary_are_the_least_margins():
    model = Predictions(("1", "2", "3"), ("a", "b"), np.array([[0.9, 0.1], [0.49, 0.51], [0.5, 0.5]]))
    truth = Truth.of(["a", "a", "b"], ("a", "b"), [True] * 3)
    found = nearest_boundary(truth, model, model.ids, ["one", "two", "three"])
    assert [(d.row_id, d.text, d.answer, d.second) for d in found] == [
        ("3", "three", "a", "b"), ("2", "two", "b", "a"), ("1", "one", "a", "b"),
    ]  # fmt: skip
    assert [d.margin for d in found] == pytest.approx([0, 0.02, 0.8])


def test_confused_pairs_count_the_mistakes_and_show_the_surest():
    probabilities = np.array([[0.2, 0.8], [0.1, 0.9], [0.7, 0.3], [0.9, 0.1]])
    truth = Truth.of(["a", "a", "b", "a"], ("a", "b"), [True] * 4)
    found = confused_pairs(truth, Predictions(tuple("1234"), ("a", "b"), probabilities), list("wxyz"))
    assert [(p.truth, p.answer, p.rows, p.examples) for p in found] == [
        ("a", "b", 2, ("x", "w")), ("b", "a", 1, ("y",)),
    ]  # fmt: skip
    assert found[0].share == pytest.approx(2 / 3)


def test_a_weak_slice_is_convicted_and_chance_is_not():
    generator = np.random.default_rng(0)
    right = generator.random(1000) < 0.9
    weak = [None if i < 100 else "weak" if i < 200 else "other" for i in range(1000)]
    right[100:200] = generator.random(100) < 0.6
    coins = {f"coin {k}": [str(c) for c in generator.integers(0, 5, 1000)] for k in range(20)}
    found = slices(right, {"column:x": weak, "one value": ["same"] * 1000, **coins})
    assert [each.id for each in found if each.worse] == ["column:x=weak"]
    assert found[0].rows == 100 and len(found) == 102
    inside, outside = right[100:200], np.delete(right, slice(100, 200))
    table = [[inside.sum(), (~inside).sum()], [outside.sum(), (~outside).sum()]]
    assert found[0].p_value == pytest.approx(102 * fisher_exact(table)[1], rel=1e-6)


def test_holm_is_stricter_than_false_discovery_and_milder_than_bonferroni():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    p = np.random.default_rng(0).random(30) ** 3
    assert (np.array(holm(list(p))) >= false_discovery_control(p) - 1e-12).all()
    assert (np.array(holm(list(p))) <= np.minimum(1, 30 * p) + 1e-12).all()


def test_thirds_keep_equal_values_together():
    assert thirds(np.array([1, 1, 1, 1, 2, 3.0]), ("low", "mid", "high")) == ["low"] * 4 + ["high"] * 2
    assert set(thirds(np.ones(9), ("low", "mid", "high"))) == {"low"}


def test_nearness_is_the_cosine_with_the_nearest_training_text():
    found = nearness(["pay my bill", "zebra", "pay my lost bill"], ["pay my bill", "lost card"])
    assert found[0] == pytest.approx(1) and found[1] == 0 and 0.5 < found[2] < 1
    assert nearness(["x"], ["", "..."]).tolist() == [0]


def test_thresholds_reach_their_target_on_validation():
    model, truth = predicted(1000)
    sure, right = model.probabilities.max(axis=1), model.answers == truth
    for coverage in (1.0, 0.98, 0.5):
        threshold = threshold_for(UnknownTarget(coverage=coverage), sure, right)
        assert (sure >= threshold).mean() == coverage
    threshold = threshold_for(UnknownTarget(error=0.05), sure, right)
    assert (~right)[sure >= threshold].mean() <= 0.05
    lower = sure[sure < threshold].max()
    coverages = [(sure >= t).mean() for t in np.unique(sure) if (~right)[sure >= t].mean() <= 0.05]
    assert (sure >= threshold).mean() == max(coverages) and (~right)[sure >= lower].mean() > 0.05
    impossible = threshold_for(UnknownTarget(error=0.0), sure, np.zeros(1000, dtype=bool))
    assert np.isfinite(impossible)


def test_rows_of_equal_score_are_answered_together():
    thresholds, coverages, risks = risk_coverage(
        np.array([2.0, 1, 1, 0]), np.array([True, False, True, True])
    )
    assert thresholds.tolist() == [2, 1, 0] and coverages.tolist() == [0.25, 0.75, 1]
    assert risks == pytest.approx([0, 1 / 3, 1 / 4])


def test_abstention_measures_on_test_what_validation_chose():
    (validation, known), (test, truth), (other, _) = (predicted(400, seed=s) for s in range(3))
    kinds = ConfidenceScore.MAX_SOFTMAX, ConfidenceScore.ENERGY

    def sure(model: Predictions, shift: float = 0.0) -> dict[ConfidenceScore, np.ndarray]:
        top = model.probabilities.max(axis=1)
        return {kinds[0]: top, kinds[1]: top**2 - shift}

    right = test.answers == truth
    given = (Sure(sure(validation), validation.answers == known), Sure(sure(test), right))
    found = abstention(UnknownTarget(coverage=0.9), *given, sure(other, 0.5))
    assert (found.chosen, found.unknown_rows) == (kinds[1], 400)
    energy = next(each for each in found.scores if each.score is kinds[1])
    answered = sure(test)[kinds[1]] >= energy.threshold
    assert energy.coverage.value == answered.mean() != 0.9
    assert energy.accuracy.value == pytest.approx(right[answered].mean())
    assert energy.kept_accuracy.value == pytest.approx((right & answered).mean())
    assert energy.auroc_errors == pytest.approx(
        roc_auc_score(right, test.probabilities.max(axis=1)), abs=1e-6
    )
    assert energy.unknown_recall and energy.unknown_recall.value > 0.3
    assert found.risk_coverage[-1].coverage == 1
    assert found.risk_coverage[-1].risk == pytest.approx((~right).mean())
    alone = abstention(UnknownTarget(error=0.05), *given, None)
    assert alone.scores[0].unknown_recall is None and alone.unknown_rows == 0
    assert auroc(np.ones(3), np.ones(3, dtype=bool)) is None


def test_the_distance_is_mahalanobis():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 3, 300)
    rows = (generator.normal(size=(300, 5)) * [1, 2, 3, 4, 5] + 4 * np.eye(5)[labels]).astype(np.float32)
    space = Space.of(rows, [LABELS[i] for i in labels])
    assert space is not None
    means = np.stack([rows[labels == i].mean(axis=0) for i in range(3)])
    model = LedoitWolf(assume_centered=True).fit(rows - means[labels])
    theirs = -np.sqrt(np.min([model.mahalanobis(rows - mean) for mean in means], axis=0))
    np.testing.assert_allclose(space.sureness(rows), theirs, rtol=1e-4)
    assert Space.of(rows[:4], list("abcd")) is None
