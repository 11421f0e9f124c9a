"""Other columns that foretell the label without any text: an author, the prefix of an id, a source, a number.

Why it matters: such a column says how the data was put together. Used as an input it is a leak; not used, it
still shows where the classes come from, and what marks it may mark the texts, too (Kaufman et al. 2012,
"Leakage in Data Mining", ACM TKDD 6(4); Geirhos et al. 2020, "Shortcut Learning in Deep Neural Networks",
arXiv:2004.07780).

Each column is tried as it is, by its prefix before the first digit, and as a number in bins, each
answered with the most frequent label among the other folds' rows.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.data.foretell import places, quantile_bins, skill
from ml_intern.data.masking import specimen
from ml_intern.data.model import sample
from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import example

MIN_SKILL: Final = 0.3
DETERMINED: Final = 0.9
MIN_ROWS: Final = 40
MOST_VALUES: Final = 0.2
"""Of the rows: a column with more values names rows rather than kinds of rows."""

MOST_COLUMNS: Final = 500
"""The first so many are tried: of thousands, some would foretell the label of a few rows by chance."""

_PREFIX: Final = r"^\s*([^\d\s]{1,20})"
_LISTED: Final = 5


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the training part; its rows are those that have a value in the worst column."""
    if not table.other_columns:
        return []
    tried_columns = table.other_columns[:MOST_COLUMNS]
    columns = [table.column(name).alias(f"column {i}") for i, name in enumerate(tried_columns)]
    rows = table.rows.with_columns(columns).drop_nulls(("text", "label"))
    used = sample(rows.filter(pl.col("part") == table.training_part), 0)
    if used.height < MIN_ROWS or used["label"].n_unique() < 2:
        return []
    y = places(used["label"]) - 1
    found = []
    for i, name in enumerate(tried_columns):
        views = _views(used[f"column {i}"])
        tried = [(skill(bins, y), view) for view, bins in views.items()]
        best = max(tried, key=lambda each: each[0], default=(0.0, ""))  # of equals, the plainest
        if best[0] >= MIN_SKILL:
            found.append((best[0], best[1], name, f"column {i}"))
    found.sort(key=lambda item: (-item[0], item[2]))
    return [_finding(table, found, used)] if found else []


def _views(values: pl.Series) -> dict[str, NDArray[np.intp]]:
    """The ways to read a column that leave few enough values."""
    views = {"": values, " by its prefix": values.str.extract(_PREFIX)}
    most = MOST_VALUES * len(values)
    found = {view: places(read) for view, read in views.items() if 2 <= read.n_unique() <= most}
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.is_finite().sum() * 10 >= 9 * values.count() > 0:
        read = numbers.fill_null(-1e300).fill_nan(-1e300).to_numpy()
        found[" as a number"] = quantile_bins(np.nan_to_num(read))
    return found


def _finding(table: AuditTable, found: list[tuple[float, str, str, str]], used: pl.DataFrame) -> Finding:
    named = [f"'{example(name)}'{view} ({share:.0%})" for share, view, name, _ in found[:_LISTED]]
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    worst = found[0]
    hits = used.filter(pl.col(worst[3]).is_not_null())
    shown = [
        f"{specimen(value, 40)} → '{example(label, 40)}'"
        for value, label in hits.select(worst[3], "label").unique(maintain_order=True).head(5).rows()
    ]
    hits = hits.with_columns(
        pl.Series("text", [*shown, *[None] * hits.height][: hits.height], dtype=pl.String)
    )
    read = "" if used.height == table.size(table.training_part) else f" Judged on {used.height:,} rows."
    if len(table.other_columns) > MOST_COLUMNS:
        read += f" Only the first {MOST_COLUMNS} other columns were tried."
    return table.finding(
        "shortcut_columns",
        Severity.LOW if worst[0] >= DETERMINED else Severity.INFO,
        table.training_part,
        hits,
        f"Without any text, the label can be foretold from {', '.join(named)}{more}; in brackets, how far "
        "they go from always answering with the largest class to being always right. A model that reads such "
        f"a column beside the text would learn it instead of the text.{read}",
        "Only the text is read, so this is no leak here. Do not add these columns as inputs unless they are "
        "known before the label is, and make sure that they are not copied into the text.",
    )
