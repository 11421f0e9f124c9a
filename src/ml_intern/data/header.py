"""Whether the first line of a delimited file is a header or a row like the others."""

import polars as pl

from ml_intern.data.masking import specimen

_SENTENCE_WORDS = 6
"""Longer names of columns are rare; forms with whole questions as names end in a question mark."""


def row_as_header(frame: pl.DataFrame, name: str) -> str:
    """Why the names of the columns read like a row, for the user; empty where they do not.

    One such name proves nothing (a column `yes` may hold `yes`), two or all of them do.
    """
    if not frame.height:
        return ""
    same = frame.select((pl.col(column) == pl.lit(column)).sum() for column in frame.columns).row(0)
    missing = frame.null_count().row(0)
    found = 0
    first = ""
    for column, hits, holes in zip(frame.columns, same, missing, strict=True):
        if why := _like_data(column, frame[column], hits, frame.height - holes):
            found += 1
            first = first or f"'{specimen(column)}' {why}"
        if found >= min(2, frame.width):
            return f"{name} seems to have no header: in its first line, {first}."
    return ""


def _like_data(column: str, values: pl.Series, same: int, known: int) -> str:
    """Why a column's name looks like one of its values; empty where it does not."""
    if not known:
        return ""
    if 1 < same < known:
        return f"is also a value of {same:,} rows below it"
    if _number(column) and values.cast(pl.Float64, strict=False).count() == known:
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
