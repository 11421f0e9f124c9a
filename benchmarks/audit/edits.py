"""How a text is changed into a copy that only looks new.

An edit takes a text and a random generator and returns the changed text, or None where it does not apply.
"""

import random
import string
from collections.abc import Callable
from typing import Final

Edit = Callable[[str, random.Random], str | None]
WORDS: Final = 5
"""Near copies are made only of texts with at least so many words: of fewer, one more changes the meaning."""
_OTHERS: Final = (
    "account order service today quickly phone number window really green problem street morning "
    "answer simple maybe travel office first paper music"
).split()
_INSERTED: Final = ("please", "just", "now", "really", "kindly", "also")
_PREFIXES: Final = (
    "Hi, ",
    "Hello, ",
    "Could you please tell me: ",
    "Excuse me, ",
    "Good morning, ",
    "Hey there, ",
)
_SUFFIXES: Final = (", thanks", ", thank you", " please", ", thanks in advance", ", please help", " Cheers.")


def exact(text: str, chance: random.Random) -> str | None:
    """The text itself."""
    return text


def normalised(text: str, chance: random.Random) -> str | None:
    """Other case, other digits, other punctuation at the end: one or more of them."""
    kinds = chance.sample(("case", "digits", "punctuation"), k=chance.randint(1, 3))
    changed = text
    if "case" in kinds:
        changed = chance.choice((str.upper, str.lower, str.title))(changed)
    if "digits" in kinds:
        changed = "".join(chance.choice(string.digits) if c.isdecimal() else c for c in changed)
    if "punctuation" in kinds or changed == text:
        bare = changed.rstrip(".!?")
        changed = chance.choice(
            [bare + end for end in (".", "!", "?", "...", " !", "") if bare + end != text]
        )
    return changed if changed.strip() and changed != text else None


def _long_enough(edit: Callable[[list[str], random.Random], list[str]]) -> Edit:
    def apply(text: str, chance: random.Random) -> str | None:
        words = text.split()
        return " ".join(edit(words, chance)) if len(words) >= WORDS else None

    return apply


def _mistyped(word: str, chance: random.Random) -> str:
    """One letter left out, doubled, replaced, or swapped with the next."""
    i = chance.randrange(len(word) - 1)
    letter = chance.choice(string.ascii_lowercase)
    forms = (word[:i] + word[i + 1 :], word[: i + 1] + word[i:], word[:i] + letter + word[i + 1 :])
    return chance.choice((*forms, word[:i] + word[i + 1] + word[i] + word[i + 2 :]))


def _typo(words: list[str], chance: random.Random) -> list[str]:
    long = [i for i, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    for i in chance.sample(long, k=min(len(long), chance.randint(1, 2))):
        words[i] = _mistyped(words[i], chance)
    return words


def _drop(words: list[str], chance: random.Random) -> list[str]:
    del words[chance.randrange(len(words))]
    return words


def _insert(words: list[str], chance: random.Random) -> list[str]:
    words.insert(chance.randint(1, len(words)), chance.choice(_INSERTED))
    return words


def _replace(words: list[str], chance: random.Random) -> list[str]:
    i = chance.randrange(len(words))
    words[i] = chance.choice([other for other in _OTHERS if other != words[i].lower()])
    return words


def _swap(words: list[str], chance: random.Random) -> list[str]:
    i = chance.randrange(len(words) - 1)
    words[i], words[i + 1] = words[i + 1], words[i]
    return words


def _prefix(words: list[str], chance: random.Random) -> list[str]:
    return [chance.choice(_PREFIXES) + words[0], *words[1:]]


def _suffix(words: list[str], chance: random.Random) -> list[str]:
    return [*words[:-1], words[-1].rstrip(".!?") + chance.choice(_SUFFIXES)]


NEAR: Final[dict[str, Edit]] = {
    "typo": _long_enough(_typo),
    "word_dropped": _long_enough(_drop),
    "word_inserted": _long_enough(_insert),
    "word_replaced": _long_enough(_replace),
    "words_swapped": _long_enough(_swap),
    "polite_prefix": _long_enough(_prefix),
    "polite_suffix": _long_enough(_suffix),
}


def mixed(text: str, chance: random.Random) -> str | None:
    """One of the kinds of near copies at random."""
    return chance.choice(list(NEAR.values()))(text, chance)
