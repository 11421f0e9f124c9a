"""How long the texts are, in words.

Why it matters: the sequence length of a model decides what it reads, what memory it needs and how long
it trains. A few very long texts are often pasted mails or logs of which a model sees only the start.
"""

import polars as pl

from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

LONG_FACTOR = 10
LONG_WORDS = 200
"""A text is an outlier above `LONG_FACTOR` medians, never below `LONG_WORDS` words: common encoders
read 256 to 512 tokens, about 200 to 400 English words."""


def check(table: AuditTable) -> list[Finding]:
    """One finding on the texts that a model learns from, and one for each part with outliers."""
    rows = table.part(table.training_part).drop_nulls("text")
    if not rows.height:
        return []
    median = _quantile(rows, 0.5)
    longest = rows.filter(pl.col("words") == pl.col("words").max())
    findings = [
        table.finding(
            "text_lengths",
            Severity.INFO,
            table.training_part,
            longest,
            f"Half of the {phrase(table.training_part)} have at most {median:g} words, 95 % at most "
            f"{_quantile(rows, 0.95):g}; the longest has {longest['words'][0]:,}.",
            "Hold the sequence length of the plan against these figures.",
        )
    ]
    limit = max(LONG_FACTOR * median, LONG_WORDS)
    for part in table.parts:
        hits = table.part(part).filter(pl.col("words") > limit)
        if hits.height:
            findings.append(
                table.finding(
                    "very_long_texts",
                    Severity.LOW,
                    part,
                    hits.sort("words", descending=True, maintain_order=True),
                    f"{of_total(hits.height, table.size(part))} {phrase(part)} have more than {limit:g} "
                    f"words; half have at most {median:g}. A model reads only the start of them.",
                    "They are kept and cut at the model's sequence length.",
                )
            )
    return findings


def _quantile(rows: pl.DataFrame, share: float) -> float:
    return rows["words"].quantile(share, "nearest") or 0.0
