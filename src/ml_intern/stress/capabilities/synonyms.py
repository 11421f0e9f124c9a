"""Words with the same meaning.

Only words that mean the same in nearly every sentence are listed, and one word of a row is changed.
"""

import random
import re

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

PAIRS = {
    "buy": "purchase", "purchase": "buy", "need": "require",
    "show": "display", "fix": "repair", "quickly": "fast",
    "problem": "issue",
    "issue": "problem", "begin": "start", "start": "begin", "stop": "halt", "big": "large",
    "wrong": "incorrect", "incorrect": "wrong", "mistake": "error", "error": "mistake",
    "reset": "renew", "find": "locate",
    "locate": "find", "explain": "describe", "happen": "occur", "allow": "permit", "choose": "select",
    "currently": "now", "maybe": "perhaps", "often": "frequently", "parcel": "package",
    "ask": "inquire", "answer": "reply", "reason": "cause", "whole": "entire",
}  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join(PAIRS)})\b", re.IGNORECASE)


def reworded(text: str, chance: random.Random) -> str:
    """One listed word, if there is any, by its twin."""
    found = list(_WORD.finditer(text))
    if not found:
        return text
    hit = chance.choice(found)
    return text[: hit.start()] + PAIRS[hit.group().lower()] + text[hit.end() :]


def make(material: Material) -> Drafts | str:
    """Rows that have a word with a plain synonym."""
    return changed(material, "synonyms", reworded)


CAPABILITY = Capability(
    "synonyms",
    "Synonyms",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
