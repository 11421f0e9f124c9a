"""A request that a very long, irrelevant text follows keeps its answer."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NO_ROWS, NOT_ENGLISH, Capability, Draft, Drafts, Material

FILLER = (
    "That is all I have to say for the moment, and the rest of this message only repeats itself. "
    "It was a long day, the rain did not stop, and nothing much happened in the afternoon. "
)
TIMES = 12
"""About 400 words: beyond the length at which most small encoders cut."""


def make(material: Material) -> Drafts | str:
    """Twenty rows, as each costs as much as ten others."""
    if not material.texts:
        return NO_ROWS
    if not material.english:
        return NOT_ENGLISH
    rows = material.rows("long_input", 20)
    return [Draft(f"{text} {FILLER * TIMES}", text, truth, same_answer=True) for text, truth in rows]


CAPABILITY = Capability(
    "long_input",
    "Hundreds of irrelevant words after the request",
    TestKind.INVARIANCE,
    "It is answered without an error, and the answer stays.",
    make,
)
