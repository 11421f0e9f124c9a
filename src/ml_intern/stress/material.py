"""What cases are made of, and what a capability hands over."""

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ml_intern.records.stress import TestKind

PER_CLASS: Final = 10
LEAST: Final = 300
MOST: Final = 1600
"""Rows that cases are made from: a class that is never right on ten rows has a recall below 0.28."""

TOLERANCE: Final = 0.1
"""What confidence may move the wrong way, as in the directional tests of CheckList (Ribeiro et al. 2020)."""

MOST_ROWS: Final = 60
"""Cases of a capability: a failure rate of a half is known to ±13 points, and of none to 6."""

SPLIT_PAIR: Final = 0.9
"""The most that one of two equally good classes may get: above, the model claims odds of nine to one."""

CATCH_ALL: Final = frozenset(
    "other others misc miscellaneous unknown none oos irrelevant unclear undefined out_of_scope".split()
)
"""Names of classes that take texts of any content, so that no text is out of scope."""

TWO_SIDED: Final = frozenset(
    "no false normal neutral negative positive ham not_spam non_spam general".split()
)
"""Names that do so where there are few classes: every text is neutral or not, but "no" may be an intent."""

FEW_CLASSES: Final = 5


@dataclass(frozen=True)
class Draft:
    """A case before the model has answered.

    `original` is the text that it was made from, empty for none; `truth` the right class of that text. With
    `same_answer` the model must answer as it answers `original`. `labels` are the answers that pass, empty
    for any; `forbidden` does not. An answer with more than `most_confidence` fails, whatever it is. With a
    `direction` of 1 the confidence must not fall by more than `TOLERANCE`, with -1 not rise by more.
    """

    text: str
    original: str = ""
    truth: str | None = None
    same_answer: bool = False
    labels: tuple[str, ...] = ()
    forbidden: str | None = None
    most_confidence: float = 1.0
    direction: int = 0


Drafts = list[Draft]


@dataclass(frozen=True)
class Material:
    """The rows and class names that cases are made from.

    `texts` and `truths` are rows with their classes, all different, `classes` all names that the model can
    answer. `english` says whether the texts read like English, as the sentences here do.
    """

    texts: tuple[str, ...]
    truths: tuple[str, ...]
    classes: tuple[str, ...]
    seed: int = 0
    english: bool = True

    @classmethod
    def of(
        cls, texts: Sequence[str], truths: Sequence[str], classes: Sequence[str], seed: int = 0
    ) -> "Material":
        """Up to `PER_CLASS` rows of each class, `MOST` in all, chosen by `seed`; no text of two classes."""
        pairs = list(dict.fromkeys((t, c) for t, c in zip(texts, truths, strict=True) if t.strip()))
        meanings = Counter(text for text, _ in pairs)
        pairs = [pair for pair in pairs if meanings[pair[0]] == 1]
        random.Random(seed).shuffle(pairs)
        per_class = max(PER_CLASS, LEAST // max(1, len(classes)))
        taken: Counter[str] = Counter()
        kept = []
        for pair in pairs:
            taken[pair[1]] += 1
            if taken[pair[1]] <= per_class:
                kept.append(pair)
        kept = kept[:MOST]
        return cls(
            tuple(text for text, _ in kept),
            tuple(truth for _, truth in kept),
            tuple(classes),
            seed,
            reads_english([text for text, _ in kept]),
        )

    def chance(self, name: str) -> random.Random:
        """A generator that depends on the seed and on who asks alone."""
        return random.Random(f"{self.seed} {name}")

    def rows(self, name: str, most: int = MOST_ROWS) -> list[tuple[str, str]]:
        """A seeded sample of rows (text, class) in random order."""
        pairs = list(zip(self.texts, self.truths, strict=True))
        return self.chance(name).sample(pairs, min(most, len(pairs)))

    @property
    def unanswerable(self) -> float:
        """The most confidence that a text of no class may get: half of the way from chance to certainty."""
        return (1 + 1 / max(1, len(self.classes))) / 2

    @cached_property
    def spoken(self) -> dict[str, str]:
        """The classes whose names say in words what they mean, each with those words."""
        found = {name: spoken(name) for name in self.classes}
        return {name: words for name, words in found.items() if re.search(r"[^\W\d_]{3}", words)}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words of rows and class names that stand in few rows: those that carry meaning."""
        counts: dict[str, int] = {}
        for text in self.texts:
            for word in set(words(text)):
                counts[word] = counts.get(word, 0) + 1
        most = max(3, len(self.texts) // 10)
        named = {word for each in self.spoken.values() for word in words(each)}
        return frozenset(word for word, count in counts.items() if count <= most and len(word) > 3) | named

    @cached_property
    def closed(self) -> str:
        """Why no text can be out of scope; empty where one can."""
        if len(self.classes) < 3:
            return "With two classes, one is usually all that the other is not, so every text has a class."
        taking = CATCH_ALL | TWO_SIDED if len(self.classes) <= FEW_CLASSES else CATCH_ALL
        for name in self.classes:
            if spoken(name).replace(" ", "_") in taking:
                return f"The class '{name}' takes texts of any content, so every text has a class."
        return ""


NOT_ENGLISH: Final = "The texts do not read like English, and what this tries is English."
NO_ROWS: Final = "There are no rows to make cases from; name some with --data."
NOTHING_FITS: Final = "No row has anything of the kind that this changes."
NO_NAMES: Final = "The names of the classes do not say in words what they mean."


@dataclass(frozen=True)
class Capability:
    """One thing that a classifier should be able to do; `make` gives its cases or says why there are none."""

    id: str
    title: str
    kind: TestKind
    expectation: str
    make: Callable[[Material], Drafts | str]


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.lower())


def spoken(name: str) -> str:
    """A class name as people say it: `track_order`, `TrackOrder` and `track-order` are "track order"."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.sub(r"[\W_]+", " ", parted).lower().split())


_ENGLISH: Final = frozenset(
    "the a an i you my your is are was do does did to of for in on it this that and or not with what how can "
    "have has be me we please when why where from by at as if will would could should there they".split()
)
_ENGLISH_SHARE: Final = 0.15
"""Function words make up about half of running English and, by chance, few words of other languages."""


def reads_english(texts: Sequence[str]) -> bool:
    """Whether enough of the words are English function words."""
    found = [word for text in texts[:200] for word in words(text)]
    return not found or sum(word in _ENGLISH for word in found) >= _ENGLISH_SHARE * len(found)


def changed(
    material: Material, name: str, change: Callable[[str, random.Random], str], english: bool = True
) -> Drafts | str:
    """Invariance cases: rows changed by `change`, those that it leaves as they are left out."""
    if not material.texts:
        return NO_ROWS
    if english and not material.english:
        return NOT_ENGLISH
    chance, drafts = material.chance(name), []
    for text, truth in material.rows(name, len(material.texts)):
        after = change(text, chance)
        if after != text:
            drafts.append(Draft(after, text, truth, same_answer=True))
        if len(drafts) == MOST_ROWS:
            break
    return drafts or NOTHING_FITS


def framed(material: Material, name: str, frames: Sequence[str], english: bool = True) -> Drafts | str:
    """Invariance cases: rows put into one of `frames`, in which `{}` stands for the row."""
    return changed(material, name, lambda text, chance: chance.choice(frames).replace("{}", text), english)


def unanswerable(material: Material, texts: Sequence[str]) -> Drafts:
    """Cases that no class answers, so that none may get much confidence."""
    return [Draft(text, most_confidence=material.unanswerable) for text in dict.fromkeys(texts)]
