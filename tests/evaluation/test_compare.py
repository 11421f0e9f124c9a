"""Whether a difference is more than noise."""

import numpy as np
import pytest
from scipy.stats import binomtest

from ml_intern.evaluation.compare import compare, mcnemar, worth
from ml_intern.evaluation.curves import curves_figure
from ml_intern.evaluation.truth import Truth
from ml_intern.records.metrics import Metric
from tests.evaluation.samples import certain

LABELS = ("a", "b", "c")


def compared(ours: float, theirs: float, clean: int = 600):
    generator = np.random.default_rng(1)
    truth = generator.integers(0, 3, 600)
    models = [np.where(generator.random(600) < right, truth, (truth + 1) % 3) for right in (ours, theirs)]
    sealed = Truth.of([LABELS[i] for i in truth], LABELS, [i < clean for i in range(600)])
    baselines = {"linear": certain(models[1], LABELS)}
    return compare(sealed, certain(models[0], LABELS), baselines, Metric.MACRO_F1, seed=0)[0]


def test_a_clear_gain_is_better_and_a_small_one_is_not():
    clear = compared(0.95, 0.80)
    assert clear.better and clear.gain.low > 0.05 and clear.p_value < 1e-6
    small = compared(0.90, 0.90)
    assert not small.better and small.gain.low < 0 < small.gain.high


def test_rows_that_repeat_training_do_not_count():
    assert compared(0.95, 0.80, clean=100).rows == 100
    assert compared(0.95, 0.80, clean=0).rows == 600


def test_mcnemar_is_the_exact_binomial_test_on_the_rows_that_differ():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(1, 9) == binomtest(1, 10).pvalue == pytest.approx(2 * 11 / 1024)


def test_the_plain_sentence_says_whether_it_was_worth_it():
    seconds = {"model": 700.0, "linear": 5.0}
    yes = worth("encoder", [compared(0.95, 0.80)], seconds)
    assert yes.startswith("It was worth it") and "12 min against 5 s" not in yes and "12 min" in yes
    no = worth("encoder", [compared(0.90, 0.90)], seconds)
    assert no.startswith("It was not worth it: the linear baseline does as well")
    worse = worth("encoder", [compared(0.70, 0.95)], seconds)
    assert "the linear baseline does better" in worse
    assert worth("linear", [compared(0.95, 0.80)], seconds) == ""


def test_curves_are_a_picture_and_its_numbers(tmp_path):
    curve = [{"step": 1, "loss": 2.0}, {"step": 2, "loss": 1.0, "validation_loss": 1.2, "accuracy": 0.5}]
    picture, table = curves_figure(tmp_path, curve, 2, "Costs $5 and $6")
    assert picture.read_bytes()[:4] == b"\x89PNG"
    assert table.read_text().splitlines() == [
        "step,loss,validation_loss,accuracy",
        "1,2.0,,",
        "2,1.0,1.2,0.5",
    ]
    first = picture.read_bytes()
    curves_figure(tmp_path, curve, 2, "Costs $5 and $6")
    assert picture.read_bytes() == first
