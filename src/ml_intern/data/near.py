"""Near-copies: pairs of different texts that say the same but for an edit or two.

Comparing every text with every other is quadratic, so pairs that could be near-copies are found by equal keys,
and only those are compared:

* Leave a block of up to `BLOCK` neighbouring words out of a text. Two texts that differ in one such block have
  the same rest, whatever its order: a word mistyped, replaced, dropped or added, two words swapped, a polite
  opening or ending. This is the deletion neighbourhood of spelling correction (Mor & Fraenkel 1982, "A hash code
  method for detecting and correcting spelling errors"; SymSpell), on words instead of letters.
* MinHash bands over four-letter shingles find texts with several scattered edits (Broder 1997, "On the
  resemblance and containment of documents"; banding as in Leskovec et al., "Mining of Massive Datasets", ch. 3).

What counts is decided by `similarity` alone, never by a key.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

SIMILAR: Final = 0.85
"""Least similarity of near-copies."""

MIN_LETTERS: Final = 12
"""Shorter texts differ in what they mean as soon as they differ at all."""

BLOCK: Final = 3
_MOST_LEFT_OUT: Final = 0.45
"""Of a text's letters. A longer block cannot have been dropped, 2 (n - k) / (2 n - k) < SIMILAR for k > 0.26 n, and
hardly have been replaced by one that shares enough letters with it."""

_BANDS: Final = 20
_ROWS: Final = 5
_CLOSE: Final = 8
"""In larger buckets each text is compared with the first and with its neighbours only."""

Pairs = NDArray[np.int64]
Keys = NDArray[np.uint64]


def near_pairs(texts: pl.Series) -> Pairs:
    """Pairs of near-copies among different, masked texts, as positions (first, second), shape (pairs, 2).

    The first stands before the second; pairs are sorted and distinct. In a bucket of many texts not every pair
    is compared, so a text may lack some of its near-copies, hardly ever all of them.
    """
    long = np.flatnonzero((texts.str.len_chars() >= MIN_LETTERS).fill_null(False).to_numpy())
    if len(long) < 2:
        return np.empty((0, 2), np.int64)
    chosen = texts.gather(long)
    found = [_candidates(*_block_keys(chosen, BLOCK)), _candidates(*_block_keys(_outlines(chosen), 1))]
    found += [_candidates(keys, np.arange(len(chosen))) for keys in _bands(chosen)]
    pairs = np.unique(np.concatenate(found))
    both = np.stack([pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)], axis=1).astype(np.int64)
    return long[both[similarity(chosen, both) >= SIMILAR]]


def similarity(texts: pl.Series, pairs: Pairs) -> NDArray[np.float32]:
    """How alike the texts of each pair are, from 0 to 1: the normalised indel similarity (rapidfuzz: `ratio`).

    That is 2 · LCS / (length of both), where LCS is the length of the longest common subsequence of letters.
    Texts of the same words in another order are as alike as can be.
    """
    from rapidfuzz.fuzz import ratio
    from rapidfuzz.process import cpdist

    result = np.empty(len(pairs), np.float32)
    lengths, bags = texts.str.len_chars().to_numpy().astype(np.int64), _Words.of(texts).bags
    for start in range(0, len(pairs), 1_000_000):
        one, other = pairs[start : start + 1_000_000].T
        # Letters that one text has in excess are surely not common.
        most = 1 - np.abs(lengths[one] - lengths[other]) / (lengths[one] + lengths[other])
        same = bags[one] == bags[other]
        open_pairs = np.flatnonzero(~same & (most >= SIMILAR))
        left, right = (texts.gather(each[open_pairs]).to_list() for each in (one, other))
        found = np.where(same, 1, 0).astype(np.float32)
        found[open_pairs] = cpdist(left, right, scorer=ratio, workers=-1, dtype=np.float32) / 100
        result[start : start + len(one)] = found
    return result


@dataclass(frozen=True)
class _Words:
    """All words of all texts in a row. The words of text i lie in starts[i]:ends[i].

    `hashes` and `letters` (bytes, one for the gap included) are running sums with a zero in front.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    hashes: Keys
    letters: NDArray[np.int64]

    @classmethod
    def of(cls, texts: pl.Series) -> "_Words":
        words = texts.str.split(" ")
        counts = words.list.len().to_numpy().astype(np.int64)
        flat = words.explode(empty_as_null=True)
        ends = np.cumsum(counts)
        hashes = np.cumsum(flat.hash(seed=1).to_numpy(), dtype=np.uint64)  # wraps around, as it should
        letters = np.cumsum(flat.str.len_bytes().to_numpy().astype(np.int64) + 1)
        return cls(ends - counts, ends, np.append(np.uint64(0), hashes), np.append(0, letters))

    @property
    def bags(self) -> Keys:
        """A hash of the words of each text, whatever their order."""
        return self.hashes[self.ends] - self.hashes[self.starts]


