"""Amounts of money in a user's sentence."""

import re
from typing import Final

MICRO: Final = 1_000_000
_DOLLARS: Final = re.compile(
    r"(?:\$|\busd\s*)\s*(?P<a>\d+(?:\.\d+)?)|\b(?P<b>\d+(?:\.\d+)?)\s*(?:usd\b|dollars?\b|\$)", re.I
)


def budget_named(sentence: str) -> int | None:
    """The first amount of US dollars that `sentence` names as such, in their millionths; None without one."""
    money = _DOLLARS.search(sentence)
    return round(float(money["a"] or money["b"]) * MICRO) if money else None
