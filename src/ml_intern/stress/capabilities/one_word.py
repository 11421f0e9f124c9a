"""A single word that belongs to no class must not get much confidence."""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NOT_ENGLISH, Capability, Drafts, Material, unanswerable

WORDS = (
    "hello",
    "ok",
    "please",
    "question",
    "thanks",
    "hmm",
    "this",
    "again",
    "yes",
    "because",
    "maybe",
    "sir",
    "them",
    "very",
    "today",
    "well",
    "actually",
    "something",
    "why",
    "and",
)


def make(material: Material) -> Drafts | str:
    """Words that carry no request, without those that tell classes apart here."""
    if material.closed:
        return material.closed
    if not material.english:
        return NOT_ENGLISH
    return unanswerable(material, [word for word in WORDS if word not in material.vocabulary])


CAPABILITY = Capability(
    "one_word",
    "A single word without a request",
    TestKind.MINIMUM_FUNCTIONALITY,
    "No class gets more than half of the way from chance to certainty.",
    make,
)
