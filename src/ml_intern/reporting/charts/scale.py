"""Axes with round numbers on them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1, 2, 2.5, 5, 10)
"""A tick's distance is one of these times a power of ten."""


@dataclass(frozen=True)
class Tick:
    """A tick's place along its axis and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with ticks between."""

    low: float
    high: float
    ticks: tuple[float, ...]
    digits: int

    def share(self, value: float) -> float:
        """Where a value lies, 0 at the low end and 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


def spanning(values: Iterable[float], ticks: int = 5) -> Axis:
    """The smallest axis with about that many round ticks that holds all values."""
    from matplotlib.ticker import MaxNLocator  # heavy, and makes folders of its own when it is imported

    known = list(values)
    low, high = min(known), max(known)
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    places = [float(tick) for tick in MaxNLocator(ticks, steps=STEPS).tick_values(low, high)]
    step = places[1] - places[0]
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if not math.isclose(round(step, digits), step):  # a step of 2.5 needs one digit more than one of 2
        digits += 1
    return Axis(places[0], places[-1], tuple(places), digits)
