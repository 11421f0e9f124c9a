"""Amounts of money in a user's sentence."""

import re
from typing import Final

MICRO: Final = 1_000_000
_AMOUNT: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_DOLLARS: Final = re.compile(
    rf"(?:\$|\busd\s*)\s*(?P<a>{_AMOUNT})|\b(?P<b>{_AMOUNT})\s*(?:usd\b|dollars?\b|\$)", re.I
)


def budget_named(sentence: str) -> int | None:
    """The smallest amount of US dollars that `sentence` names, in their millionths; None without one.

    Of several amounts others may belong to the task ("refunds over $500, spend at most $2"): too little is
    asked about, too much would be spent.
    """
    found = [each["a"] or each["b"] for each in _DOLLARS.finditer(sentence)]
    return min((round(float(each.replace(",", "")) * MICRO) for each in found), default=None)
