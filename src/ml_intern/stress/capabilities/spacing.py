"""White space: doubled, missing, or of another kind."""

import random

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed


def respaced(text: str, chance: random.Random) -> str:
    """The text with double blanks, line breaks, blanks that do not break, or blanks around it."""
    if " " not in text.strip():
        return f"  {text}\n"
    forms = (
        text.replace(" ", "  "),
        text.replace(" ", "\u00a0"),
        f"\n\n  {text}  \n",
        text.replace(" ", "\n", 1),
    )
    return chance.choice(forms)


def make(material: Material) -> Drafts | str:
    """Rows with other white space."""
    return changed(material, "spacing", respaced, english=False)


CAPABILITY = Capability(
    "spacing",
    "White space",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
