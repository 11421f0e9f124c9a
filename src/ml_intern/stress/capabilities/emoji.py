"""Emoji at the end or in the middle."""

import random

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, changed

EMOJI = ("🙂", "🙏", "😡", "😭", "👍", "❗", "🤔", "😅")


def with_emoji(text: str, chance: random.Random) -> str:
    """The text with one to three emoji at its end, or one between two words."""
    parts = text.split(" ")
    if chance.random() < 0.5 or len(parts) < 2:
        return text + " " + "".join(chance.choices(EMOJI, k=chance.randint(1, 3)))
    parts.insert(chance.randrange(1, len(parts)), chance.choice(EMOJI))
    return " ".join(parts)


def make(material: Material) -> Drafts | str:
    """Rows with emoji."""
    return changed(material, "emoji", with_emoji, english=False)


CAPABILITY = Capability(
    "emoji",
    "Emoji",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
