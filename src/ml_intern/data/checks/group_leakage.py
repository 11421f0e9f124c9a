"""Groups of rows (a user, a conversation, a document) that stand on both sides of a split.

Why it matters: rows of one group share words, style and often the label. Tested on groups it was trained on,
a model is scored for recognising them, and does worse on new ones (Kapoor & Narayanan 2023, "Leakage and the
Reproducibility Crisis in Machine-Learning-Based Science", Patterns 4(9), type L3.2; Roberts et al. 2017,
"Cross-validation strategies for data with ... structure", Ecography 40).

A column is taken for a group by its name (`user_id`, `author`, `threadId`) and by its values: at
least `MIN_GROUPS` that repeat.
"""

from typing import Final

import polars as pl

from ml_intern.data.load import WHOLE
from ml_intern.data.table import TEST, VALIDATION, AuditTable, of_total, phrase
from ml_intern.data.words import tokens
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import escape, listing

PEOPLE: Final = frozenset(
    "user author customer client account speaker patient writer sender reviewer worker caller member "
    "employee username contact".split()
)
TEXTS: Final = frozenset(
    "thread conversation dialogue dialog session document doc chat call episode article ticket case page "
    "paragraph meeting video email".split()
)
"""Rows of one of these are pieces of one text, and mostly of one topic."""

_SUFFIXES: Final = frozenset("id uuid guid key name number no hash handle email ref".split())
MIN_GROUPS: Final = 10
MIN_ROWS_EACH: Final = 1.5
"""Rows for each value on average: below, it is a key of its own for nearly every row."""


def check(table: AuditTable) -> list[Finding]:
    """A finding for each held-out part, or one for the rows where the product will split them itself."""
    groups = {name: values for name in table.other_columns if (values := _group(table, name)) is not None}
    if not groups:
        return []
    if WHOLE in table.parts:
        return [_unsplit(table, groups)]
    findings = []
    for part in (TEST, VALIDATION):
        if part in table.parts:
            findings += _shared(table, part, groups)
    return findings


def kind(name: str) -> str | None:
    """Whether a column's name says "person" or "text"; None where it says neither."""
    words = tokens(name)
    if len(words) > 1 and words[-1] in _SUFFIXES:
        words = words[:-1]
    last = words[-1] if words else ""
    return "person" if last in PEOPLE else "text" if last in TEXTS else None


def _group(table: AuditTable, name: str) -> pl.Series | None:
    if kind(name) is None:
        return None
    values = table.column(name)
    distinct = values.drop_nulls().n_unique()
    if distinct < MIN_GROUPS or values.count() < MIN_ROWS_EACH * distinct:
        return None
    # Most rows without a value mean that the column is about something else.
    return values if values.count() * 2 >= len(values) else None


def _shared(table: AuditTable, part: str, groups: dict[str, pl.Series]) -> list[Finding]:
    found = {}
    for name, values in groups.items():
        rows = table.rows.with_columns(values.alias("group"))
        trained = rows.filter(pl.col("part") == table.training_part)["group"].drop_nulls().unique()
        hits = rows.filter((pl.col("part") == part) & pl.col("group").is_in(trained.implode()))
        if hits.height:
            found[name] = hits
    if not found:
        return []
    worst = max(found, key=lambda name: (_severity(name, found[name].height / table.size(part)).rank, name))
    hits, total = found[worst], table.size(part)
    also = [name for name in found if name != worst]
    return [
        table.finding(
            "group_leakage",
            _severity(worst, hits.height / total),
            part,
            hits,
            f"{of_total(hits.height, total)} {phrase(part)} have a value of '{escape(worst)}' that training "
            f"rows have, too: {hits['group'].n_unique():,} groups stand on both sides of the split"
            f"{f', as they do by {listing(also)}' if also else ''}. The score says how well a model does on "
            "groups that it knows, and is too high for new ones.",
            f"The official split is kept. If the model will meet new groups, split the data by "
            f"'{escape(worst)}' and run again.",
        )
    ]


def _severity(name: str, share: float) -> Severity:
    """One step milder for people, whom a model may well meet again in use."""
    step = 2 if share >= 0.3 else 1 if share >= 0.05 else 0
    scale = [Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH]
    return scale[step + (1 if kind(name) == "text" else 0)]


def _unsplit(table: AuditTable, groups: dict[str, pl.Series]) -> Finding:
    name, values = min(groups.items(), key=lambda item: (kind(item[0]) != "text", item[0]))
    rows = table.rows.with_columns(values.alias("group"))
    hits = rows.filter(pl.col("group").is_not_null() & pl.col("group").is_duplicated())
    return table.finding(
        "group_leakage",
        Severity.LOW if kind(name) == "text" else Severity.INFO,
        WHOLE,
        hits,
        f"{of_total(hits.height, table.size(WHOLE))} rows share their value of '{escape(name)}' with another "
        f"row ({hits['group'].n_unique():,} groups). Rows of a group are alike, so a score on groups "
        "that are also in training is too high for new ones.",
        "The split made here keeps near-copies of a text together, but not these groups. If the model will "
        f"meet new groups, divide the rows by '{escape(name)}' into train, validation and test files.",
    )
