"""What the values of a column say about the role it can play."""

from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import polars as pl

from ml_intern.data.concepts import GENERIC_LABELS, NOT_LABELS
from ml_intern.data.load import Tables
from ml_intern.data.values import as_text, count_words, is_missing
from ml_intern.data.words import tokens
from ml_intern.records.data import ColumnProfile

MAX_CLASSES: Final = 300
"""More values are not taken for a label by themselves; known datasets have at most 151 (clinc150)."""

_MAX_LABEL_LENGTH: Final = 60
_MAX_LABEL_WORDS: Final = 6
_MAX_NUMBERS: Final = 20
"""A column of whole numbers with more values is rather a count or a position than a class."""

_MIN_TEXT_WORDS: Final = 2
_MIN_TEXT_DISTINCT: Final = 0.2


@dataclass(frozen=True)
class Evidence:
    """A column's profile and what else decides about its role. `words` is the mean of present values."""

    profile: ColumnProfile
    words: float
    is_string: bool
    whole_numbers: bool
    fractions: bool

    @property
    def name(self) -> str:
        """The column's name."""
        return self.profile.name

    @property
    def _present(self) -> int:
        return self.profile.rows - self.profile.missing

    @property
    def reads_like_text(self) -> bool:
        """A string column of mostly different values of several words."""
        return (
            self.is_string
            and self._present * 2 >= self.profile.rows
            and self.words >= _MIN_TEXT_WORDS
            and self.profile.distinct >= _MIN_TEXT_DISTINCT * self._present
            and (self.profile.mean_length > 10 or self.profile.distinct > MAX_CLASSES)
        )

    @property
    def reads_like_label(self) -> bool:
        """Short values that repeat, at least two and not too many; neither position, date nor measure."""
        name = tokens(self.name)
        if " ".join(name) not in GENERIC_LABELS:
            if set(name[-1:]) & NOT_LABELS or self.fractions:
                return False
            if self.whole_numbers and self.profile.distinct > _MAX_NUMBERS:
                return False
        return (
            self._present * 2 >= self.profile.rows
            and 2 <= self.profile.distinct <= min(MAX_CLASSES, max(2, self._present // 2))
            and self.profile.mean_length <= _MAX_LABEL_LENGTH
            and self.words <= _MAX_LABEL_WORDS
        )


def gather(tables: Tables) -> list[Evidence]:
    """Evidence on every column, over all files; gathered once, however often it is asked for."""
    if tables not in _GATHERED:
        _GATHERED[tables] = [_of(tables, name) for name in tables.columns]
    return _GATHERED[tables]


_GATHERED: Final = WeakKeyDictionary[Tables, list[Evidence]]()


def _of(tables: Tables, name: str) -> Evidence:
    series = [table.frame[name] for table in tables.items]
    dtypes = list(dict.fromkeys(str(one.dtype) for one in series))
    values = pl.DataFrame({"v": pl.concat([as_text(one).rename("v") for one in series])})
    present = values.filter(~is_missing(pl.col("v")))
    lengths, column = pl.col("v").str.len_chars(), pl.col("v")
    found = present.select(
        distinct=column.n_unique(),
        mean=lengths.mean(),
        max=lengths.max(),
        words=count_words(column).mean(),
        whole=column.str.contains(r"^\s*[-+]?\d+\s*$").all(),
        fraction=column.str.contains(r"^\s*[-+]?\d*\.\d+(?:[eE][-+]?\d+)?\s*$").any()
        & column.str.contains(r"^\s*[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?\s*$").all(),
    ).row(0, named=True)
    return Evidence(
        profile=ColumnProfile(
            name=name,
            dtype="/".join(dtypes),
            rows=values.height,
            missing=values.height - present.height,
            distinct=found["distinct"],
            mean_length=found["mean"] or 0.0,
            max_length=found["max"] or 0,
        ),
        words=found["words"] or 0.0,
        is_string=all(one.dtype == pl.String for one in series),
        whole_numbers=bool(present.height and found["whole"]),
        fractions=bool(present.height and found["fraction"]),
    )
