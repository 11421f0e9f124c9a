"""Anger around the request."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, framed

FRAMES = (
    "This is ridiculous!!! {}",
    "{} I am really fed up with you people.",
    "I have had enough. {} Do something NOW.",
    "For heaven's sake, {}",
    "{} Worst company ever, seriously.",
)


def make(material: Material) -> Drafts | str:
    """Rows with anger around them."""
    return framed(material, "anger", FRAMES)


CAPABILITY = Capability(
    "anger",
    "Anger",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
