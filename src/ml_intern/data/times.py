"""Columns that say when a row was written."""

from typing import Final

import polars as pl

from ml_intern.data.words import tokens

_NAMES: Final = frozenset("date time timestamp created updated posted sent received day datetime at".split())
_ISO: Final = r"^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2}))?"
_EPOCH: Final = (1e9, 4e9)
"""Seconds since 1970 for 2001 to 2096; thousand times as much in milliseconds."""

MIN_READ: Final = 0.9
MIN_DISTINCT: Final = 5


def times(name: str, values: pl.Series) -> pl.Series | None:
    """The values as datetimes (null where missing), or None where the column does not hold times.

    Read are years first (`2024-03-01`, with or without a time; a zone is ignored) and, where the
    column's name says so, seconds or milliseconds since 1970. Day-first and month-first dates cannot be
    told apart and are not read.
    """
    named = bool(set(tokens(name)) & _NAMES)
    present = values.drop_nulls()
    # A glance at a hundred values tells most other columns.
    if not named and not present.gather_every(max(1, len(present) // 100)).str.contains(_ISO).any():
        return None
    found = _read_iso(values)
    if found.count() < MIN_READ * max(1, values.count()) and named:
        found = _read_epoch(values)
    read = found.count()
    if 2 * read < len(values) or read < MIN_READ * values.count() or found.n_unique() < MIN_DISTINCT:
        return None
    return found


def _read_iso(values: pl.Series) -> pl.Series:
    field = [pl.col("v").str.extract(_ISO, i).cast(pl.Int32, strict=False) for i in range(1, 6)]
    year, month, day, hour, minute = field
    text = pl.format(
        "{}-{}-{} {}:{}",
        year,
        month.cast(pl.String).str.zfill(2),
        day.cast(pl.String).str.zfill(2),
        hour.fill_null(0).cast(pl.String).str.zfill(2),
        minute.fill_null(0).cast(pl.String).str.zfill(2),
    )
    parsed = text.str.to_datetime("%Y-%m-%d %H:%M", strict=False)
    return pl.DataFrame({"v": values}).select(parsed.alias("t")).to_series()


def _read_epoch(values: pl.Series) -> pl.Series:
    number = values.cast(pl.Float64, strict=False)
    frame = pl.DataFrame({"n": number})
    seconds = pl.when(pl.col("n") > _EPOCH[1]).then(pl.col("n") / 1000).otherwise(pl.col("n"))
    within = pl.when(seconds.is_between(*_EPOCH)).then(seconds * 1e6).cast(pl.Int64)
    return frame.select(within.cast(pl.Datetime("us")).alias("t")).to_series()
