"""Punctuation: left out, doubled, or of another kind at the end."""

import random
import re

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed


def repunctuated(text: str, chance: random.Random) -> str:
    """The text without punctuation inside, or with more or another kind of it at the end."""
    bare = text.rstrip(".!? ")
    forms = (
        re.sub(r"[.,;:!?\"()]", "", text),
        f"{bare}!!!",
        f"{bare}...",
        f"{bare} ?",
        f"{bare};",
        f"...{text}",
    )
    return chance.choice([form for form in forms if form.strip() and form != text] or [text])


def make(material: Material) -> Drafts | str:
    """Rows with other punctuation."""
    return changed(material, "punctuation", repunctuated, english=False)


CAPABILITY = Capability(
    "punctuation",
    "Punctuation",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
