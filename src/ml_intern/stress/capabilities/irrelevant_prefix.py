"""Small talk before the request."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, framed

FRAMES = (
    "It has been raining here all day. {}",
    "I am writing this from my phone on the train. {}",
    "My colleague said that I should write to you. {}",
    "I hope this reaches the right person. {}",
    "First of all, happy new year to everyone. {}",
    "I have never done this before, so bear with me. {}",
)


def make(material: Material) -> Drafts | str:
    """Rows after a sentence that asks for nothing."""
    return framed(material, "irrelevant_prefix", FRAMES)


CAPABILITY = Capability(
    "irrelevant_prefix",
    "Small talk before",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
