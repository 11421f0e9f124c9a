"""Labels that are one word in several spellings: "Refund", "refund", "refund ".

Why it matters: to a model they are different classes. It is trained to tell apart what is the same, and
every answer in the other spelling counts as wrong. Hand-kept spreadsheets are full of them.
"""

import polars as pl

from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import listing


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part: its rows in any but the most frequent spelling."""
    plain = pl.col("label").str.to_lowercase().str.replace_all(r"[\s_-]+", " ").str.strip_chars()
    counts = table.usable.group_by("label").len("count").with_columns(plain.alias("plain"))
    # Ties go to the first in alphabetical order, so that the outcome never depends on row order.
    main = counts.sort(["count", "label"], descending=[True, False]).unique("plain", keep="first")
    odd = counts.filter(~pl.col("label").is_in(main["label"].implode()))["label"].sort()
    findings = []
    for part in table.parts:
        hits = table.usable.filter((pl.col("part") == part) & pl.col("label").is_in(odd.implode()))
        if hits.height:
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    names = hits["label"].unique().sort().to_list()
    share = hits.height / table.size(part)
    return table.finding(
        "label_spelling",
        Severity.HIGH if share >= 0.05 else Severity.MEDIUM,
        part,
        hits,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} have a label that differs from another "
        f"only in case, space or hyphen: {listing(names)}. A model takes them for different classes.",
        "They are kept as they are; spell each label in one way in the data.",
    )
