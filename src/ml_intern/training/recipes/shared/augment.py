"""Copies of training texts with typing errors or in other words, so that a model has seen some.

The noise is on letters and knows no keyboard: each letter is, with a small chance, dropped, replaced by any
other, doubled with a stranger, or swapped with the next. Other wording is what Wei and Zou (2019, EDA,
arXiv:1901.11196) call random deletion and random swap of words, and small talk around the text.
"""

import string
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

LETTER_SHARE = 0.06
"""Chance of each letter to be hit: about one in three words of ordinary length."""
WORD_SHARE = 0.1
"""Chance of each word to be left out, and share of words that change places; EDA's own choice."""
LEAST_WORDS = 4
"""In shorter texts each word may decide: they only get small talk."""
BEFORE = (
    "",
    "hey, ",
    "hi again, ",
    "ok so ",
    "quick one: ",
    "as I said before, ",
    "not sure who reads this but ",
)
AFTER = (
    "",
    " thx",
    " please advise",
    " waiting to hear back",
    " and that is about it",
    " as soon as you can!",
)
SHARES = ("typo_augmentation", "wording_augmentation")


def check_augmentation(config: dict[str, Any]) -> None:
    """Stop where the config asks for a share that is none."""
    for name in SHARES:
        share = config[name]
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            sys.exit(f"{name} must be a share from 0 to 1, not {share!r}")


def augmented(texts: list[str], truth: np.ndarray, config: dict[str, Any]) -> tuple[list[str], np.ndarray]:
    """The texts and their classes, then changed copies of shares of them. Depends on the seed alone."""
    changes: dict[str, Callable[[str, np.random.Generator], str]] = dict(
        zip(SHARES, (noisy, reworded), strict=True)
    )
    more, labels = list[str](), [truth]
    for place, (name, change) in enumerate(changes.items()):
        count = round(config[name] * len(texts))
        # The first kind draws from the seed itself, as it did when it was the only one.
        chance = np.random.default_rng([config["seed"], place] if place else config["seed"])
        chosen = chance.choice(len(texts), count, replace=False)
        more += [change(texts[i], chance) for i in chosen]
        labels.append(truth[chosen])
    return (texts + more, np.concatenate(labels)) if more else (texts, truth)


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


def reworded(text: str, chance: np.random.Generator) -> str:
    """The text without some of its words, others in another order, and with small talk around it."""
    words = text.split()
    if len(words) >= LEAST_WORDS:
        kept = [word for word in words if chance.random() >= WORD_SHARE]
        words = kept if len(kept) >= LEAST_WORDS else words
        for _ in range(round(WORD_SHARE * len(words))):
            a, b = chance.integers(len(words), size=2)
            words[a], words[b] = words[b], words[a]
    before, after = (each[chance.integers(len(each))] for each in (BEFORE, AFTER))
    return before + " ".join(words) + after
