"""What plots show of a dataset: how long its texts are, and which texts its parts share."""

from itertools import combinations
from typing import Final

import polars as pl

from ml_intern.data.table import AuditTable
from ml_intern.records.data import LengthBin, LongTexts, Overlap, TextLengths

MOST_BINS: Final = 20
ROUND: Final = (1, 2, 5)
"""The width of a bin is one of these times a power of ten."""
SHOWN_SHARE: Final = 0.99
"""The longest hundredth of the texts shares the last bin, or one pasted log would flatten all others."""

SEQUENCE_LENGTHS: Final = (32, 64, 128, 256, 512)
WORDS_PER_TOKEN: Final = 0.75
"""An estimate for English prose: "100 tokens ~= 75 words" (OpenAI, "What are tokens and how to count
them?"). Other languages and ids take more tokens a word, so there more texts are cut."""


def text_lengths(words: pl.Series) -> TextLengths | None:
    """How the lengths spread, from the number of words in each text; None where there is no text."""
    if not words.len():
        return None
    longest = int(words.max())  # type: ignore[arg-type]  # a number, as there is at least one
    return TextLengths(
        bins=_bins(words, longest),
        longest=longest,
        longer=tuple(_longer(words, tokens) for tokens in SEQUENCE_LENGTHS),
    )


def _bins(words: pl.Series, longest: int) -> tuple[LengthBin, ...]:
    """Bins of one round width, each from just above one multiple of it to the next."""
    shown = max(1, int(words.quantile(SHOWN_SHARE, "higher") or 0))
    width = _width(shown)
    closed = -(-shown // width)
    counts: dict[int, int] = dict(((words - 1).clip(0) // width).clip(0, closed).value_counts().rows())
    bins = [LengthBin(low=width * i + 1, high=width * (i + 1), rows=counts.get(i, 0)) for i in range(closed)]
    if longest > closed * width:
        bins.append(LengthBin(low=closed * width + 1, high=None, rows=counts.get(closed, 0)))
    return tuple(bins)


def _width(shown: int) -> int:
    """The least round width with which `MOST_BINS` bins reach `shown`."""
    power = 1
    while True:
        for step in ROUND:
            if step * power * MOST_BINS >= shown:
                return step * power
        power *= 10


def _longer(words: pl.Series, tokens: int) -> LongTexts:
    limit = int(tokens * WORDS_PER_TOKEN)
    return LongTexts(tokens=tokens, words=limit, rows=int((words > limit).sum()))


def overlaps(table: AuditTable) -> tuple[Overlap, ...]:
    """The texts that a part shares with each part before it, the last part first: test with train."""
    found = {part: table.part(part).drop_nulls("text") for part in table.parts}
    return tuple(
        Overlap(
            part=part,
            other=other,
            rows=_shared(found[part], found[other], "normal"),
            exact=_shared(found[part], found[other], "text"),
        )
        for other, part in sorted(combinations(table.parts, 2), key=lambda pair: -table.parts.index(pair[1]))
    )


def _shared(rows: pl.DataFrame, others: pl.DataFrame, column: str) -> int:
    return rows.join(others, on=column, how="semi").height
