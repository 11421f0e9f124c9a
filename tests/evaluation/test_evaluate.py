"""One model and its baselines on the sealed split, and what is said about the scores."""

import numpy as np
import pytest

from ml_intern.evaluation.baselines import majority_label, majority_predictions
from ml_intern.evaluation.evaluate import Scored, evaluate
from ml_intern.evaluation.investigate import investigate, leak, verdict
from ml_intern.evaluation.truth import Truth
from ml_intern.records.data import Finding, Severity
from ml_intern.records.evaluation import Comparison
from ml_intern.records.metrics import Interval, Metric
from tests.evaluation.samples import certain, guesses

LABELS = ("a", "b", "c")
TRAIN = ["b"] * 3 + ["a"] * 3 + ["c"]
REPEATED = Finding(
    id="test_rows_repeat_training",
    severity=Severity.CRITICAL,
    count=40,
    share=0.2,
    split="test",
    rows=tuple(range(40)),
    message="40 of 200 test rows stand in training.",
    action="kept",
)


def scored(right: float, linear: float, clean: int = 160, seed: int = 0) -> Scored:
    """200 rows of which the first ones repeat training rows."""
    truth, answers = guesses(200, 3, right, seed)
    _, baseline = guesses(200, 3, linear, seed)
    sealed = Truth.of([LABELS[i] for i in truth], LABELS, [i >= 200 - clean for i in range(200)])
    model = certain(answers, LABELS)
    baselines = {
        "majority": majority_predictions(TRAIN, model.ids, LABELS),
        "linear": certain(baseline, LABELS),
    }
    return evaluate(sealed, model, baselines, seed=0)


BETTER = Comparison(
    baseline="linear", metric=Metric.MACRO_F1, rows=160, gain=Interval(value=0.1, low=0.05, high=0.15),
    only_model_right=30, only_baseline_right=5, p_value=1e-4, better=True,
)  # fmt: skip
NOT_BETTER = BETTER.model_copy(
    update={"gain": Interval(value=0.0, low=-0.01, high=0.01), "p_value": 1.0, "better": False}
)


def findings(
    result: Scored, repeated: Finding | None = None, linear: Comparison | None = None
) -> tuple[Finding, ...]:
    return investigate(
        result.scores,
        result.clean,
        result.clean_rows,
        result.baselines,
        result.gain_over_majority,
        repeated,
        linear,
    )


def test_clean_rows_are_scored_apart() -> None:
    truth = np.array([0, 0, 1, 1])
    model = certain(np.array([0, 0, 1, 0]), LABELS)
    sealed = Truth.of(["a", "a", "b", "b"], LABELS, [False, False, True, True])
    found = evaluate(sealed, model, {"majority": certain(truth * 0, LABELS)}, seed=0)
    assert found.scores[Metric.ACCURACY].value == 0.75
    assert found.clean is not None and found.clean[Metric.ACCURACY].value == 0.5
    assert found.clean_rows == 2
    assert found.confusion.tolist() == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert [c.support for c in found.per_class] == [2, 2, 0]
    assert [c.predicted for c in found.per_class] == [3, 1, 0]


@pytest.mark.parametrize("clean", [0, 200])
def test_without_two_kinds_of_rows_there_is_no_clean_score(clean: int) -> None:
    found = scored(0.8, 0.8, clean)
    assert found.clean is None and found.clean_rows == clean


def test_a_label_that_only_the_test_split_knows_counts_as_missed() -> None:
    sealed = Truth.of(["a", "new"], LABELS, [True, True])
    model = certain(np.array([0, 1]), LABELS)
    found = evaluate(sealed, model, {"majority": model}, seed=0)
    assert sealed.labels == ("a", "b", "c", "new")
    assert found.scores[Metric.ACCURACY].value == 0.5
    assert found.scores[Metric.MACRO_F1].value == pytest.approx(1 / 3)  # a, b (answered) and new
    assert found.per_class[3].recall == 0.0


def test_the_majority_baseline() -> None:
    assert majority_label(TRAIN) == "a"
    found = majority_predictions(TRAIN, ["x", "y"], LABELS)
    assert found.answers.tolist() == [0, 0]
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)


def test_an_ordinary_score_raises_nothing() -> None:
    result = scored(0.8, 0.7)
    assert findings(result) == ()
    said = verdict(result.scores, Metric.MACRO_F1, ())
    low = result.scores[Metric.MACRO_F1].low
    assert said.startswith("Macro F1 0.8") and f"[{low:.3f}" in said and said.endswith("test split.")


def test_repeated_rows_come_first_with_both_scores() -> None:
    result = scored(1.0, 1.0)
    first, second = findings(result, REPEATED)
    assert (first.id, second.id) == ("test_rows_repeat_training", "score_too_good")
    assert "40 of 200" in first.message and "160 rows remain" in first.message
    assert "accuracy is 1.000 on all and 1.000 on the rest" in first.message
    assert first.count == 40 and first.rows == REPEATED.rows
    assert second.severity is Severity.CRITICAL
    assert "so is its baseline" in second.message
    assert "says more about the data" in verdict(result.scores, Metric.ACCURACY, (first, second))


def test_near_copies_are_counted_apart_and_open_where_nothing_is_repeated() -> None:
    result = scored(0.9, 0.85, clean=130)
    asked = (result.scores, result.clean, result.clean_rows, result.baselines, result.gain_over_majority)
    first = investigate(*asked, REPEATED, BETTER, near=30)[0]
    assert "Without them and the 30 that nearly repeat one 130 rows remain: accuracy is" in first.message
    near = REPEATED.model_copy(update={"id": "test_rows_nearly_repeat_training"})
    found = investigate(*asked, near, BETTER, near=30)
    assert "Without them 130 rows remain" in found[0].message
    assert "nearly repeats training rows, so quote the score without" in verdict(
        result.scores, Metric.MACRO_F1, found
    )


def test_the_leak_that_is_told_is_the_exact_one_if_there_is_one() -> None:
    near = REPEATED.model_copy(update={"id": "test_rows_nearly_repeat_training"})
    other = REPEATED.model_copy(update={"id": "class_imbalance"})
    assert leak((other,)) is None
    assert leak((other, near)) == near
    assert leak((near, REPEATED)) == REPEATED


def test_a_test_split_that_repeats_training_entirely_is_said_so() -> None:
    (first,) = findings(scored(0.8, 0.8, clean=0), REPEATED)
    assert "No test row remains" in first.message


def test_the_linear_baseline_tells_easy_data_from_a_good_model() -> None:
    equal, easy = findings(scored(1.0, 1.0, clean=200), linear=NOT_BETTER)
    assert equal.id == "no_better_than_linear"
    assert "The linear baseline does as well" in equal.message
    assert "Words alone give the answer away" in equal.message
    assert "A linear model on words does as well" in easy.message
    assert "No test row repeats" in easy.message
    (good,) = findings(scored(1.0, 0.6, clean=200), linear=BETTER)
    assert good.id == "score_too_good" and good.severity is Severity.HIGH
    assert "does as well" not in good.message


def test_no_better_than_always_the_same_answer() -> None:
    result = scored(0.0, 0.7)
    (found,) = findings(result)
    assert found.id == "no_better_than_trivial" and found.severity is Severity.CRITICAL
    assert "no better than" in verdict(result.scores, Metric.ACCURACY, (found,))
