"""Several labels in one cell: "billing, refund", "a|b", '["a", "b"]'.

Why it matters: each combination becomes a class of its own with few rows, and a model is told that
"billing, refund" has nothing to do with "billing". The task is multi-label then (Tsoumakas & Katakis
2007, "Multi-Label Classification: An Overview", IJDWM 3(3), call this reading a label power set).
"""

import ast
from typing import Final

import polars as pl

from ml_intern.data.hits import by_part, graded
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding
from ml_intern.records.display import listing

_SEPARATORS: Final = (",", ";", "|", "\n")
"""Not "/" and ">", which mostly write a path from a wide class to a narrow one: "order/cancel"."""
_LIST: Final = r"^\s*\[.*\]\s*$"


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part. Parts must occur as or in other labels; "Toys, games" is one."""
    labels = table.usable["label"].unique().sort()
    joined = sorted(
        _lists(labels) | {label for separator in _SEPARATORS for label in _joined(labels, separator)}
    )
    findings = []
    rows = table.usable.filter(pl.col("label").is_in(joined))
    for part, mine in by_part(table, rows):
        total = table.size(part)
        names = mine["label"].unique().sort().to_list()
        findings.append(
            table.finding(
                "several_labels",
                graded(mine.height / total, medium=0.01, high=0.2),
                part,
                mine.with_columns(
                    pl.format("{} → {}", pl.col("text").str.slice(0, 100), "label").alias("text")
                ),
                f"{of_total(mine.height, total)} {phrase(part)} hold several labels in one cell: "
                f"{listing(names)}. Each combination counts as a class of its own, with few rows.",
                "They are kept as they are, each combination a class; give each row one label, or treat the "
                "task as multi-label.",
            )
        )
    return findings


def _lists(labels: pl.Series) -> set[str]:
    """Labels written as lists, as JSON and Python print them; lists of one alone are one label each."""
    written = labels.filter(labels.str.contains(_LIST)).to_list()
    return set() if all(map(_is_list_of_one, written)) else set(written)


def _is_list_of_one(label: str) -> bool:
    """Whether a label is written as a list with just one item."""
    try:
        found = ast.literal_eval(label.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False
    return isinstance(found, list) and len(found) == 1


def _joined(labels: pl.Series, separator: str) -> set[str]:
    """Labels made of several parts by a separator, each of which is also a label or a part of another."""
    # A decimal comma joins no labels.
    with_it = labels.filter(
        labels.str.contains(separator, literal=True) & ~labels.str.contains(r"^\s*[-+]?\d+[.,]\d+\s*$")
    )
    parts = {
        label: [part.strip().casefold() for part in label.split(separator)] for label in with_it.to_list()
    }
    if not parts:
        return set()
    homes: dict[str, set[str]] = {}
    for label in labels.to_list():
        for part in parts.get(label, [label.strip().casefold()]):
            homes.setdefault(part, set()).add(label)
    return {
        label for label, some in parts.items() if len(some) > 1 and all(s and len(homes[s]) > 1 for s in some)
    }
