"""Copies of training texts with typing errors, so that a model has seen some. Used by train.py.

The noise is on letters and knows no keyboard: each letter is, with a small chance, dropped, replaced by any
other, doubled with a stranger, or swapped with the next.
"""

import string
import sys
from typing import Any

import numpy as np

LETTER_SHARE = 0.06
"""Chance of each letter to be hit: about one in three words of ordinary length."""


def check_augmentation(config: dict[str, Any]) -> None:
    """Stop where the config asks for a share that is none."""
    share = config["typo_augmentation"]
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        sys.exit(f"typo_augmentation must be a share from 0 to 1, not {share!r}")


def augmented(texts: list[str], truth: np.ndarray, config: dict[str, Any]) -> tuple[list[str], np.ndarray]:
    """The texts and their classes, followed by noisy copies of a share of them. Depends on the seed alone."""
    count = round(config["typo_augmentation"] * len(texts))
    if not count:
        return texts, truth
    chance = np.random.default_rng(config["seed"])
    chosen = chance.choice(len(texts), count, replace=False)
    return texts + [noisy(texts[i], chance) for i in chosen], np.concatenate([truth, truth[chosen]])


def noisy(text: str, chance: np.random.Generator) -> str:
    """The text with some of its letters hit."""
    letters = list(text)
    for place in np.flatnonzero(chance.random(len(letters)) < LETTER_SHARE):
        if not letters[place].isalpha():
            continue
        stranger = string.ascii_lowercase[chance.integers(26)]
        kind = chance.integers(4)
        if kind == 0:
            letters[place] = ""
        elif kind == 1:
            letters[place] = stranger
        elif kind == 2:
            letters[place] += stranger
        elif place + 1 < len(letters):
            letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)
