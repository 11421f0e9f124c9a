"""Letters as a scanner misreads them.

The pairs are shapes that are alike in print; a scan of fair quality misreads few of them.
"""

import random

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

LOOKS = {
    "rn": "m", "m": "rn", "cl": "d", "d": "cl", "vv": "w", "w": "vv", "l": "1", "i": "l", "o": "0", "s": "5",
    "e": "c", "h": "b", "g": "q", "u": "ii", "t": "f",
}  # fmt: skip
SHARE = 0.06
"""Of all letters."""


def misread(text: str, chance: random.Random) -> str:
    """The text with some letters, at least one where any can be, in the shape of others."""
    parts = list(text)
    places = [i for i, letter in enumerate(parts) if letter in LOOKS]
    for place in chance.sample(places, min(len(places), max(1, round(SHARE * len(parts))))):
        parts[place] = LOOKS[parts[place]]
    return "".join(parts)


def make(material: Material) -> Drafts | str:
    """Rows with about one letter in sixteen misread."""
    return changed(material, "ocr_noise", misread, english=False)


CAPABILITY = Capability(
    "ocr_noise",
    "Letters misread by a scanner",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
