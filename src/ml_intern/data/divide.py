"""Which rows become train, validation and test."""

from typing import Final

import polars as pl

from ml_intern.data.assign import assign
from ml_intern.data.groups import make_groups, told
from ml_intern.data.load import WHOLE
from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable

HELD_OUT: Final = 0.1
"""Share of rows for each held-out part that is made here."""


def divide(table: AuditTable, seed: int) -> tuple[pl.DataFrame, str]:
    """The usable rows with their `split`, and how they came by it."""
    parts = set(table.parts)
    names = {WHOLE: TRAIN}
    missing: tuple[str, ...] = tuple(part for part in (TEST, VALIDATION) if part not in parts)
    how = "The official train, validation and test splits are kept."
    if parts == {TRAIN, TEST}:
        how = "The official train and test splits are kept; {share} of train became validation"
    elif parts == {TRAIN, VALIDATION}:
        names, missing = {VALIDATION: TEST}, (VALIDATION,)
        how = (
            "There is no test file: the official validation split serves as the sealed test split, and "
            "{share} of train became the new validation"
        )
    elif missing:
        how = "There is one file: {share} of its rows became validation and as many the sealed test split"
    rows = table.usable.with_columns(pl.col("part").replace(names).alias("split"))
    if not missing:
        return rows, how
    training = rows.filter(pl.col("split") == TRAIN)
    groups = make_groups(table.kin, training["normal"])
    grouped = training.with_columns(pl.col("normal").replace_strict(groups.group).alias("group"))
    chosen = assign(grouped.select("group", "label").rows(), dict.fromkeys(missing, HELD_OUT), seed)
    parts_of = {text: chosen[group] for text, group in groups.group.items()}
    moved = pl.col("normal").replace_strict(parts_of, default=TRAIN, return_dtype=pl.String)
    rows = rows.with_columns(pl.when(pl.col("split") == TRAIN).then(moved).otherwise("split").alias("split"))
    strategy = how.format(share=f"{HELD_OUT:.0%}") + told(groups, training.height)
    return rows, strategy + _undivided(rows, missing)


def _undivided(rows: pl.DataFrame, made: tuple[str, ...]) -> str:
    """A sentence on the classes that had too few different texts to be in every part, if there are any."""
    everywhere = rows.group_by("label").agg(
        *((pl.col("split") == part).any().alias(part) for part in (TRAIN, *made))
    )
    count = everywhere.filter(~pl.all_horizontal(TRAIN, *made)).height
    if not count:
        return ""
    classes = "1 class has" if count == 1 else f"{count:,} classes have"
    return f" {classes} too few different texts to be in every part."
