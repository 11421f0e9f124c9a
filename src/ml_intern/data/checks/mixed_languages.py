"""Rows in another script or another language than most.

Why it matters: a model for one language does not read the others, and a few rows are too few to learn
them from; which language a row has may also give its source and class away. Scripts are those of
Unicode Standard Annex 24, the letters of a text decide; how languages are told stands in
`data.languages`. Short texts are not judged, and other languages than the seven there are not known.
"""

from typing import Final

import polars as pl

from ml_intern.data.hits import by_part
from ml_intern.data.languages import FUNCTION_WORDS, OWN_WORDS, SCRIPTS, pattern
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding, Severity

_SAMPLE: Final = 20_000
_MAIN: Final = 0.6
"""Without a script or language of so many rows, the data has no main one, and nothing is odd."""

_READ: Final = 2_000
"""Characters of each text: what it is written in shows at its beginning."""

_MIN_LETTERS: Final = 3
_MIN_WORDS: Final = 4
_MIN_HITS: Final = 3
"""So many different function words of another language, or one less and a letter with an accent: names
alone hold two ("from Los Angeles to Las Vegas")."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part on scripts, and one on languages."""
    texts = table.rows.drop_nulls("text").with_columns(pl.col("text").str.slice(0, _READ))
    script = _main_script(texts)
    if script is None:
        return []
    odd = _other_scripts(texts, script)
    findings = [_finding(table, "other_script", part, rows, script) for part, rows in by_part(table, odd)]
    if script == "Latin" and (language := _main_language(texts)):
        odd = _other_languages(texts, language)
        findings += [
            _finding(table, "other_language", part, rows, language) for part, rows in by_part(table, odd)
        ]
    return findings


def _counts() -> list[pl.Expr]:
    return [pl.col("text").str.count_matches(letter).alias(script) for script, letter in SCRIPTS.items()]


def _main_script(texts: pl.DataFrame) -> str | None:
    sample = _sample(texts)
    if not sample.height:
        return None
    shares = {
        script: sample.select(pl.col("text").str.contains(letter).mean()).item()
        for script, letter in SCRIPTS.items()
    }
    best = max(shares, key=lambda script: shares[script])
    return best if shares[best] >= _MAIN else None


def _sample(texts: pl.DataFrame) -> pl.DataFrame:
    """Every n-th row, so that a file sorted by language is seen as a whole."""
    return texts.gather_every(max(1, texts.height // _SAMPLE))


def _other_scripts(texts: pl.DataFrame, main: str) -> pl.DataFrame:
    """Rows with most letters in one other script than the main one."""
    # Only other letters than those of the main script can make the difference, and few rows have any.
    suspects = texts.filter(pl.col("text").str.contains(rf"[\p{{L}}--{_inner(SCRIPTS[main])}]")).with_columns(
        _counts()
    )
    others = [script for script in SCRIPTS if script != main]
    most = pl.max_horizontal(others)
    found = suspects.filter((most >= _MIN_LETTERS) & (most > pl.col(main)))
    name = pl.coalesce(pl.when(pl.col(script) == most).then(pl.lit(script)) for script in others)
    return found.with_columns(name.alias("other"))


def _inner(letter: str) -> str:
    return letter if letter.startswith("[") else f"[{letter}]"


def _main_language(texts: pl.DataFrame) -> str | None:
    lower = _sample(texts)["text"].str.to_lowercase()
    held = {language: _holding(lower, words) for language, words in OWN_WORDS.items()}
    best = max(held, key=lambda language: held[language])
    judged = _holding(lower, frozenset[str]().union(*FUNCTION_WORDS.values()))
    return best if judged and _holding(lower, FUNCTION_WORDS[best]) / judged >= _MAIN else None


def _holding(lower: pl.Series, words: frozenset[str]) -> int:
    return int(lower.str.contains(pattern(words)).sum())


def _other_languages(texts: pl.DataFrame, main: str) -> pl.DataFrame:
    """Rows of several words with none of the main language's function words and some of another's."""
    lower = pl.col("text").str.to_lowercase().str.replace_all("’", "'")
    long = texts.filter(pl.col("words") >= _MIN_WORDS).with_columns(lower.alias("lower"))
    suspects = long.filter(~pl.col("lower").str.contains(pattern(OWN_WORDS[main])))
    others = [language for language in OWN_WORDS if language != main]
    counted = suspects.with_columns(
        pl.col("lower")
        .str.extract_all(pattern(FUNCTION_WORDS[other] - FUNCTION_WORDS[main]))
        .list.n_unique()
        .alias(other)
        for other in others
    )
    most = pl.max_horizontal(others)
    accented = pl.col("lower").str.contains(r"[àâçèéêëìíîïñòóôöùúûüßãõ]")
    name = pl.coalesce(pl.when(pl.col(other) == most).then(pl.lit(other)) for other in others)
    return counted.filter((most >= _MIN_HITS) | ((most == _MIN_HITS - 1) & accented)).with_columns(
        name.alias("other")
    )


def _finding(table: AuditTable, id: str, part: str, rows: pl.DataFrame, main: str) -> Finding:
    kinds = rows.group_by("other").len().sort(["len", "other"], descending=[True, False]).rows()
    told = ", ".join(f"{name} {count:,}" for name, count in kinds)
    what = "are written in another script" if id == "other_script" else "seem to be in another language"
    return table.finding(
        id,
        Severity.LOW,
        part,
        rows,
        f"{of_total(rows.height, table.size(part))} {phrase(part)} {what} than {main}, which most rows have "
        f"({told}). A model for one language does not understand them.",
        "They are kept; choose a multilingual model if users will write so, or drop the rows.",
    )
