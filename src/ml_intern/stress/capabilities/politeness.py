"""Courtesies around the request."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, framed

FRAMES = (
    "Dear team, {} Kind regards",
    "Good morning, {} Thank you very much in advance.",
    "Hello there! {} I would really appreciate it.",
    "Sorry to bother you, {} Thanks a lot!",
    "Would you be so kind: {}",
)


def make(material: Material) -> Drafts | str:
    """Rows with courtesies around them."""
    return framed(material, "politeness", FRAMES)


CAPABILITY = Capability(
    "politeness",
    "Courtesies",
    TestKind.INVARIANCE,
    "The answer stays.",
    make,
)
