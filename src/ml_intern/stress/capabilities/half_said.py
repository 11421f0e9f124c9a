"""A text of which half the words are missing makes the model no surer."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NO_ROWS, TOLERANCE, Capability, Draft, Drafts, Material


def make(material: Material) -> Drafts | str:
    """Rows of at least six words without every second word."""
    long = [
        (text, truth)
        for text, truth in material.rows("half_said", len(material.texts))
        if text.count(" ") > 4
    ]
    if not material.texts:
        return NO_ROWS
    return [
        Draft(" ".join(text.split()[::2]), text, truth, direction=-1) for text, truth in long[:60]
    ] or "No row has six words."


CAPABILITY = Capability(
    "half_said",
    "Every second word missing",
    TestKind.DIRECTIONAL,
    f"The confidence does not rise by more than {TOLERANCE} against that for the whole text.",
    make,
)
