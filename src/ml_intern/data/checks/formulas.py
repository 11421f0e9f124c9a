"""Fields that a spreadsheet would run as a formula.

Why it matters: `=cmd|' /C calc'!A0` is harmless text to a model, but whoever opens the data, or a
table of predictions, in a spreadsheet may start a program (OWASP, "CSV Injection").
"""

from typing import Final

import polars as pl

from ml_intern.data.load import Table
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

_FORMULA: Final = (
    r"^\s*(?:[=＝]\s*(?:[A-Za-z_.]+\(|[^\s|!]*[|!]\S|\$?[A-Z]{1,3}\$?\d|[+\-]?\d)"
    r"|[+\-@＋－＠][^\s(|]*(?:[A-Za-z]\(|\|))"
)
"""A formula's first sign and then what a formula goes on with: a call, a DDE link, a cell or a number.
The first sign alone begins many a list, phone number and smiley."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part, over all columns of text."""
    findings = []
    for item in table.tables.items:
        any_hit = item.frame.select(pl.col(pl.String).str.contains(_FORMULA).any())
        names = [column.name for column in any_hit if column.item()]
        if names:
            hits = (
                pl.concat([_hits(item, name) for name in names])
                .unique("row", keep="first", maintain_order=True)
                .sort("row")
            )
            findings.append(_finding(table, item.part, hits))
    return findings


def _hits(item: Table, name: str) -> pl.DataFrame:
    """The rows whose field in one column is a formula, with that field as `text`."""
    series = item.frame[name]
    places = series.str.contains(_FORMULA).fill_null(False).arg_true()
    return pl.DataFrame({"row": item.row_numbers.gather(places), "text": series.gather(places)})


def _finding(table: AuditTable, part: str, hits: pl.DataFrame) -> Finding:
    return table.finding(
        "formulas",
        Severity.LOW,
        part,
        hits,
        f"{of_total(hits.height, table.size(part))} {phrase(part)} have a field that a spreadsheet would run "
        "as a formula; in a spreadsheet it can start a program.",
        "They are kept as text and nothing here runs them; do not open the data in a spreadsheet.",
    )
