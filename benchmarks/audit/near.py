"""Near copies by plain comparison, independent of how the audit looks for them.

Two texts are near copies here where, once digits, case and punctuation are masked,
- they have the same words in any order, or
- they are the same once one word of either, or of both, is left out (a text of fewer than `WORDS` words
  stays whole), or
- the Jaccard similarity of their sets of character 3-grams is at least `JACCARD`.

All pairs are compared, no sample and no hashing trick: it is slow and exact.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist
from sklearn.feature_extraction.text import CountVectorizer

from ml_intern.data.courtesy import bare
from ml_intern.data.near import COMPARED, MIN_LETTERS, SIMILAR

Pairs = Iterator[tuple[int, int]]

WORDS: Final = 5
JACCARD: Final = 0.6
_BLOCK: Final = 500


def near_copies(texts: Sequence[str], pairs: Callable[[Sequence[str]], Pairs] | None = None) -> set[int]:
    """The places of texts to leave out, so that no two of those kept are near copies; the first is kept."""
    earlier: dict[int, set[int]] = defaultdict(set)
    for first, later in (pairs or near_pairs)(texts):
        earlier[later].add(first)
    left_out: set[int] = set()
    for later in sorted(earlier):
        if not earlier[later] <= left_out:
            left_out.add(later)
    return left_out


def alike_pairs(texts: Sequence[str]) -> Pairs:
    """Places of all pairs that are near copies by the audit's own measures; every pair is compared."""
    polite: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(bare(pl.Series(texts, dtype=pl.String))):
        polite[text if len(text) >= MIN_LETTERS else f"{place}"].append(place)
    yield from _pairs(polite)
    cut = [text[:COMPARED] for text in texts]
    for start in range(0, len(cut), _BLOCK):
        rows = cut[start : start + _BLOCK]
        alike = cdist(rows, cut[: start + _BLOCK], scorer=ratio, score_cutoff=100 * SIMILAR, workers=-1)
        for row, first in np.argwhere(alike >= 100 * SIMILAR).tolist():
            if first < start + row and min(len(cut[first]), len(rows[row])) >= MIN_LETTERS:
                yield first, start + row


def near_pairs(texts: Sequence[str]) -> Pairs:
    """Places (first, later) of all pairs; one that is near in several ways comes several times."""
    yield from _same_words(texts)
    yield from _one_word(texts)
    yield from _similar(texts)


def _pairs(groups: dict[str, list[int]]) -> Pairs:
    for places in groups.values():
        if len(places) > 1:
            yield from combinations(sorted(set(places)), 2)


def _same_words(texts: Sequence[str]) -> Pairs:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        groups[" ".join(sorted(text.split()))].append(place)
    return _pairs(groups)


def _one_word(texts: Sequence[str]) -> Pairs:
    """Texts without one word each, at the same place or another, that are then the same."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        words = text.split()
        if len(words) >= WORDS - 1:
            groups[text].append(place)
        if len(words) >= WORDS:
            for i in range(len(words)):
                groups[" ".join((*words[:i], *words[i + 1 :]))].append(place)
    return _pairs(groups)


def _similar(texts: Sequence[str]) -> Pairs:
    grams = CountVectorizer(analyzer="char_wb", ngram_range=(3, 3), binary=True, dtype=np.int32)
    counts = grams.fit_transform(texts)
    sizes = np.asarray(counts.sum(axis=1)).ravel()
    for start in range(0, len(texts), _BLOCK):
        rows = slice(start, start + _BLOCK)
        shared = (counts[rows] @ counts[: start + _BLOCK].T).tocoo()
        union = sizes[rows][shared.row] + sizes[shared.col] - shared.data
        close = (shared.data >= JACCARD * union) & (shared.col < shared.row + start)
        yield from zip(shared.col[close].tolist(), (shared.row[close] + start).tolist(), strict=True)
