"""The same text under different labels.

Why it matters: at most one of the labels can be learned, and on a test split no model can be right on
all of them, so they cap the reachable score (Northcutt et al. 2021, "Pervasive Label Errors in Test
Sets Destabilize Machine Learning Benchmarks", arXiv:2103.14749).
"""

import polars as pl

from ml_intern.data.table import TEST, VALIDATION, AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part, with all its rows that some row of any part contradicts."""
    several = pl.col("label").n_unique() > 1
    rows = (
        table.repeated(table.usable, "normal")
        .with_row_index("group")
        .with_columns(
            several.over("text").alias("exact"),
            several.over("normal").alias("masked"),
            pl.col("group").first().over("normal"),
        )
        .filter("masked")
    )
    findings = []
    for part in table.parts:
        # Rows that contradict each other stand side by side; exact contradictions come first.
        hits = rows.filter(pl.col("part") == part).sort(
            ["exact", "group", "row"], descending=[True, False, False]
        )
        if hits.height:
            findings.append(_finding(table, part, hits))
    return findings


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    total, exact = table.size(part), int(hits["exact"].sum())
    effect = "no model can be right on all of them." if part == TEST else "training gets opposite answers."
    others = "" if exact == hits.height else ", the others once digits, case and punctuation are masked"
    shown = hits.with_columns(pl.format("{} → {}", pl.col("text").str.slice(0, 100), "label").alias("text"))
    return table.finding(
        "conflicting_labels",
        _severity(exact / total, hits.height / total),
        part,
        shown,
        f"{of_total(hits.height, total)} {phrase(part)} have the text of another row under a different "
        f"label, {exact:,} to the letter{others}: {effect}",
        "They are kept with the labels they have; decide which label is right and correct the data."
        if part in (VALIDATION, TEST)
        else "Training leaves out those to the letter unless two thirds of them agree; decide which label is "
        "right and correct the data.",
    )


def _severity(exact: float, masked: float) -> Severity:
    """Only identical texts are sure to conflict: a masked number can be what tells two labels apart.

    Where half of the rows differ from another in that alone, there is hardly a text to classify.
    """
    if exact >= 0.05 or masked >= 0.5:
        return Severity.HIGH
    return Severity.MEDIUM if exact >= 0.01 or masked >= 0.05 else Severity.LOW