def _outlines(texts: pl.Series) -> pl.Series:
    """Each word's first and last letter, which most misspellings leave alone."""
    return texts.str.replace_all(r"([^ ])[^ ]*([^ ])", "$1$2")


def _block_keys(texts: pl.Series, most: int) -> tuple[Keys, NDArray[np.int64]]:
    """The hash of each text's words without each block of 0 to `most` of them, and the text's position."""
    words, texts_at = _Words.of(texts), np.arange(len(texts))
    rows = np.repeat(texts_at, words.ends - words.starts)
    bags, size = words.bags, words.letters[words.ends] - words.letters[words.starts]
    keys, owners = [bags], [texts_at]
    position = np.arange(len(rows))
    for length in range(1, most + 1):
        at = position[position + length <= words.ends[rows]]
        block = words.letters[at + length] - words.letters[at]
        at = at[block <= _MOST_LEFT_OUT * size[rows[at]]]
        keys.append(bags[rows[at]] - (words.hashes[at + length] - words.hashes[at]))
        owners.append(rows[at])
    return np.concatenate(keys), np.concatenate(owners)


def _candidates(keys: Keys, owners: NDArray[np.int64]) -> Keys:
    """Pairs of owners with an equal key, packed into one number each: first << 32 | second."""
    # Most keys stand alone. A table of counts by some of their bits removes nearly all of those unsorted.
    bits = min(27, len(keys).bit_length() + 2)
    short = (keys >> np.uint64(64 - bits)).astype(np.int64)
    several = np.flatnonzero((np.bincount(short, minlength=2**bits) > 1)[short])
    keys, owners = keys[several], owners[several]
    if not len(keys):
        return np.empty(0, np.uint64)
    order = np.argsort(keys, kind="stable")
    sorted_keys, who = keys[order], owners[order].astype(np.uint64)
    same = sorted_keys[1:] == sorted_keys[:-1]
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    first = np.repeat(who[starts], np.diff(np.append(starts, len(who))))
    packed = [_pack(first[1:][same], who[1:][same])]
    for step in range(1, _CLOSE):
        equal = sorted_keys[step:] == sorted_keys[:-step]
        if not equal.any():
            break
        packed.append(_pack(who[:-step][equal], who[step:][equal]))
    return np.unique(np.concatenate(packed))


def _pack(one: Keys, other: Keys) -> Keys:
    low, high = np.minimum(one, other), np.maximum(one, other)
    distinct = low != high
    return (low[distinct] << np.uint64(32)) | high[distinct]


def _bands(texts: pl.Series) -> list[Keys]:
    """A key for each MinHash band and text: shape (bands, texts)."""
    chunk = 20_000
    parts = [texts.slice(start, chunk) for start in range(0, len(texts), chunk)]
    generator = np.random.default_rng(0)
    factors = generator.integers(0, 2**32, (_BANDS, _ROWS), dtype=np.uint64).astype(np.uint32) | np.uint32(1)
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
