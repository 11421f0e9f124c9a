"""Texts with e-mail addresses, telephone, card and account numbers, US SSN or IP addresses.

Why it matters: a model can repeat what it was trained on (Carlini et al. 2021, "Extracting Training
Data from Large Language Models", USENIX Security), a published dataset gives it away, and the law asks
for a reason to process it (GDPR, articles 4 to 6). How each kind is recognised stands in
`data.personal`; examples show at most two characters of a value.
"""

import polars as pl

from ml_intern.data.hits import by_part
from ml_intern.data.masking import around
from ml_intern.data.personal import KINDS, Kind
from ml_intern.data.table import MAX_EXAMPLES, AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

_GRAVE = frozenset({"card", "iban", "ssn"})
"""Kinds that do harm by themselves when they get out."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part and kind."""
    findings = []
    for kind in KINDS:
        suspects = table.rows.filter(pl.col("text").str.contains(kind.fast))
        held = [any(True for _ in kind.spans(text)) for text in suspects["text"].to_list()]
        rows = suspects.filter(pl.Series(held, dtype=pl.Boolean))
        findings += [_finding(table, kind, part, mine) for part, mine in by_part(table, rows)]
    return findings


def _finding(table: AuditTable, kind: Kind, part: str, rows: pl.DataFrame) -> Finding:
    severity = Severity.LOW if kind.name == "ip" else Severity.MEDIUM
    shown = [around(text, kind.spans) for text in rows["text"].head(MAX_EXAMPLES).to_list()]
    return table.finding(
        f"personal_data_{kind.name}",
        Severity.HIGH if kind.name in _GRAVE else severity,
        part,
        rows.with_columns(pl.Series("text", shown).extend_constant(None, rows.height - len(shown))),
        f"{of_total(rows.height, table.size(part))} {phrase(part)} hold what looks like {kind.plural}. A "
        "model can learn such values by heart, and publishing the data or the model may give them away.",
        "They are kept as they are; replace the values by made-up ones, or make sure that you may use them.",
    )
