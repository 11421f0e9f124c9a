"""Capitals: all, none, or at the start of each word."""

import random

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

FORMS = (str.upper, str.lower, str.title, str.swapcase)


def recased(text: str, chance: random.Random) -> str:
    """The text in other capitals, if it has any letters."""
    forms = [form(text) for form in FORMS if form(text) != text]
    return chance.choice(forms) if forms else text


def make(material: Material) -> Drafts | str:
    """Rows in other capitals."""
    return changed(material, "casing", recased, english=False)


CAPABILITY = Capability(
    "casing",
    "Capitals",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
