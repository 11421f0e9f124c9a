"""Unicode letters that look like Latin ones, as spam uses them.

A reader sees no difference.
"""

import random

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

LOOKS = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "y": "у", "i": "і"}
"""Latin to Cyrillic."""

SHARE = 0.3
"""Of the letters that have such a twin."""


def disguised(text: str, chance: random.Random) -> str:
    """The text with some letters in their look-alikes, at least one."""
    parts = list(text)
    places = [i for i, letter in enumerate(parts) if letter in LOOKS]
    for place in chance.sample(places, min(len(places), max(1, round(SHARE * len(places))))):
        parts[place] = LOOKS[parts[place]]
    return "".join(parts)


def make(material: Material) -> Drafts | str:
    """Rows with Cyrillic letters among the Latin ones."""
    return changed(material, "look_alikes", disguised, english=False)


CAPABILITY = Capability(
    "look_alikes",
    "Letters that look alike",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
