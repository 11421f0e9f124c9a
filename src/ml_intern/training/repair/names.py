"""Finding the name that was meant."""

import difflib
import re
from collections.abc import Iterable

MARGIN = 0.1
"""The best match must be so much more alike than the next, or nobody knows which was meant."""


def nearest(wrong: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The name most like `wrong`: alike by at least `cutoff` (0 to 1), and ahead of the next by `MARGIN`.

    Case, punctuation and the order of words do not count: `F1-macro` is `macro_f1`.
    """
    scores = sorted(((_likeness(wrong, name), name) for name in set(names)), reverse=True)[:2]
    if not scores or scores[0][0] < cutoff:
        return None
    if len(scores) > 1 and scores[0][0] - scores[1][0] < MARGIN:
        return None
    return scores[0][1]


def _likeness(one: str, other: str) -> float:
    plain = [" ".join(sorted(re.findall(r"[a-z]+|\d+", text.lower()))) for text in (one, other)]
    return difflib.SequenceMatcher(None, plain[0], plain[1]).ratio()
