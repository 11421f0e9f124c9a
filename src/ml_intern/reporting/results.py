"""The results: the model beside its baselines, each class, and what is mistaken for what."""

from dataclasses import dataclass

from ml_intern.records.evaluation import ClassScore, Comparison, Evaluation
from ml_intern.records.metrics import Interval, Metric
from ml_intern.records.spec import TaskSpec
from ml_intern.reporting.charts.confusion import Confusion, confusion
from ml_intern.reporting.charts.scale import Axis, spanning
from ml_intern.reporting.dossier import Dossier

OPEN_CLASSES = 20
"""So many classes are shown at once, the weakest first; the others unfold."""


@dataclass(frozen=True)
class Row:
    """One model in a plot. `role` decides its mark: ours, clean or baseline."""

    name: str
    role: str
    score: Interval


@dataclass(frozen=True)
class Panel:
    """One metric of all models on one axis from 0 to 1."""

    words: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Gain:
    """The gain over one baseline, in points of a hundred."""

    comparison: Comparison
    value: float
    low: float
    high: float

    @property
    def said(self) -> str:
        """Whether it is one."""
        if self.comparison.better:
            return "better beyond noise"
        return "worse beyond noise" if self.high < 0 else "not better beyond noise"


@dataclass(frozen=True)
class ClassRow:
    """A class with its number in the confusion matrix, counted from 1."""

    number: int
    score: ClassScore


@dataclass(frozen=True)
class Results:
    """The section on the scores."""

    evaluation: Evaluation
    panels: tuple[Panel, ...]
    gains: tuple[Gain, ...]
    gain_axis: Axis
    gain_metric: str
    classes: tuple[ClassRow, ...]
    folded: tuple[ClassRow, ...]
    confusion: Confusion


def results(dossier: Dossier) -> Results | None:
    """The section on the scores; None until the test split was scored."""
    evaluation, spec = dossier.get(Evaluation), dossier.get(TaskSpec)
    if evaluation is None or spec is None:
        return None
    rivals = _rivals(evaluation.comparisons)
    axis = _gain_axis(rivals)
    classes = _weakest_first(evaluation)
    return Results(
        evaluation=evaluation,
        panels=tuple(_panel(evaluation, metric) for metric in spec.metrics),
        gains=tuple(_gain(each) for each in rivals),
        gain_axis=axis,
        gain_metric=spec.selection_metric.words,
        classes=classes[:OPEN_CLASSES],
        folded=classes[OPEN_CLASSES:],
        confusion=confusion(evaluation.labels, evaluation.confusion),
    )


def _panel(evaluation: Evaluation, metric: Metric) -> Panel:
    rows = [Row("this model", "ours", evaluation.scores[metric])]
    if evaluation.clean:
        rows.append(Row("this model, without repeated rows", "clean", evaluation.clean[metric]))
    best_first = sorted(evaluation.baselines, key=lambda each: -each.scores[metric].value)
    rows += [Row(f"{each.name} baseline", "baseline", each.scores[metric]) for each in best_first]
    return Panel(metric.words, tuple(rows))


def _rivals(comparisons: tuple[Comparison, ...]) -> tuple[Comparison, ...]:
    """Without the majority baseline where there is another: its gain is so large that it hides the rest."""
    return tuple(each for each in comparisons if each.baseline != "majority") or comparisons


def _gain(comparison: Comparison) -> Gain:
    gain = comparison.gain
    return Gain(comparison, 100 * gain.value, 100 * gain.low, 100 * gain.high)


def _gain_axis(comparisons: tuple[Comparison, ...]) -> Axis:
    ends = [100 * end for each in comparisons for end in (each.gain.low, each.gain.high)]
    return spanning([0.0, *ends])


def _weakest_first(evaluation: Evaluation) -> tuple[ClassRow, ...]:
    """By F1; classes without test rows, about which nothing is known, come last."""
    rows = [ClassRow(number, score) for number, score in enumerate(evaluation.per_class, start=1)]
    rows.sort(key=lambda row: (not row.score.support, row.score.f1.value, row.score.label))
    return tuple(rows)
