"""Faults that the cases together prove.

Each rule asks for evidence whose 95 % interval lies beyond its limit, so that a few unlucky cases convict
nobody. The limits, a half and four fifths, say "most" and "nearly always"; they were not fitted to models.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from ml_intern.records.stress import CapabilityResult, Conviction, DominantWord
from ml_intern.stress.answers import Answers
from ml_intern.stress.judge import share
from ml_intern.stress.material import Material

MOST: Final = 0.5
NEARLY: Final = 0.8
CERTAIN: Final = 0.9
BINS: Final = 10
UNANSWERABLE: Final = ("empty_input", "gibberish", "one_word", "other_languages", "out_of_scope")
RARE: Final = 9
"""Rows of a class from which never being right means a recall below 0.3 by Wilson's interval."""


def convict(
    material: Material,
    results: Sequence[CapabilityResult],
    found: Sequence[DominantWord],
    answers: Answers,
    certain: Counter[str],
) -> tuple[Conviction, ...]:
    """All faults. `certain` counts, by capability, the cases answered with more than `CERTAIN` confidence."""
    proved = (
        _keyed(found),
        _overconfident(results, certain),
        _blind(material, answers),
        _by_length(material, answers),
    )
    return tuple(each for each in proved if each)


def dominant(word: DominantWord) -> bool:
    """Whether the word decides: texts follow it into the class, and leave the class with it."""
    return word.injected.low > MOST and word.flips >= NEARLY * max(1, word.rows) and word.rows > 0


def _keyed(found: Sequence[DominantWord]) -> Conviction | None:
    guilty = [word for word in found if dominant(word)]
    if not guilty:
        return None
    listed = ", ".join(f"'{word.word}' for {word.label}" for word in guilty[:5])
    more = f" and {len(guilty) - 5} more" if len(guilty) > 5 else ""
    first = guilty[0]
    return Conviction(
        id="keyed_on_one_word",
        message=(
            f"Single words decide: {listed}{more}. With '{first.word}' put behind them, "
            f"{first.injected.value:.0%} of texts of other classes are answered {first.label}; without it, "
            f"{first.flips} of {first.rows} of its own no longer are."
        ),
        action="Add texts that say the same without the word, and texts of other classes that hold it.",
        capabilities=("negation",),
    )


def _overconfident(results: Sequence[CapabilityResult], certain: Counter[str]) -> Conviction | None:
    tried = [each for each in results if each.id in UNANSWERABLE and each.applies]
    cases, hits = sum(each.cases for each in tried), sum(certain[each.id] for each in tried)
    if not cases or share(hits, cases).low <= MOST:
        return None
    return Conviction(
        id="overconfident",
        message=(
            f"{hits} of {cases} texts that belong to no class are answered with more than {CERTAIN:.0%} "
            "confidence: the confidence says nothing about whether the model knows."
        ),
        action="Let it answer UNKNOWN below a threshold; do not act on its confidence alone.",
        capabilities=tuple(each.id for each in tried),
    )


def _blind(material: Material, answers: Answers) -> Conviction | None:
    truths, given = Counter(material.truths), Counter(answers[text].label for text in material.texts)
    blind = [name for name in material.classes if truths[name] >= RARE and not given[name]]
    if not blind:
        return None
    listed = ", ".join(blind[:5]) + (f" and {len(blind) - 5} more" if len(blind) > 5 else "")
    return Conviction(
        id="blind_to_a_class",
        message=(
            f"Never answered: {listed}. Of {len(material.texts)} rows, {sum(truths[b] for b in blind)} are "
            "of these classes."
        ),
        action="See whether training has rows of these classes under these very names, and how many.",
        capabilities=(),
    )


def _by_length(material: Material, answers: Answers) -> Conviction | None:
    """The length of a text foretells the answer, and far better than it foretells the truth."""
    if len(material.texts) < 4 * BINS:
        return None
    lengths = [len(text) for text in material.texts]
    given = [answers[text].label for text in material.texts]
    ours, rows = _foretold(lengths, given)
    true, _ = _foretold(lengths, material.truths)
    most_common = Counter(given).most_common(1)[0][1] / len(given)
    low = share(ours, rows).low
    if low <= max(MOST, share(true, rows).high, most_common):
        return None
    return Conviction(
        id="answers_by_length",
        message=(
            f"The length of a text alone foretells {ours / rows:.0%} of the answers, but only "
            f"{true / rows:.0%} of the true classes: the model answers by length."
        ),
        action="Train on texts whose lengths do not depend on the class, or cut all to one length.",
        capabilities=("irrelevant_suffix", "long_input"),
    )


def _foretold(lengths: Sequence[int], names: Sequence[str]) -> tuple[int, int]:
    """How many names of every second row are the commonest one among rows of like length, and of how many.

    Lengths are divided into tenths; the commonest name is that of the other half of the rows.
    """
    order = sorted(range(len(lengths)), key=lambda i: (lengths[i], i))
    bins = {row: place * BINS // len(order) for place, row in enumerate(order)}
    seen: dict[int, Counter[str]] = {}
    for place, row in enumerate(order):
        if place % 2 == 0:
            seen.setdefault(bins[row], Counter())[names[row]] += 1
    held = order[1::2]
    best = {number: counts.most_common(1)[0][0] for number, counts in seen.items()}
    return sum(names[row] == best.get(bins[row]) for row in held), len(held)
