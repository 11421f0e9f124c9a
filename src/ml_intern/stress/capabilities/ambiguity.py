"""A text that fits two classes alike must not be answered with near certainty.

Either class passes, but more than nine to one for one of two equal claims is a confidence that nothing in
the text bears out.
"""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import (
    NO_NAMES,
    NOT_ENGLISH,
    SPLIT_PAIR,
    Capability,
    Draft,
    Drafts,
    Material,
)

FRAMES = (
    "I am not sure whether this is about {0} or {1}.",
    "It could be {0}, or maybe {1}.",
    "Is this {0} or {1}?",
    "Either {0} or {1}, I cannot tell.",
)


def make(material: Material) -> Drafts | str:
    """Pairs of class names in a sentence that prefers neither."""
    if not material.english:
        return NOT_ENGLISH
    if len(material.spoken) < 2:
        return NO_NAMES
    chance, names = material.chance("ambiguity"), sorted(material.spoken)
    pairs = [tuple(chance.sample(names, 2)) for _ in range(60)]
    return [
        Draft(
            chance.choice(FRAMES).format(material.spoken[one], material.spoken[other]),
            labels=(one, other),
            most_confidence=SPLIT_PAIR,
        )
        for one, other in dict.fromkeys(pairs)
    ]


CAPABILITY = Capability(
    "ambiguity",
    "Two classes fit alike",
    TestKind.MINIMUM_FUNCTIONALITY,
    f"The answer is one of the two classes named, with at most {SPLIT_PAIR:.0%} confidence.",
    make,
)
