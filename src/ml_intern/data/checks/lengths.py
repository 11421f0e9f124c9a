"""How long the texts are, in words and estimated tokens.

Why it matters: the sequence length of a model decides what it reads, what memory it needs and how long
it trains. A few very long texts are often pasted mails or logs of which a model sees only the start.
"""

import polars as pl

from ml_intern.data.checks.null_texts import WORDS as NULL_WORDS
from ml_intern.data.hits import graded, hits
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

LONG_FACTOR = 10
LONG_WORDS = 200
"""A text is an outlier above `LONG_FACTOR` medians, never below `LONG_WORDS` words: common encoders
read 256 to 512 tokens, about 200 to 400 English words."""


SEQUENCE_LENGTHS = (128, 256, 512)
"""The sequence lengths that encoders are commonly trained with, in tokens."""


def check(table: AuditTable) -> list[Finding]:
    """One finding on the texts that a model learns from, and for each part those on outliers."""
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
            f"{_quantile(rows, 0.95):g}; the longest has {longest['words'][0]:,}. "
            f"{_over(rows)}",
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
    return findings + _very_short(table)


def _over(rows: pl.DataFrame) -> str:
    """The share of rows over each sequence length.

    A token is taken for four characters of the text, as OpenAI's rule of thumb for English has it, and
    each word for at least one. all-MiniLM-L6-v2's tokenizer makes 4.2 characters a token on banking77,
    4.4 on bitext-support. Other scripts, code and numbers take more tokens.
    """
    tokens = pl.max_horizontal(pl.col("words"), pl.col("text").str.len_chars() / 4)
    shares = rows.select((tokens > length).mean().alias(str(length)) for length in SEQUENCE_LENGTHS).row(0)
    if not shares[0]:
        return f"No text has more than {SEQUENCE_LENGTHS[0]} tokens, estimated at four characters each."
    told = [
        f"{100 * share:.1f} % over {length}" for share, length in zip(shares, SEQUENCE_LENGTHS, strict=True)
    ]
    return f"In tokens, estimated at four characters each: {', '.join(told[:-1])} and {told[-1]}."


def _very_short(table: AuditTable) -> list[Finding]:
    """Texts of one character; in scripts that write a word with one, a character says more."""
    text = pl.col("text").str.strip_chars()
    condition = (text.str.len_chars() == 1) & ~text.str.contains(r"[\p{Han}\p{So}]") & ~text.is_in(NULL_WORDS)
    return [
        table.finding(
            "very_short_texts",
            graded(rows.height / table.size(part), medium=0.05),
            part,
            rows,
            f"{of_total(rows.height, table.size(part))} {phrase(part)} have a text of a single character: "
            "there is next to nothing in it to tell classes apart by.",
            "They are kept; drop them unless users really write just that.",
        )
        for part, rows in hits(table, condition)
    ]


def _quantile(rows: pl.DataFrame, share: float) -> float:
    return rows["words"].quantile(share, "nearest") or 0.0
