"""Small talk after the request."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, framed

FRAMES = (
    "{} It has been raining here all day.",
    "{} Sent from my phone.",
    "{} I will be at home in the evening.",
    "{} My colleague said that I should write to you.",
    "{} By the way, nice office you have.",
    "{} Have a great weekend everyone.",
)


def make(material: Material) -> Drafts | str:
    """Rows before a sentence that asks for nothing."""
    return framed(material, "irrelevant_suffix", FRAMES)


CAPABILITY = Capability(
    "irrelevant_suffix",
    "Small talk after",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
