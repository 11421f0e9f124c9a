"""Texts in which the name of their own label stands.

Why it matters: a model that finds the label's name needs to understand nothing, and the score holds
only for texts that name it (label leakage: Kaufman et al. 2012, "Leakage in Data Mining", ACM TKDD
6(4)). A customer who wants a refund does write "refund", so words alone are said and not blamed. The
name as a machine writes it (`cancel_order`, `__label__refund`, "label: refund") is no user's word.
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import by_part, graded
from ml_intern.data.normalise import normalise
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import listing

_MIN_LETTERS: Final = 3
_MIN_ROWS: Final = 5
_OWN: Final = 0.2
_FACTOR: Final = 5
"""A class counts where so much of its rows name it, and so many times more than the rows of others."""

_MACHINE: Final = r"^\p{L}[\p{L}\p{N}]*(?:[_:]+[\p{L}\p{N}]+)+$|^[a-z]{3,}(?:[A-Z][a-z]+)+$"
"""Names such as `cancel_order`, `billing:refund` or `cancelOrder`; users do write "iPhone" and "1.0"."""

_MOST: Final = 0.5
_MAX_LABELS: Final = 2000


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part on the label as words, and one on it as a machine writes it."""
    labels = table.usable["label"].unique().sort()
    if labels.len() > _MAX_LABELS:
        return []
    return [*_as_words(table, labels), *_as_written(table)]


def _as_words(table: AuditTable, labels: pl.Series) -> list[Finding]:
    names = pl.DataFrame({"label": labels, "name": " " + normalise(labels) + " "})
    names = names.filter(pl.col("name").str.count_matches(r"\p{L}") >= _MIN_LETTERS)
    if not names.height:
        return []
    found = table.usable.select(
        "part",
        "row",
        "text",
        "label",
        (" " + pl.col("normal") + " ")
        .str.extract_many(names["name"].to_list(), overlapping=True)
        .alias("named"),
    ).join(names, on="label", how="left", maintain_order="left")
    hits = found.filter(pl.col("named").list.contains(pl.col("name")))
    classes = _telling(found, hits)
    findings = []
    for part, rows in by_part(table, hits.filter(pl.col("label").is_in(classes["label"].implode()))):
        total = table.size(part)
        share = rows.height / total
        top = classes.row(0, named=True)
        findings.append(
            table.finding(
                "label_in_text",
                Severity.LOW if share >= _MOST else Severity.INFO,
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} hold the name of their own label, most "
                f"of all for {listing([top['label']])}: {100 * top['own']:.0f} % of its rows and "
                f"{100 * top['other']:.1f} % of the rows of other classes. Where users write so it is "
                "natural; a word list would do as well, and texts that do not name the class are harder.",
                "They are kept; compare the score with that of the linear baseline.",
            )
        )
    return findings


def _telling(found: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    """The classes whose name goes with them, with the share of own and of other rows that hold it."""
    # Rows of labels too short to look for have no name here, and count among the others.
    sizes = found.drop_nulls("name").group_by("label", "name").agg(pl.len().alias("rows"))
    own = hits.group_by("label").agg(pl.len().alias("hits"))
    named = found.select(pl.col("named").list.unique()).explode("named").drop_nulls()
    every = named.group_by("named").agg(pl.len().alias("all")).rename({"named": "name"})
    rest = pl.max_horizontal(pl.lit(found.height) - pl.col("rows"), 1)
    shares = (
        sizes.join(own, on="label")
        .join(every, on="name")
        .with_columns(
            (pl.col("hits") / pl.col("rows")).alias("own"),
            ((pl.col("all") - pl.col("hits")) / rest).alias("other"),
        )
    )
    telling = shares.filter(
        (pl.col("hits") >= _MIN_ROWS) & (pl.col("own") >= _OWN) & (pl.col("own") >= _FACTOR * pl.col("other"))
    )
    return telling.sort(["own", "label"], descending=[True, False])


def _as_written(table: AuditTable) -> list[Finding]:
    """The label to the letter where it has a separator that users do not write, or after a marker."""
    label = pl.col("label").str.strip_chars()
    machine = label.str.contains(_MACHINE)
    literal = machine & pl.col("text").str.contains(label, literal=True)
    marked = pl.col("text").str.contains(r"(?i)__label__|\b(?:label|class|category|intent|target)\s?[:=]")
    follows = pl.any_horizontal(
        pl.col("text").str.to_lowercase().str.contains(marker + label.str.to_lowercase(), literal=True)
        for marker in (
            "__label__",
            "label: ",
            "label:",
            "label=",
            "class: ",
            "category: ",
            "intent: ",
            "target: ",
        )
    )
    hits = table.usable.filter(literal)
    hits = pl.concat([hits, table.usable.filter(marked).filter(follows & ~literal)]).sort("part", "row")
    findings = []
    for part, rows in by_part(table, hits):
        total = table.size(part)
        findings.append(
            table.finding(
                "label_written_in_text",
                graded(rows.height / total, medium=0.001, high=0.01),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} hold their own label as the data writes it, "
                "which no user does. The answer is given away, and scores do not hold for texts without it.",
                "They are kept as they are; take the label out of the texts.",
            )
        )
    return findings
