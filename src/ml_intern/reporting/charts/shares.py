"""Small drawings of shares: reliability, how sure the answers are, wrong answers by share answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_intern.records.trust import Abstention, Calibration
from ml_intern.reporting.charts.scale import Axis, Tick, spanning

WIDTH, HEIGHT = 372.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 48.0, 16.0, 16.0, 40.0
UNIT = Axis(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), 2)


@dataclass(frozen=True)
class Dot:
    """A mark in the drawing and what it says; `accent` where it is the one to look at."""

    x: float
    y: float
    said: str
    accent: bool = False


@dataclass(frozen=True)
class Column:
    """One bar; `wrong` bars stand on those of right answers."""

    x: float
    y: float
    width: float
    height: float
    said: str
    wrong: bool


@dataclass(frozen=True)
class Shares:
    """A drawing, complete: `line` and `guide` are the points of polylines, empty where there is none."""

    title: str
    described: str
    x_title: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    line: str = ""
    guide: str = ""
    dots: tuple[Dot, ...] = ()
    columns: tuple[Column, ...] = ()
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM


def reliability(calibration: Calibration) -> Shares:
    """Accuracy against confidence of each bin that has rows; on the dotted line both are the same."""
    filled = [each for each in calibration.bins if each.rows]
    dots = tuple(
        Dot(
            _along(each.confidence),
            _down(UNIT, each.accuracy),
            f"confidence {each.confidence:.2f}: {each.accuracy:.1%} of {each.rows:,} rows right",
        )
        for each in filled
    )
    return Shares(
        title="As sure as right? On the dotted line, yes; below it, too sure",
        described="; ".join(dot.said for dot in dots),
        x_title="mean confidence",
        x_ticks=_x_ticks(),
        y_ticks=_y_ticks(UNIT),
        line=" ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots),
        guide=f"{_along(0):.1f},{_down(UNIT, 0):.1f} {_along(1):.1f},{_down(UNIT, 1):.1f}",
        dots=dots,
    )


def histogram(calibration: Calibration) -> Shares:
    """Rows by confidence; hatched are wrong answers."""
    most = max(each.rows for each in calibration.bins)
    axis = spanning([0, most], ticks=4)
    columns = []
    for each in calibration.bins:
        if not each.rows:
            continue
        right = round(each.rows * each.accuracy)
        place, width = _along(each.low) + 0.5, _along(each.high) - _along(each.low) - 1
        span = f"confidence {each.low:.2f} to {each.high:.2f}"
        for low, high, wrong in ((0, right, False), (right, each.rows, True)):
            if high > low:
                top = _down(axis, high)
                said = f"{span}: {high - low:,} {'wrong' if wrong else 'right'}"
                columns.append(Column(place, top, width, _down(axis, low) - top, said, wrong))
    return Shares(
        title="How sure the answers are; dark parts are wrong answers",
        described="; ".join(column.said for column in columns),
        x_title="confidence",
        x_ticks=_x_ticks(),
        y_ticks=_y_ticks(axis),
        columns=tuple(columns),
    )


def risk_coverage(abstention: Abstention) -> Shares:
    """The share of wrong answers as more and more of the test rows are answered, the surest first."""
    points = abstention.risk_coverage
    axis = spanning([0.0, *(point.risk for point in points)], ticks=4)
    carried = next(each for each in abstention.scores if each.score is abstention.chosen)
    answered, wrong = carried.coverage.value, 1 - carried.accuracy.value
    said = f"with UNKNOWN: {answered:.1%} answered, {wrong:.1%} of those wrong"
    return Shares(
        title=f"Wrong answers by share answered, the surest by {abstention.chosen.words} first",
        described=f"{said}; all answered: {points[-1].risk:.1%} wrong",
        x_title="share of the test rows answered",
        x_ticks=_x_ticks(),
        y_ticks=_y_ticks(axis),
        line=" ".join(f"{_along(p.coverage):.1f},{_down(axis, p.risk):.1f}" for p in points),
        dots=(Dot(_along(answered), _down(axis, wrong), said, accent=True),),
    )


def _along(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _down(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def _x_ticks() -> tuple[Tick, ...]:
    return tuple(Tick(_along(tick), f"{tick:g}") for tick in UNIT.ticks)


def _y_ticks(axis: Axis) -> tuple[Tick, ...]:
    return tuple(Tick(_down(axis, tick), f"{tick:,.{axis.digits}f}") for tick in _whole(axis.ticks))


def _whole(ticks: Sequence[float]) -> Sequence[float]:
    return [tick for tick in ticks if tick >= 0]
