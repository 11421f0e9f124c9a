"""How the rows spread over the classes.

Why it matters: a class with a handful of rows is hardly learned and not measured; a large majority
class makes accuracy look good for a model that knows nothing else (He & Garcia 2009, "Learning from
Imbalanced Data", IEEE TKDE 21(9)). A class that only the test split has can never be answered.
"""

import polars as pl

from ml_intern.data.table import TEST, AuditTable, of_total, phrase
from ml_intern.records.data import REFUSED, Finding, Severity
from ml_intern.records.display import listing

FEW_ROWS = 10
"""Below this, the product cannot count on the class to be learned: five-fold work leaves two a fold."""

_MENTIONED_FROM = 2.0


def check(table: AuditTable) -> list[Finding]:
    """A single class; imbalance, rare classes, classes outside training, classes the test split lacks."""
    counts = (
        table.usable.filter(pl.col("part") == table.training_part)
        .group_by("label")
        .len("count")
        .sort("count", "label")
    )
    if not counts.height:
        return []
    if counts.height == 1:
        return [_single(table, counts["label"].item())]
    return [
        *_imbalance(table, counts),
        *_rare(table, counts),
        *_untrained(table, counts["label"]),
        *_untested(table),
    ]


def _single(table: AuditTable, label: str) -> Finding:
    part = table.training_part
    return table.finding(
        "single_class",
        Severity.CRITICAL,
        part,
        _rows(table, part, [label]),
        f"All {phrase(part)} have one and the same label, {listing([label])}: there is nothing to tell "
        "apart, and any score on them is perfect and says nothing.",
        f"{REFUSED} Add rows of other classes, or name another column with --label.",
    )


def _imbalance(table: AuditTable, counts: pl.DataFrame) -> list[Finding]:
    least, most = counts.row(0, named=True), counts.row(-1, named=True)
    ratio = most["count"] / least["count"]
    if ratio < _MENTIONED_FROM:
        return []
    part = table.training_part
    steps = ((100, Severity.HIGH), (20, Severity.MEDIUM), (5, Severity.LOW))
    return [
        table.finding(
            "class_imbalance",
            next((severity for limit, severity in steps if ratio >= limit), Severity.INFO),
            part,
            _rows(table, part, [least["label"]]),
            f"The largest class, {listing([most['label']])}, has {most['count']:,} {phrase(part)}, the "
            f"smallest, {listing([least['label']])}, {least['count']:,}: {ratio:.1f} to 1. Accuracy alone "
            "hides how the small classes do.",
            "Splits made here keep the proportions; macro F1, which weighs classes alike, is reported too.",
        )
    ]


def _rare(table: AuditTable, counts: pl.DataFrame) -> list[Finding]:
    rare = counts.filter(pl.col("count") < FEW_ROWS)["label"].to_list()
    if not rare:
        return []
    part = table.training_part
    hits = _rows(table, part, rare)
    return [
        table.finding(
            "rare_classes",
            Severity.MEDIUM,
            part,
            hits,
            f"{_classes(len(rare))} fewer than {FEW_ROWS} {phrase(part)}: {listing(rare)}. They are hardly "
            "learned, and a score on them is mostly chance.",
            "They are kept; collect more rows for them or merge them with a class that fits.",
        )
    ]


def _untrained(table: AuditTable, known: pl.Series) -> list[Finding]:
    findings = []
    for part in table.parts:
        rows = table.usable.filter(pl.col("part") == part)
        hits = rows.filter(~pl.col("label").is_in(known.implode()))
        if not hits.height:
            continue
        share = hits.height / table.size(part)
        names = hits["label"].unique().sort().to_list()
        findings.append(
            table.finding(
                "labels_not_in_training",
                Severity.HIGH if share >= 0.01 else Severity.MEDIUM,
                part,
                hits,
                f"{of_total(hits.height, table.size(part))} {phrase(part)} have a label that no training row "
                f"has: {listing(names)}. A model can only be wrong on them.",
                "They are kept and count as wrong answers; add training rows for them or remove them.",
            )
        )
    return findings


def _untested(table: AuditTable) -> list[Finding]:
    if TEST not in table.parts:
        return []
    tested = table.usable.filter(pl.col("part") == TEST)["label"].unique()
    part = table.training_part
    trained = table.usable.filter(pl.col("part") == part)["label"].unique().sort()
    names = trained.filter(~trained.is_in(tested.implode())).to_list()
    if not names or not tested.len():
        return []
    return [
        table.finding(
            "classes_not_tested",
            Severity.MEDIUM,
            part,
            _rows(table, part, names),
            f"{_classes(len(names))} no test row: {listing(names)}. Nothing can be said about how well they "
            "are recognised.",
            "They stay in training; the report lists them without a score.",
        )
    ]


def _rows(table: AuditTable, part: str, labels: list[str]) -> pl.DataFrame:
    return table.usable.filter((pl.col("part") == part) & pl.col("label").is_in(labels))


def _classes(count: int) -> str:
    return "1 class has" if count == 1 else f"{count:,} classes have"
