"""Nothing at all, or nothing but white space and punctuation, must not get much confidence."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import Capability, Drafts, Material, unanswerable

TEXTS = ("", " ", "\n", ".", "...", "?", "!", "-", "?!?", "\t \n")


def make(material: Material) -> Drafts | str:
    """Ten ways to say nothing."""
    return unanswerable(material, TEXTS)


CAPABILITY = Capability(
    "empty_input",
    "Nothing but white space or punctuation",
    TestKind.MINIMUM_FUNCTIONALITY,
    "It is answered without an error, and no class gets more than half of the way from chance to certainty.",
    make,
)
