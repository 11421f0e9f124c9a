"""Texts with credentials: API keys and tokens of known form, private keys, passwords in addresses.

Why it matters: whoever reads the data, or gets a model to repeat it, can use them (Carlini et al. 2021,
"Extracting Training Data from Large Language Models", USENIX Security). The forms and their sources
stand in `data.credentials`; examples show at most two characters.
"""

import polars as pl

from ml_intern.data.credentials import PREFIXES, secrets
from ml_intern.data.hits import by_part
from ml_intern.data.masking import around
from ml_intern.data.table import MAX_EXAMPLES, AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part."""
    suspects = table.rows.filter(pl.col("text").str.contains_any(list(PREFIXES)))
    held = [any(True for _ in secrets(text)) for text in suspects["text"].to_list()]
    findings = []
    for part, rows in by_part(table, suspects.filter(pl.Series(held, dtype=pl.Boolean))):
        shown = [around(text, secrets) for text in rows["text"].head(MAX_EXAMPLES).to_list()]
        findings.append(
            table.finding(
                "secrets",
                Severity.HIGH,
                part,
                rows.with_columns(pl.Series("text", shown).extend_constant(None, rows.height - len(shown))),
                f"{of_total(rows.height, table.size(part))} {phrase(part)} hold what looks like a key, token "
                "or password. Whoever sees the data can use it, and a model can learn it by heart.",
                "They are kept as they are; remove these values and have the keys revoked.",
            )
        )
    return findings
