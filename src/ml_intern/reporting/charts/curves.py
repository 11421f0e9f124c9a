"""Curves of a training: one small chart for the losses, one for the scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ml_intern.reporting.charts.scale import Axis, Tick, spanning

WIDTH, HEIGHT = 372.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 84.0, 24.0, 40.0
"""Margins; the right one holds the names of the curves."""
LINE = 15.0
"""The least distance between two names."""
LEAST_SPAN = 0.04
"""Scores that differ by less are drawn close together."""
MOST_POINTS = 400
MARKS_UP_TO = 24

LOSSES = {"loss": "training", "validation_loss": "validation"}
SCORES = {"accuracy": "accuracy", "macro_f1": "macro F1"}


@dataclass(frozen=True)
class Point:
    """A place in the drawing and the values it stands for."""

    x: float
    y: float
    step: int
    value: float


@dataclass(frozen=True)
class Curve:
    """One line. `style` numbers its dashes and marks, so that colour is not needed to tell lines apart."""

    words: str
    style: int
    points: tuple[Point, ...]
    marked: bool
    label_y: float

    @property
    def path(self) -> str:
        """The `points` of an SVG polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


@dataclass(frozen=True)
class Chart:
    """A drawing, complete. `best` is where the chosen step lies."""

    title: str
    described: str
    x_title: str
    kept: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]
    best: float
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    top: float = TOP
    bottom: float = HEIGHT - BOTTOM


def chart(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    series: Mapping[str, str],
    best_step: int,
    from_zero: bool,
) -> Chart | None:
    """Draw the series that the rows have; None where they have none.

    `series` maps a name in the rows to its name in the chart. Rows may lack values.
    """
    found = {
        words: [(row["step"], float(row[name])) for row in rows if name in row]
        for name, words in series.items()
    }
    found = {words: _thinned(points) for words, points in found.items() if points}
    if not found:
        return None
    values = [value for points in found.values() for _, value in points]
    y = spanning([*values, 0.0] if from_zero else _wide_enough(values), ticks=4)
    steps = [row["step"] for row in rows if "step" in row]
    x = Axis(min(0, *steps), max(steps), (), 0)
    curves = tuple(_curve(words, style, points, x, y) for style, (words, points) in enumerate(found.items()))
    return Chart(
        title=title,
        described=_described(found, best_step),
        x_title=unit(rows),
        kept=f"kept: {unit(rows)} {best_step}",
        x_ticks=_x_ticks(rows, x),
        y_ticks=tuple(Tick(_down(y, tick), f"{tick:.{y.digits}f}") for tick in y.ticks),
        curves=_spread(curves),
        best=_along(x, best_step),
    )


def _wide_enough(scores: list[float]) -> tuple[float, float]:
    """The ends of an axis for these scores on which noise does not look like a difference."""
    low, high = min(scores), max(scores)
    middle = max(LEAST_SPAN, high - low) / 2
    high = min(1.0, (low + high) / 2 + middle)
    return min(low, high - 2 * middle), high


def unit(rows: Sequence[Mapping[str, Any]]) -> str:
    """What a row of the curve stands for: a candidate of a linear model, or a step of training."""
    return "candidate" if any("C" in row for row in rows) else "step"


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most about `MOST_POINTS` of them, the last among them."""
    stride = -(-len(points) // MOST_POINTS)
    return points[:-1:stride] + points[-1:]


def _curve(words: str, style: int, points: list[tuple[int, float]], x: Axis, y: Axis) -> Curve:
    placed = tuple(Point(_along(x, step), _down(y, value), step, value) for step, value in points)
    return Curve(words, style, placed, len(placed) <= MARKS_UP_TO, placed[-1].y)


def _along(axis: Axis, value: float) -> float:
    return LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT)


def _down(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def _x_ticks(rows: Sequence[Mapping[str, Any]], x: Axis) -> tuple[Tick, ...]:
    """A tick for each candidate of a linear model, else round steps."""
    if unit(rows) == "candidate":
        return tuple(Tick(_along(x, row["step"]), f"C={row['C']:g}") for row in rows if "C" in row)
    wide = spanning([x.low, x.high], ticks=4)
    steps = [tick for tick in wide.ticks if tick <= x.high and tick == round(tick)]
    return tuple(Tick(_along(x, step), f"{step:.0f}") for step in steps)


def _spread(curves: tuple[Curve, ...]) -> tuple[Curve, ...]:
    """Move the names of curves apart that end close together."""
    order = sorted(curves, key=lambda each: each.label_y)
    places: list[float] = []
    for curve in order:
        places.append(max([curve.label_y, *(place + LINE for place in places[-1:])]))
    over = max(0.0, places[-1] - (HEIGHT - BOTTOM))
    moved = {curve.style: place - over for curve, place in zip(order, places, strict=True)}
    return tuple(
        Curve(each.words, each.style, each.points, each.marked, moved[each.style]) for each in curves
    )


def _described(found: Mapping[str, list[tuple[int, float]]], best_step: int) -> str:
    """The chart in words, for who cannot see it."""
    courses = "; ".join(
        f"{words} goes from {points[0][1]:.3f} at step {points[0][0]} to {points[-1][1]:.3f} at step "
        f"{points[-1][0]}"
        for words, points in found.items()
    )
    return f"{courses}. That of step {best_step} was kept."
