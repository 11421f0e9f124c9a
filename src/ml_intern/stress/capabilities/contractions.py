"""“I am” and “I'm”, “do not” and “don't”."""

import random
import re

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

PAIRS = {
    "i am": "i'm", "do not": "don't", "does not": "doesn't", "did not": "didn't", "cannot": "can't",
    "can not": "can't", "will not": "won't", "is not": "isn't", "are not": "aren't", "have not": "haven't",
    "has not": "hasn't", "would not": "wouldn't", "could not": "couldn't", "what is": "what's",
    "where is": "where's", "how is": "how's", "it is": "it's", "that is": "that's", "i have": "i've",
    "i would": "i'd", "i will": "i'll", "you are": "you're", "they are": "they're", "there is": "there's",
}  # fmt: skip
_LONG = re.compile(rf"\b(?:{'|'.join(PAIRS)})\b", re.IGNORECASE)
_BACK = {short: long for long, short in PAIRS.items() if long != "can not"}
_SHORT = re.compile(rf"\b(?:{'|'.join(_BACK)})\b", re.IGNORECASE)


def recontracted(text: str, chance: random.Random) -> str:
    """Long forms as short ones, or where there are none, short ones as long ones."""
    text = text.replace("’", "'")
    short = _LONG.sub(lambda m: _like(m.group(), PAIRS[m.group().lower()]), text)
    return short if short != text else _SHORT.sub(lambda m: _like(m.group(), _BACK[m.group().lower()]), text)


def _like(before: str, after: str) -> str:
    return after[0].upper() + after[1:] if before[0].isupper() else after


def make(material: Material) -> Drafts | str:
    """Rows that have a contraction, or could have one."""
    return changed(material, "contractions", recontracted)


CAPABILITY = Capability(
    "contractions",
    "Contractions",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
