"""Other columns that hold one value, or none, in every row.

Why it matters: nothing can be learned from a value that never changes, and nothing about it can be told
from this data. Profilers warn of them as "constant" (ydata-profiling's alerts).
"""

import polars as pl

from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnProfile, Finding, Severity
from ml_intern.records.display import listing

_MIN_ROWS = 10
"""In fewer rows, one value may be chance."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the part a model learns from."""
    if table.rows.height < _MIN_ROWS:
        return []
    constant = [name for name in table.other_columns if _is_constant(table.profile(name))]
    if not constant:
        return []
    values = table.rows.with_columns(table.column(constant[0]).alias("text"))
    verb = "holds" if len(constant) == 1 else "each hold"
    return [
        table.finding(
            "constant_columns",
            Severity.INFO,
            table.training_part,
            values.filter(pl.col("part") == table.training_part),
            f"{listing(constant)} {verb} the same value, or none, in every row: nothing can be "
            "learned from it.",
            "Nothing is done: a classifier here reads only the text. Leave the columns out of new data.",
        )
    ]


def _is_constant(profile: ColumnProfile) -> bool:
    return profile.distinct + (profile.missing > 0) == 1
