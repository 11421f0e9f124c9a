"""Whether the first line of a delimited file is a header or a row like the others."""

import polars as pl

from ml_intern.records.display import example

_SENTENCE_WORDS = 6
"""Longer names of columns are rare; forms with whole questions as names end in a question mark."""


def row_as_header(frame: pl.DataFrame, name: str) -> str:
    """Why the names of the columns read like a row, for the user; empty where they do not.

    One such name proves nothing (a column `yes` may hold `yes`), two or all of them do.
    """
    data = {column: why for column in frame.columns if (why := _like_data(column, frame[column]))}
    if not frame.height or len(data) < min(2, frame.width):
        return ""
    column, why = next(iter(data.items()))
    return f"{name} seems to have no header: in its first line, '{example(column)}' {why}."


def _like_data(column: str, values: pl.Series) -> str:
    """Why a column's name looks like one of its values; empty where it does not."""
    known = values.drop_nulls()
    if known.dtype != pl.String or not known.len():
        return ""
    same = (known == column).sum()
    if 1 < same < known.len():
        return f"is also a value of {same:,} rows below it"
    if _number(column) and known.cast(pl.Float64, strict=False).is_not_null().mean() == 1:
        return "is a number, like all that stands below it"
    if len(column.split()) >= _SENTENCE_WORDS and not column.rstrip().endswith(("?", ":")):
        return "is a sentence"
    return ""


def _number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
