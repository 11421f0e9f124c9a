"""Typing errors as fingers make them, at a rate per word."""

import random
from typing import Final

KEYS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LIGHT: Final = 0.1
MEDIUM: Final = 0.25
HEAVY: Final = 0.5
"""Shares of the words that are hit. Heavy is a message thumbed in a moving bus."""


def neighbours(letter: str) -> str:
    """The keys beside and below or above a letter on an English keyboard."""
    for number, row in enumerate(KEYS):
        if letter in row:
            at = row.index(letter)
            beside = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            return beside + "".join(
                other[at : at + 1] for other in KEYS[max(0, number - 1) : number + 2] if other != row
            )
    return ""


def mistype(word: str, chance: random.Random) -> str:
    """A neighbouring key, two letters swapped, one dropped, or one doubled."""
    places = [i for i, letter in enumerate(word) if letter.isalpha()]
    at = chance.choice(places)
    kind = chance.choice(("key", "swap", "drop", "double"))
    near = neighbours(word[at].lower())
    if kind == "key" and near:
        return word[:at] + chance.choice(near) + word[at + 1 :]
    if kind == "swap" and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]


def with_typos(text: str, share: float, chance: random.Random) -> str:
    """At least one word of three letters or more mistyped, more with `share`; at times two words run on."""
    parts = text.split(" ")
    long = [i for i, word in enumerate(parts) if sum(map(str.isalpha, word)) >= 3]
    hits = chance.sample(long, min(len(long), max(1, round(share * len(long)))))
    for place in hits:
        parts[place] = mistype(parts[place], chance)
    if len(parts) > 2 and chance.random() < share:
        place = chance.randrange(len(parts) - 1)
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return " ".join(parts)
