"""Texts with characters that nobody sees: control, zero-width, bidirectional and tag characters.

Why it matters: a word with a zero-width space inside is another word to a tokenizer, so such rows are
learned badly, and text that looks the same to a person can be made to mean something else to a model
(Boucher et al. 2022, "Bad Characters: Imperceptible NLP Attacks", IEEE S&P, arXiv:2106.09898; Boucher &
Anderson 2023, "Trojan Source", USENIX Security, arXiv:2111.00169; Unicode Technical Standard 39).
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import Kinds, by_part, graded, tally, with_kinds
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

_DECEPTIVE: Final[Kinds] = {
    "bidirectional overrides": r"[\x{202A}-\x{202E}\x{2066}-\x{2069}]",
    "tag characters": r"(?:^|[^\x{1F3F4}\x{E0000}-\x{E007F}])[\x{E0000}-\x{E007F}]",  # flags are sound
    "Cyrillic letters inside Latin words": (
        r"[a-zA-Z]\p{Cyrillic}+[a-zA-Z]|(?:^|[^\p{L}])\p{Cyrillic}[a-zA-Z]{3}"
    ),
}
KINDS: Final[Kinds] = {
    "control characters": r"[\x00-\x08\x0B\x0E-\x1F\x7F-\x84\x86-\x9F]",
    # Joiners shape Persian, Indic letters and emoji; between Latin letters they do nothing.
    "zero-width characters": (
        r"[\x{200B}\x{2060}-\x{2064}\x{FEFF}\x{AD}]|\p{Latin}[\x{200C}\x{200D}]\p{Latin}"
    ),
    **_DECEPTIVE,
}
_RIGHT_TO_LEFT: Final = r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}]"


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part. Right-to-left scripts are written with direction marks."""
    suspects = table.rows.filter(pl.col("text").str.contains(r"[^\x20-\x7E\n\r\t\f]"))
    found = with_kinds(suspects, KINDS)
    natural = pl.col("text").str.contains(_RIGHT_TO_LEFT) & pl.col("bidirectional overrides")
    others = [kind for kind in KINDS if kind != "bidirectional overrides"]
    found = found.filter(~natural | pl.any_horizontal(others))
    findings = []
    for part, rows in by_part(table, found):
        total = table.size(part)
        deceptive = rows.select(pl.any_horizontal(list(_DECEPTIVE)).any()).item()
        findings.append(
            table.finding(
                "hidden_characters",
                Severity.MEDIUM if deceptive else graded(rows.height / total, medium=0.05),
                part,
                rows,
                f"{of_total(rows.height, total)} {phrase(part)} hold characters that a reader does not see "
                f"({tally(rows, KINDS)}). A model reads other words than a person does.",
                "They are kept as they are; remove these characters unless texts in use will have them.",
            )
        )
    return findings
