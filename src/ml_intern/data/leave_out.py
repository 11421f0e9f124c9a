"""Rows that are not used: those that lack something, and training rows that contradict each other.

Repeated training rows are kept: leaving them out was of no use where it was tried (see docs/decisions.md).
Two rows with the same text to the letter and different labels cannot both be right, so neither is learnt from
unless most rows with that text agree. Only identical texts count: a masked number can be what tells labels
apart. Held-out rows are scored as they are, and nothing is ever removed from the data itself.
"""

import json
from typing import Final

import polars as pl

from ml_intern.data.table import TRAIN, AuditTable

NO_TEXT: Final = "text is missing"
NO_LABEL: Final = "label is missing"
UNCLEAR: Final = "the same text has several labels, and no two thirds of its training rows agree"
OUTVOTED: Final = "two thirds of the training rows with the same text have another label"

FILE: Final = "left-out.jsonl"

POLICY: Final = (
    "Repeated training rows are kept. Training rows with the same text under several labels are left out "
    "unless two thirds of them agree on one; then only the others are."
)


def incomplete(table: AuditTable) -> pl.DataFrame:
    """The rows without a text or a label, with the `reason`."""
    reason = pl.when(pl.col("text").is_null()).then(pl.lit(NO_TEXT)).otherwise(pl.lit(NO_LABEL))
    rows = table.rows.filter(pl.col("text").is_null() | pl.col("label").is_null())
    return rows.with_columns(reason.alias("reason"))


def contradicted(rows: pl.DataFrame) -> pl.DataFrame:
    """The training rows among `rows` (columns `text`, `label`, `split`) to leave out, with the `reason`.

    The rows of a class that would have no training row left are kept.
    """
    training = rows.filter(pl.col("split") == TRAIN)
    votes = pl.len().over("text", "label")
    agreed = votes.max().over("text") * 3 >= pl.len().over("text") * 2
    reason = (
        pl.when(pl.col("label").n_unique().over("text") == 1)
        .then(None)
        .when(~agreed)
        .then(pl.lit(UNCLEAR))
        .when(votes < votes.max().over("text"))
        .then(pl.lit(OUTVOTED))
    )
    judged = training.with_columns(votes.alias("votes")).with_columns(reason.alias("reason"))
    stays = pl.col("reason").is_null().any().over("label")
    return judged.filter(pl.col("reason").is_not_null() & stays).drop("votes")


def listing(left_out: pl.DataFrame) -> bytes:
    """One JSON line for each row that was left out: where it stands and why it is not used."""
    lines = left_out.select("row_id", "file", "row", "reason").iter_rows(named=True)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def counts(left_out: pl.DataFrame) -> dict[str, int]:
    """How many rows were left out for each reason."""
    found = dict(left_out.group_by("reason").len().rows())
    return {reason: found[reason] for reason in (NO_TEXT, NO_LABEL, UNCLEAR, OUTVOTED) if reason in found}


def told(excluded: dict[str, int]) -> str:
    """The policy, and how many rows it and missing values left out."""
    if not excluded:
        return f"{POLICY} No row was left out."
    reasons = "; ".join(f"{rows:,} because {reason}" for reason, rows in excluded.items())
    return f"{POLICY} Left out: {reasons}. Each is named in {FILE}; the data itself is as it was."
