"""Other columns with a different value in every row: ticket numbers, keys, time stamps.

Why it matters: an identifier says nothing about new rows. A model that is given one learns the training
rows by heart, and where the file is sorted it gives the label away (Kaufman et al. 2012, "Leakage in
Data Mining", ACM TKDD 6(4), tells of a patient identifier that did).
"""

from typing import Final

import polars as pl

from ml_intern.data.table import AuditTable
from ml_intern.data.values import count_words
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import listing

_MIN_ROWS: Final = 20
_MAX_WORDS: Final = 2.0
"""Columns of more words on average are texts, which are all different by nature; a date and time is two."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the part a model learns from. Numbers may begin anew in each file."""
    if table.rows.height < _MIN_ROWS:
        return []
    names = [name for name in table.other_columns if _identifies(table, name)]
    if not names:
        return []
    verb = "holds" if len(names) == 1 else "each hold"
    values = table.rows.with_columns(table.column(names[0]).alias("text"))
    return [
        table.finding(
            "identifier_columns",
            Severity.INFO,
            table.training_part,
            values.filter(pl.col("part") == table.training_part),
            f"{listing(names)} {verb} a different value in every row, as an identifier does: it says nothing "
            "about new rows, and a model that is given it learns rows by heart.",
            "Nothing is done: a classifier here reads only the text.",
        )
    ]


def _identifies(table: AuditTable, name: str) -> bool:
    profile = table.profile(name)
    if profile.missing or profile.distinct < max(map(table.size, table.parts)):
        return False
    values = pl.DataFrame({"part": table.rows["part"], "value": table.column(name)})
    if len(table.parts) > 1 and values.n_unique() < values.height:
        return False
    value = pl.col("value")
    words, fractions = (
        values.head(10_000)
        .select(words=count_words(value).mean(), fractions=value.str.contains(r"^-?\d*\.\d+$").any())
        .row(0)
    )
    return bool(words <= _MAX_WORDS and not fractions)
