"""A second text of the same class makes the class no less likely."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NO_ROWS, TOLERANCE, Capability, Draft, Drafts, Material


def make(material: Material) -> Drafts | str:
    """Pairs of rows of one class, one after the other."""
    rows = material.rows("said_twice", len(material.texts))
    chance, drafts = material.chance("said_twice"), Drafts()
    for text, truth in rows:
        others = [other for other, its in rows if its == truth and other != text]
        if others:
            both = f"{text} {chance.choice(others)}"
            drafts.append(Draft(both, text, truth, direction=1))
        if len(drafts) == 60:
            break
    return drafts or (NO_ROWS if not rows else "No class has two rows.")


CAPABILITY = Capability(
    "said_twice",
    "Two texts of one class",
    TestKind.DIRECTIONAL,
    f"The confidence does not fall by more than {TOLERANCE} against that for the first alone.",
    make,
)
