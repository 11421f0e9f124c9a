"""Letters with accents where the text has none, and the other way round."""

import random
import unicodedata

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

ACCENTS = {"a": "áàâä", "e": "éèêë", "i": "íìîï", "o": "óòôö", "u": "úùûü", "n": "ñ", "c": "ç"}


def accented(text: str, chance: random.Random) -> str:
    """The text without its accents where it has any, else with two letters accented."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    if plain != unicodedata.normalize("NFC", text):
        return plain
    places = [i for i, letter in enumerate(text) if letter in ACCENTS]
    parts = list(text)
    for place in chance.sample(places, min(2, len(places))):
        parts[place] = chance.choice(ACCENTS[parts[place]])
    return "".join(parts)


def make(material: Material) -> Drafts | str:
    """Rows with accents added or taken away."""
    return changed(material, "accents", accented, english=False)


CAPABILITY = Capability(
    "accents",
    "Accents",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
