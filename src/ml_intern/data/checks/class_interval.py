"""Classes with too few test rows to measure how well they are recognised.

Why it matters: a class's recall is a share of its test rows, and its 95 % Wilson interval (Wilson 1927)
depends on their number alone: 5 rows allow ± 0.33, 12 rows ± 0.25, 100 rows ± 0.10 where half are right.
Two models that differ by less cannot be told apart on that class, and macro F1 inherits the noise (Card et
al. 2020, "With Little Power Comes Great Responsibility", EMNLP).
"""

from typing import Final

import polars as pl

from ml_intern.data.shares import wilson
from ml_intern.data.table import TEST, VALIDATION, AuditTable
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

WIDEST: Final = 0.25
"""Half the width of an interval that says "between 25 % and 75 %": no statement at all."""

_LISTED: Final = 8


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the rows of the part that will be tested on, the rarest classes first."""
    part = next((part for part in (TEST, VALIDATION) if part in table.parts), None)
    if part is None:
        return []
    rows = table.usable.filter(pl.col("part") == part)
    counts = rows.group_by("label").len("count").sort("count", "label")
    vague = [(name, count) for name, count in counts.rows() if half_width(count) > WIDEST]
    if not vague:
        return []
    hits = rows.join(counts, on="label").filter(pl.col("label").is_in([name for name, _ in vague]))
    listed = [f"'{example(name)}' ({count}: ± {half_width(count):.2f})" for name, count in vague[:_LISTED]]
    more = f" and {len(vague) - _LISTED} more" if len(vague) > _LISTED else ""
    has = "1 class has" if len(vague) == 1 else f"{len(vague):,} of {counts.height:,} classes have"
    return [
        table.finding(
            "class_interval",
            Severity.LOW if len(vague) > 0.2 * counts.height else Severity.INFO,
            part,
            hits.sort("count", "label", "row"),
            f"{has} too few {part} rows for a score of their own: {', '.join(listed)}{more}; in brackets "
            "the rows and the 95 % interval of a recall of one half.",
            "They are kept, and scores are given with intervals. Do not compare models on these classes; "
            "collect more test rows for those that matter.",
        )
    ]


def half_width(rows: int) -> float:
    """Of the Wilson interval of a share of one half, where it is widest."""
    low, high = wilson(rows / 2, rows)
    return float(high - low) / 2
