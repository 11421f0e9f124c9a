"""Numbers as digits or as words."""

import random
import re

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_WORD = re.compile(rf"\b(?:{'|'.join(WORDS[2:])})\b", re.IGNORECASE)


def respelled(text: str, chance: random.Random) -> str:
    """Digits of small numbers as words, or where there are none, words as digits."""
    found = re.sub(r"(?<![\w.,])(\d{1,2})(?![\w.,]*\d)", lambda m: _in_words(m.group()), text)
    return found if found != text else _WORD.sub(lambda m: str(WORDS.index(m.group().lower())), text)


def _in_words(digits: str) -> str:
    return WORDS[int(digits)] if int(digits) < len(WORDS) else digits


def make(material: Material) -> Drafts | str:
    """Rows that have a small number."""
    return changed(material, "numbers", respelled)


CAPABILITY = Capability(
    "numbers",
    "Numbers in digits and words",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
