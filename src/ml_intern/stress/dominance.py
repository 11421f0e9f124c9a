"""Single words that decide for a class: found by taking them out (occlusion) and by putting them elsewhere.

Occlusion alone would convict the only telling word of a short text; a word that also drags texts of other
classes along decides by itself (Ribeiro et al. 2016, arXiv:1602.04938, show such a word to people as a reason
not to trust a model).
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Final

from ml_intern.records.stress import DominantWord
from ml_intern.stress.answers import Answers
from ml_intern.stress.judge import share
from ml_intern.stress.material import Material, words

LEAST_ROWS: Final = 4
EACH: Final = 8
"""Rows that a word is taken out of, and rows that it is put into: of eight, eight mean at least 0.68."""

FEW_CLASSES: Final = 20
PRECISION: Final = 0.5


@dataclass(frozen=True)
class Probe:
    """A word of a class: its texts with and without it, texts of other classes without and with it."""

    label: str
    word: str
    having: tuple[str, ...]
    lacking: tuple[str, ...]
    foreign: tuple[str, ...]
    injected: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that must be answered."""
        return self.having + self.lacking + self.foreign + self.injected


def probes(material: Material) -> list[Probe]:
    """One word for each class, three where there are few classes: those that foretell the class best."""
    holding: dict[str, Counter[str]] = defaultdict(Counter)
    for text, truth in zip(material.texts, material.truths, strict=True):
        for word in set(words(text)):
            holding[word][truth] += 1
    most = 3 if len(material.classes) <= FEW_CLASSES else 1
    found = []
    for label in material.classes:
        telling = [
            (count[label] ** 2 / count.total(), word)
            for word, count in holding.items()
            if len(word) > 2 and count[label] >= max(LEAST_ROWS, PRECISION * count.total())
        ]
        found += [_probe(material, label, word) for _, word in sorted(telling, reverse=True)[:most]]
    return [probe for probe in found if probe.having and probe.foreign]


def _probe(material: Material, label: str, word: str) -> Probe:
    pattern = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    rows = material.rows(f"word {word}", len(material.texts))
    having = tuple(text for text, truth in rows if truth == label and pattern.search(text))[:EACH]
    foreign = tuple(text for text, truth in rows if truth != label and not pattern.search(text))[:EACH]
    lacking = tuple(" ".join(pattern.sub(" ", text).split()) for text in having)
    return Probe(label, word, having, lacking, foreign, tuple(f"{text} {word}" for text in foreign))


def weigh(probe: Probe, answers: Answers) -> DominantWord:
    """How often the answer goes with the word."""
    pairs = zip(probe.having, probe.lacking, strict=True)
    answered = [(a, b) for a, b in pairs if answers[a].label == probe.label]
    others = [
        after
        for before, after in zip(probe.foreign, probe.injected, strict=True)
        if answers[before].label != probe.label
    ]
    return DominantWord(
        label=probe.label,
        word=probe.word,
        rows=len(answered),
        flips=sum(answers[after].label != probe.label for _, after in answered),
        injected=share(sum(answers[after].label == probe.label for after in others), len(others)),
    )
