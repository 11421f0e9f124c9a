"""How a column of any type is read as text."""

import json
from typing import Final

import polars as pl

_WORD: Final = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
    r"|[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)
"""A run without white space; in scripts that put none between words, each letter."""


def as_text(series: pl.Series) -> pl.Series:
    """The values as strings: as written where they are strings, nested values as JSON, NaN as missing."""
    if series.dtype == pl.String:
        return series
    if series.dtype.is_nested():
        texts = [None if value is None else _nested(value) for value in series.to_list()]
        return pl.Series(series.name, texts, dtype=pl.String)
    if series.dtype == pl.Binary:
        texts = [None if value is None else repr(value) for value in series.to_list()]
        return pl.Series(series.name, texts, dtype=pl.String)
    if series.dtype.is_float():
        series = series.fill_nan(None)
    return series.cast(pl.String)


def _nested(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def is_missing(text: pl.Expr) -> pl.Expr:
    """Whether a text is null, empty or only white space; never null itself."""
    return (text.str.strip_chars() == "").fill_null(True)


def count_words(text: pl.Expr) -> pl.Expr:
    """Words in each text."""
    return text.str.count_matches(_WORD)
