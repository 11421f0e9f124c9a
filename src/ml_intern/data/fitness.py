"""When a dataset cannot support a classifier and an honest score for it."""

from typing import Final

import polars as pl

from ml_intern.data.table import TEST, TRAIN, VALIDATION, AuditTable
from ml_intern.records.display import escape, listing
from ml_intern.records.errors import DataUnfit

MIN_ROWS: Final = 20
"""Fewer rows give no more than two held-out ones a part: any score would be chance."""

MAX_LABELS: Final = 1000
"""More classes than the largest common text classification sets have; beyond it is retrieval."""

_OTHER_LABEL: Final = "Name the column that holds the label with --label."


def check_training_rows(table: AuditTable) -> None:
    """Check the rows that a model would learn from, and that the held-out files can be scored.

    Raises:
        DataUnfit: the message says what is missing.
    """
    for part in table.parts:
        _check_labelled(table, part)
    usable = table.usable.filter(pl.col("part") == table.training_part)
    labels = usable["label"].unique().sort()
    column = f"'{escape(table.label)}'"
    if usable.height < MIN_ROWS:
        raise DataUnfit(
            f"Only {usable.height} rows to learn from have a text and a label; at least {MIN_ROWS} are "
            "needed to train a model and measure it.",
            "Add rows: some dozens for each class are a start.",
        )
    if labels.len() < 2:
        raise DataUnfit(
            f"All {usable.height:,} rows have the same label, {listing(labels.to_list())}: there is nothing "
            "to tell apart.",
            _OTHER_LABEL,
        )
    if labels.len() > min(MAX_LABELS, usable.height // 2):
        raise DataUnfit(
            f"The column {column} has {labels.len():,} different values in {usable.height:,} rows: it looks "
            f"like free text or an id, not a label (of which there may be {MAX_LABELS:,}).",
            _OTHER_LABEL,
        )


def _check_labelled(table: AuditTable, part: str) -> None:
    rows = table.part(part)
    for column, name in (("label", table.label), ("text", table.text)):
        if rows[column].null_count() == rows.height:
            where = "The file" if part == table.training_part else f"The {part} split"
            raise DataUnfit(
                f"{where} has no {column} in any of its {rows.height:,} rows (column '{escape(name)}').",
                "Nothing can be measured without them: fill the column in or leave that file out."
                if part in (TEST, VALIDATION)
                else f"Name the right column with --{column}.",
            )
    if not table.usable.filter(pl.col("part") == part).height:
        raise DataUnfit(
            f"No row of the {part} part has both a text and a label.",
            "Complete the rows or leave the file out.",
        )


def check_parts(rows: pl.DataFrame, label: str) -> None:
    """Check that every part has rows of at least two classes; an official test split may have one.

    Raises:
        DataUnfit: there are too few different texts for each class.
    """
    for part in (TRAIN, VALIDATION, TEST):
        inside = rows.filter(pl.col("split") == part)
        official = part != TRAIN and (inside["part"] == part).any()
        if inside["label"].n_unique() < 2 and not official:
            raise DataUnfit(
                f"There are too few different texts for each value of '{escape(label)}': fewer than two "
                f"classes would have a row in the {part} split.",
                "Each class needs at least three different texts; some dozens are a start.",
            )
