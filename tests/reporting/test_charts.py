"""Axes, curves and matrices: the geometry behind the drawings."""

import pytest

from ml_intern.records.evaluation import Comparison, Evaluation
from ml_intern.records.metrics import Interval, Metric
from ml_intern.reporting.charts.confusion import confusion
from ml_intern.reporting.charts.curves import HEIGHT, LINE, SCORES, WIDTH, chart
from ml_intern.reporting.charts.scale import spanning
from ml_intern.reporting.charts.shares import histogram, reliability, risk_coverage
from ml_intern.reporting.results import Gain


@pytest.mark.parametrize(
    "values", [(0.0, 1.0), (0.912, 0.934), (-96.8, 0.0), (3.0, 3.0), (0.0, 12_345.0), (1e-9, 2e-9)]
)
def test_an_axis_holds_its_values_between_round_ticks(values):
    axis = spanning(values)
    assert axis.low <= min(values) and max(values) <= axis.high
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.low, axis.high) and 2 <= len(axis.ticks) <= 9
    assert all(float(f"{tick:.{axis.digits}f}") == pytest.approx(tick) for tick in axis.ticks)
    assert (axis.share(axis.low), axis.share(axis.high)) == (0, 1)


def rows(count, **last):
    return [{"step": 10 * i, "accuracy": 0.5 + i / 10_000, "macro_f1": 0.5} for i in range(1, count)] + [
        {"step": 10 * count, "accuracy": 0.6, "macro_f1": 0.6, **last}
    ]


def test_curves_stay_inside_and_their_names_apart():
    drawn = chart("scores", rows(1500), SCORES, best_step=15_000, from_zero=False)
    for curve in drawn.curves:
        assert len(curve.points) < 500 and not curve.marked
        assert curve.points[-1].step == 15_000
        assert all(0 <= p.x <= WIDTH and 0 <= p.y <= HEIGHT for p in curve.points)
    first, second = sorted(curve.label_y for curve in drawn.curves)
    assert second - first >= LINE and second <= drawn.bottom
    assert drawn.best == drawn.curves[0].points[-1].x
    assert drawn.kept == "kept: step 15000"


def test_no_score_above_one_is_promised_and_noise_stays_small():
    drawn = chart("scores", rows(3, accuracy=0.999, macro_f1=0.999)[-1:], SCORES, 30, from_zero=False)
    labels = [float(tick.label) for tick in drawn.y_ticks]
    assert max(labels) == 1 and max(labels) - min(labels) >= 0.04


def test_a_training_without_these_values_has_no_chart():
    assert chart("scores", [{"step": 1, "loss": 2.0}], SCORES, 1, from_zero=False) is None


def test_mistakes_are_listed_by_how_often_they_happen():
    found = confusion(("a", "b", "c"), ((5, 2, 0), (0, 1, 3), (2, 0, 0)))
    assert [(p.true, p.answered, p.count) for p in found.pairs] == [
        ("b", "c", 3),
        ("c", "a", 2),
        ("a", "b", 2),
    ]
    assert found.wrong == 7 and found.pairs[1].share == 1.0
    assert [[cell.count for cell in row] for row in found.cells] == [[5, 2, 0], [0, 1, 3], [2, 0, 0]]
    assert found.dots == ()


def test_many_classes_become_a_picture():
    counts = [[0] * 30 for _ in range(30)]
    for i in range(29):
        counts[i][i], counts[i][i + 1] = 9, 1
    found = confusion(tuple(map(str, range(30))), tuple(map(tuple, counts)))
    assert found.cells == () and len(found.dots) == 58
    assert sum(dot.right for dot in found.dots) == 29
    assert all(dot.size > 1 and dot.x + dot.size < found.side for dot in found.dots)
    assert (len(found.pairs), found.more_pairs) == (20, 9)
    assert [tick.number for tick in found.ticks] == [1, 10, 20, 30]


@pytest.mark.parametrize(
    ("low", "high", "better", "said"),
    [(0.01, 0.03, True, "better"), (-0.03, -0.01, False, "worse"), (-0.01, 0.03, False, "not better")],
)
def test_a_gain_is_called_what_it_is(low, high, better, said):
    comparison = Comparison(
        baseline="linear", metric=Metric.MACRO_F1, rows=9, gain=Interval(value=0.0, low=low, high=high),
        only_model_right=1, only_baseline_right=1, p_value=0.5, better=better,
    )  # fmt: skip
    assert Gain(comparison, 0.0, 100 * low, 100 * high).said == f"{said} beyond noise"


def test_drawings_of_confidence_stay_inside_and_say_their_numbers(finished):
    evaluation = finished.artifacts()["evaluation"]
    assert isinstance(evaluation, Evaluation) and evaluation.calibration and evaluation.abstention
    drawn = (
        reliability(evaluation.calibration),
        histogram(evaluation.calibration),
        risk_coverage(evaluation.abstention),
    )
    for each in drawn:
        points = [tuple(map(float, p.split(","))) for p in f"{each.line} {each.guide}".split()]
        points += [(dot.x, dot.y) for dot in each.dots]
        points += [(c.x, c.y) for c in each.columns] + [(c.x + c.width, c.y + c.height) for c in each.columns]
        assert points and all(each.left <= x <= each.right and 0 < y <= each.bottom + 1e-6 for x, y in points)
    counts = [int(c.said.rsplit(": ", 1)[1].split()[0].replace(",", "")) for c in drawn[1].columns]
    assert sum(counts) == evaluation.rows
    wrong = sum(n for n, c in zip(counts, drawn[1].columns, strict=True) if c.wrong)
    assert wrong == round(evaluation.rows * (1 - evaluation.scores[Metric.ACCURACY].value))
