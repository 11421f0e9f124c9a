"""Finding a column's name in a request, whatever its spelling."""

import re
from typing import Final

_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")
_AFTER: Final = frozenset({"by", "predict", "predicting", "per", "according", "column"})
_REACH: Final = 1
"""How many words may stand between "by" and the name: "by the intent", "according to intent"."""


def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words in the singular: `issueTypes` and "Issue types" are ("issue", "type")."""
    return tuple(_singular(part.casefold()) for part in _PART.findall(text))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def mentions(text: tuple[str, ...], name: tuple[str, ...]) -> list[int]:
    """Where `name` begins in `text`, both as `tokens` gives them."""
    width = len(name)
    return [i for i in range(len(text) - width + 1) if width and text[i : i + width] == name]


def asked_for(sentence: str, column: str) -> bool:
    """Whether the sentence names the column as what to predict, not just in passing.

    It does by the exact name in quotes, with "column" beside it, or soon after "by" or "predict":
    "classify product reviews by sentiment" asks for `sentiment` and mentions `product`.
    """
    if re.search(rf"[`'\"‘“]{re.escape(column)}[`'\"’”]", sentence):
        return True
    text, name = tokens(sentence), tokens(column)
    for start in mentions(text, name):
        end = start + len(name)
        before = text[max(0, start - 1 - _REACH) : start]
        if text[end : end + 1] == ("column",) or _AFTER & set(before):
            return True
    return False
