"""A class that is only mentioned to be denied must not be the answer.

Two kinds of cases. A row with another class denied in front of it: its answer must stay. And a denial alone,
which asks for nothing: the denied class must not get much confidence.
"""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NO_NAMES, NOT_ENGLISH, Capability, Draft, Drafts, Material

BEFORE = (
    "I do not want {}. {row}",
    "This is not about {}. {row}",
    "No {}, please. {row}",
    "I am not asking about {}. {row}",
)
ALONE = (
    "I do not want {}.",
    "This is not about {}.",
    "I never asked for {}.",
    "Please no {}.",
)


def make(material: Material) -> Drafts | str:
    """Rows with a denied class before them, and denials alone."""
    if not material.english:
        return NOT_ENGLISH
    if len(material.spoken) < 2:
        return NO_NAMES
    chance, names, drafts = material.chance("negation"), sorted(material.spoken), Drafts()
    for text, truth in material.rows("negation", 40):
        other = chance.choice([name for name in names if name != truth])
        frame = chance.choice(BEFORE)
        denied = frame.replace("{}", material.spoken[other]).replace("{row}", text)
        drafts.append(Draft(denied, text, truth, same_answer=True))
    for name in chance.sample(names, min(20, len(names))):
        denied = chance.choice(ALONE).replace("{}", material.spoken[name])
        most = material.unanswerable
        drafts.append(Draft(denied, forbidden=name, most_confidence=1.0 if material.closed else most))
    return drafts


CAPABILITY = Capability(
    "negation",
    "A denied class is not the answer",
    TestKind.MINIMUM_FUNCTIONALITY,
    "“I do not want a refund” is not answered “refund”, and a denial in front of a request changes nothing.",
    make,
)
