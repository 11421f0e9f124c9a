"""Axes with round numbers on them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""A tick's distance is one of these times a power of ten."""


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
    known = list(values)
    low, high = min(known), max(known)
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    step = _round_step((high - low) / ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step, digits) != step:  # a step of 2.5 needs one digit more than one of 2
        digits += 1
    return Axis(first * step, last * step, tuple(i * step for i in range(first, last + 1)), digits)


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in STEPS if step * power >= rough * (1 - 1e-9))
