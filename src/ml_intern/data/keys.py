"""Keys that are equal for texts which could be near-copies, so that not every pair has to be compared.

* Leave a block of neighbouring words out of a text. Two texts that differ in one such block have the same
  rest, whatever its order: a word mistyped, replaced, dropped or added, two words swapped, a polite opening.
  This is the deletion neighbourhood of spelling correction (Mor & Fraenkel 1982, "A hash code method for
  detecting and correcting spelling errors"; SymSpell), on words instead of letters.
* MinHash bands over four-letter shingles find texts with several scattered edits (Broder 1997, "On the
  resemblance and containment of documents"; bands: Leskovec et al., "Mining of Massive Datasets", ch. 3).

Time and memory grow with the length of all texts together, whatever they hold.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Rows = NDArray[np.int64]

_MOST_LEFT_OUT: Final = 0.45
"""Of a text's letters. A longer block cannot have been dropped from a near-copy, and hardly have been
replaced by one that shares enough letters with it."""

_MOST_WORDS: Final = 64
"""Longer texts get no block keys: with so many words left as they were, MinHash finds them by itself."""

_BANDS: Final = 30
_ROWS: Final = 4
_MANY: Final = 200_000
"""Beyond so many texts a band has a row more: it misses about one near-copy in thirty that the others find,
but texts that only share a few words, whose number grows with the square, no longer meet by chance."""

_CLOSE: Final = 8
"""In larger buckets each text is compared with the first and with its neighbours only."""


@dataclass(frozen=True)
class Words:
    """All words of all texts in a row. The words of text i lie in starts[i]:ends[i].

    `hashes` and `letters` (bytes, one for the gap included) are running sums with a zero in front.
    """

    starts: Rows
    ends: Rows
    hashes: Keys
    letters: Rows

    @classmethod
    def of(cls, texts: pl.Series) -> "Words":
        """Divide each text at its blanks."""
        words = texts.str.split(" ")
        counts = words.list.len().to_numpy().astype(np.int64)
        flat = words.explode()
        ends = np.cumsum(counts)
        hashes = np.cumsum(flat.hash(seed=1).to_numpy(), dtype=np.uint64)  # wraps around, as it should
        letters = np.cumsum(flat.str.len_bytes().to_numpy().astype(np.int64) + 1)
        return cls(ends - counts, ends, np.append(np.uint64(0), hashes), np.append(0, letters))

    @property
    def bags(self) -> Keys:
        """A hash of the words of each text, whatever their order."""
        found: Keys = self.hashes[self.ends] - self.hashes[self.starts]
        return found

    def without(self, length: int) -> tuple[Keys, Rows, Rows]:
        """For each block of `length` words: the hash of its text's other words, the text, its place."""
        counts = self.ends - self.starts
        counts[counts > _MOST_WORDS] = 0
        rows = np.repeat(np.arange(len(counts)), counts)
        place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        at = self.starts[rows] + place
        whole = self.letters[self.ends] - self.letters[self.starts]
        fits = np.flatnonzero(at + length <= self.ends[rows])
        at, rows, place = at[fits], rows[fits], place[fits]
        small = self.letters[at + length] - self.letters[at] <= _MOST_LEFT_OUT * whole[rows]
        at, rows, place = at[small], rows[small], place[small]
        rest: Keys = self.bags[rows] - (self.hashes[at + length] - self.hashes[at])
        return rest, rows, place


def block_keys(texts: pl.Series, most: int) -> tuple[Keys, Rows]:
    """The hash of each text's words without each block of 0 to `most` of them, and the text's position."""
    words = Words.of(texts)
    keys, owners = [words.bags], [np.arange(len(texts))]
    for length in range(1, most + 1):
        rest, rows, _ = words.without(length)
        keys.append(rest)
        owners.append(rows)
    return np.concatenate(keys), np.concatenate(owners)


def outlines(texts: pl.Series) -> pl.Series:
    """Each word's first and last letter, which most misspellings leave alone."""
    return texts.str.replace_all(r"([^ ])[^ ]*([^ ])", "$1$2")


def shared(keys: Keys, owners: Rows) -> tuple[Keys, Rows]:
    """The keys that more than one owner may have, equal ones side by side, and their owners in order."""
    # Most keys stand alone. A table of counts by some of their bits removes nearly all of those unsorted.
    bits = min(27, len(keys).bit_length() + 2)
    short = (keys >> np.uint64(64 - bits)).astype(np.int64)
    several = np.flatnonzero((np.bincount(short, minlength=2**bits) > 1)[short])
    keys, owners = keys[several], owners[several]
    order = np.argsort(keys, kind="stable")
    return keys[order], owners[order]


def candidates(keys: Keys, owners: Rows) -> Keys:
    """Pairs of owners with an equal key, packed into one number each: first << 32 | second."""
    keys, owners = shared(keys, owners)
    if not len(keys):
        return np.empty(0, np.uint64)
    who = owners.astype(np.uint64)
    same = keys[1:] == keys[:-1]
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    first = np.repeat(who[starts], np.diff(np.append(starts, len(who))))
    packed = [_pack(first[1:][same], who[1:][same])]
    for step in range(1, _CLOSE):
        equal = keys[step:] == keys[:-step]
        if not equal.any():
            break
        packed.append(_pack(who[:-step][equal], who[step:][equal]))
    return distinct(np.concatenate(packed))


def distinct(keys: Keys) -> Keys:
    """The different keys in ascending order.

    `np.unique` of NumPy 2.3 and later hashes first, which takes many times as long as sorting here.
    """
    ordered = np.sort(keys)
    found: Keys = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return found


def _pack(one: Keys, other: Keys) -> Keys:
    low, high = np.minimum(one, other), np.maximum(one, other)
    distinct = low != high
    packed: Keys = (low[distinct] << np.uint64(32)) | high[distinct]
    return packed


def bands(texts: pl.Series) -> list[Keys]:
    """A key for each MinHash band and text: shape (bands, texts)."""
    chunk = 4_000
    parts = [texts.slice(start, chunk) for start in range(0, len(texts), chunk)]
    generator = np.random.default_rng(0)
    shape = (_BANDS, _ROWS + (len(texts) > _MANY))
    factors = generator.integers(0, 2**32, shape, dtype=np.uint64).astype(np.uint32) | np.uint32(1)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(partial(_bands_of, factors=factors), parts))
    return list(np.concatenate(done, axis=1))


def _bands_of(texts: pl.Series, factors: NDArray[np.uint32]) -> Keys:
    padded = " " + texts + "   "  # so that even the shortest text has a shingle at each of its letters
    sizes = padded.str.len_bytes().to_numpy().astype(np.int64)
    data = np.frombuffer("".join(padded.to_list()).encode(), np.uint8).astype(np.uint32)
    # Shingles are of bytes; those that reach into the next text start within its padding and are blanks.
    shingles = data[:-3] | data[1:-2] << 8 | data[2:-1] << 16 | data[3:] << 24
    shingles = np.append(shingles, shingles[-1:].repeat(3))
    shingles ^= shingles >> np.uint32(15)
    shingles *= np.uint32(0x2C1B3C6D)
    shingles ^= shingles >> np.uint32(12)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    keys = np.empty((len(factors), len(sizes)), np.uint64)
    for band, row in enumerate(factors):
        key = np.zeros(len(sizes), np.uint64)
        for factor in row:
            hashed = shingles * factor
            hashed ^= hashed >> np.uint32(16)
            least = np.minimum.reduceat(hashed, starts)
            key = (key ^ least) * np.uint64(0x9E3779B97F4A7C15)
            key ^= key >> np.uint64(29)
        keys[band] = key
    return keys
