"""Two requests in one text: the answer must be one of them, without certainty."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NO_ROWS, SPLIT_PAIR, Capability, Draft, Drafts, Material

JOINTS = (" Also, ", " And another thing: ", " Besides, ", " ")


def make(material: Material) -> Drafts | str:
    """Pairs of rows of different classes, one after the other."""
    rows, chance = material.rows("multi_intent", len(material.texts)), material.chance("multi_intent")
    if len({truth for _, truth in rows}) < 2:
        return NO_ROWS if not rows else "All rows are of one class."
    drafts: Drafts = []
    for text, truth in rows[:60]:
        other_text, other = chance.choice([row for row in rows if row[1] != truth])
        joint = chance.choice(JOINTS if material.english else JOINTS[-1:])
        both = text.rstrip() + ("" if text.rstrip()[-1:] in ".!?" else ".") + joint + other_text
        drafts.append(Draft(both, labels=(truth, other), most_confidence=SPLIT_PAIR))
    return drafts


CAPABILITY = Capability(
    "multi_intent",
    "Two requests in one text",
    TestKind.MINIMUM_FUNCTIONALITY,
    f"The answer is one of the two classes, with at most {SPLIT_PAIR:.0%} confidence.",
    make,
)
