"""Other columns that look like classes spread over several yes-or-no columns.

Why it matters: they may be the label in another form, which must not become an input, or show that a
row can have several labels where one is asked for.
"""

from typing import Final

import polars as pl

from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import listing

_YES: Final = ("1", "1.0", "true", "yes", "y", "t")
_NO: Final = ("0", "0.0", "false", "no", "n", "f")
_ONE_EACH: Final = 0.95
"""From this share of rows with exactly one yes, the columns are one label spread out."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the part a model learns from."""
    few = (name for name in table.other_columns if 2 <= table.profile(name).distinct <= len(_YES + _NO))
    flags = {name: flag for name in few if (flag := _as_flag(table.column(name))) is not None}
    if len(flags) < 2:
        return []
    marked = table.rows.with_columns(pl.sum_horizontal(flags.values()).alias("yes"))
    rows = marked.filter(pl.col("part") == table.training_part)
    if not rows.height:
        return []
    one = rows.select((pl.col("yes") == 1).mean()).item()
    names = {name.casefold() for name in flags}
    labels = {str(label).casefold() for label in table.usable["label"].unique().to_list()}
    if one < _ONE_EACH and not names & labels:
        return []
    several = rows.filter(pl.col("yes") > 1)
    told = "exactly one of them is yes in nearly every row, so they are one label spread out"
    if several.height and one < _ONE_EACH:
        told = (
            f"named like labels, with more than one yes in {several.height:,} rows, which thus have several"
        )
    return [
        table.finding(
            "one_hot_columns",
            Severity.INFO if one >= _ONE_EACH or not several.height else Severity.LOW,
            table.training_part,
            several if several.height and one < _ONE_EACH else rows.filter(pl.col("yes") == 1),
            f"{listing(list(flags))} hold only yes or no: {told}. They may give the label away.",
            "Nothing is done: a classifier here reads only the text and learns one label for each row.",
        )
    ]


def _as_flag(values: pl.Series) -> pl.Series | None:
    """1 for yes, 0 for no; None where the column holds anything else or only one of the two."""
    found = {str(value).casefold() for value in values.drop_nulls().unique().head(5).to_list()}
    if not (found & set(_YES) and found & set(_NO)) or found - set(_YES) - set(_NO):
        return None
    return values.str.to_lowercase().is_in(_YES).fill_null(False).cast(pl.Int32)
