"""What checks share that judge each row by itself: the rows with a trait, and which traits they have."""

from collections.abc import Iterator, Mapping

import polars as pl

from ml_intern.data.table import AuditTable
from ml_intern.records.data import Severity

Kinds = Mapping[str, str]
"""The name of each trait, as a message gives it, with the regular expression that finds it in a text."""


def hits(table: AuditTable, condition: pl.Expr) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of `table.rows` that meet a condition, by part; parts without any are left out."""
    return by_part(table, table.rows.filter(condition))


def by_part(table: AuditTable, rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Rows of several parts, part by part in file order; parts without any are left out."""
    for part in table.parts:
        mine = rows.filter(pl.col("part") == part)
        if mine.height:
            yield part, mine


def with_kinds(rows: pl.DataFrame, kinds: Kinds) -> pl.DataFrame:
    """The rows whose text has any of the traits, with one Boolean column for each trait."""
    # One expression for each, as the regex engine loses its speed on one that holds them all.
    flags = [
        pl.col("text").str.contains(pattern).fill_null(False).alias(kind) for kind, pattern in kinds.items()
    ]
    return rows.with_columns(flags).filter(pl.any_horizontal(list(kinds)))


def tally(rows: pl.DataFrame, kinds: Kinds) -> str:
    """How many rows have each trait, most frequent first: "HTML tags in 12, entities in 3"."""
    counts = {kind: int(rows[kind].sum()) for kind in kinds}
    order = sorted((kind for kind in kinds if counts[kind]), key=lambda kind: -counts[kind])
    return ", ".join(f"{kind} in {counts[kind]:,}" for kind in order)


def graded(share: float, medium: float, high: float = 2.0) -> Severity:
    """Low, or medium from one share of rows and high from another; by default never high."""
    if share >= high:
        return Severity.HIGH
    return Severity.MEDIUM if share >= medium else Severity.LOW
