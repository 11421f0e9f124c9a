"""Requests that no class is meant for must not get much confidence.

A sentence is left out where it shares a telling word with the rows or the class names: it may be in scope.
"""

from ml_intern.records.stress import TestKind
from ml_intern.stress.material import NOT_ENGLISH, Capability, Drafts, Material, unanswerable, words

TEXTS = (
    "Who painted the ceiling of the Sistine Chapel?",
    "My tomato plants have yellow leaves this summer.",
    "How many moons does Jupiter have?",
    "The second violin came in half a bar too early.",
    "Can a penguin recognise its own chick?",
    "Whisk the egg whites until they form stiff peaks.",
    "Why do cats purr?",
    "Our team lost in the last minute of extra time.",
    "Glaciers carved this valley thousands of years ago.",
    "Is a hyphen needed in this adjective?",
    "The lighthouse keeper wrote poems at night.",
    "Which bird has the longest wingspan?",
    "My grandmother knitted a scarf for the dog.",
    "How do bees find their way back to the hive?",
    "The orchestra rehearses Brahms on Thursdays.",
    "What is the square root of two?",
    "Dinosaurs died out after an asteroid hit the earth.",
    "She swims forty lengths before breakfast.",
    "Who wrote the first novel about a submarine?",
    "The paint on the garden fence peels again.",
    "Is basalt a volcanic rock?",
    "He proposed to her under the old oak tree.",
    "Which muscles does rowing train?",
    "The kite got stuck in the chimney.",
    "Why is the sky red at dusk?",
    "Sourdough needs patience more than flour.",
    "How tall was Napoleon really?",
    "The chess club meets in the cellar of the library.",
    "Do goldfish sleep?",
    "A comet will be visible in the north.",
    "What does the Latin motto over the gate mean?",
    "The marathon runners passed our kitchen window.",
    "How is porcelain made?",
    "Our choir sings a mass by Palestrina.",
    "Which planet spins backwards?",
    "The snow melted before we had built the igloo.",
    "My brother carves spoons from birch.",
    "Are mushrooms closer to animals than to plants?",
    "The ferry horn woke the seagulls.",
    "What is a palindrome?",
)


def make(material: Material) -> Drafts | str:
    """The sentences that share no telling word with the task."""
    if material.closed:
        return material.closed
    if not material.english:
        return NOT_ENGLISH
    far = [
        text for text in TEXTS if not material.vocabulary & {word for word in words(text) if len(word) > 3}
    ]
    return unanswerable(material, far) if len(far) >= 10 else "The classes are about nearly everything."


CAPABILITY = Capability(
    "out_of_scope",
    "Requests that no class is meant for",
    TestKind.MINIMUM_FUNCTIONALITY,
    "No class gets more than half of the way from chance to certainty.",
    make,
)
