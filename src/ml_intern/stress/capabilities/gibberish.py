"""Letters without meaning must not get much confidence."""

import random

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, unanswerable

ROWS_OF_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _mashed(chance: random.Random) -> str:
    """Keys that lie side by side, as a hand falls on them."""
    row = chance.choice(ROWS_OF_KEYS)
    return "".join(chance.choice(row) for _ in range(chance.randint(4, 11)))


def _random(chance: random.Random) -> str:
    return "".join(chance.choices("bcdfghjklmnpqrstvwxz", k=chance.randint(3, 9)))


def make(material: Material) -> Drafts | str:
    """One to six words of nothing."""
    if material.closed:
        return material.closed
    chance = material.chance("gibberish")
    kinds = (_mashed, _random)
    texts = (" ".join(chance.choice(kinds)(chance) for _ in range(chance.randint(1, 6))) for _ in range(40))
    return unanswerable(material, list(texts))


CAPABILITY = Capability(
    "gibberish",
    "Letters without meaning",
    TestKind.MINIMUM_FUNCTIONALITY,
    "No class gets more than half of the way from chance to certainty.",
    make,
)
