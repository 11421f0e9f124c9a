"""Texts of random keys: "asdfgh", "aaaaaaa", "sdkfjh lskdjf".

Why it matters: such rows come from forms filled in to get past them. Their label is arbitrary, so they
add noise to training and luck to a test. The rules are conservative, as a false alarm costs more than a
missed row: runs along a keyboard row as zxcvbn looks for them (Wheeler 2016, "zxcvbn: Low-Budget
Password Strength Estimation", USENIX Security), runs of consonants longer than words of European
languages have, and one character repeated.
"""

import re
from collections import Counter
from typing import Final

import polars as pl

from ml_intern.data.hits import by_part, graded
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.records.data import Finding

_REPEATS: Final = 5
"""As many times the same character and nothing else; "zzz" and "hmmm" are words."""

_LONGEST: Final = 200
"""Longer texts are not judged: nobody types random keys for that long."""

_KNOWN_FROM: Final = 3
"""A word that stands in so many suspect rows is a name or a term, not chance."""

# Runs of four keys, without those that occur in words: "property", "strewn", "Hertz", "Azerbaijan".
_RUNS: Final = "|".join(
    "asdf sdfg dfgh fghj ghjk hjkl qwer rtyu tyui yuio uiop zxcv xcvb cvbn vbnm "
    "fdsa gfds hgfd jhgf kjhg lkjh rewq uytr iuyt oiuy poiu vcxz bvcx nbvc mnbv".split()
)
_NAMED_LAYOUTS: Final = frozenset({"qwerty", "qwertz", "azerty"})
_SUSPECT: Final = rf"(?i)(?:{_RUNS})|[bcdfghjklmnpqrstvwxz]{{5}}"
_WORD: Final = re.compile(r"(?<![\w@/.:#-])[^\W\d_]{4,40}(?![\w@/:]|\.\w)")
_UNIT: Final = re.compile(
    r"t?s?sch|[cstpgkrwz]h|ck|s[tcpkz]|t[sz]|ng|[cdrs]z|[bcdfgkptv][rl]|(.)\1*", re.IGNORECASE
)
"""Consonants that are spoken or written as one: "Angstschweiß" has a run of eight but of four units."""
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{5,}", re.IGNORECASE)
_MAX_UNITS: Final = 4
_VOWEL: Final = re.compile(r"[aeiouy]")
_ABBREVIATION: Final = 6
"""Shorter words without a vowel may be abbreviations: "wdygt", "bzgl"."""


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each part."""
    text = pl.col("text").str.strip_chars()
    repeated = (
        (text.str.len_chars() >= _REPEATS)
        & text.str.contains(r"^[\p{L}\p{N}]")
        & (text.str.strip_chars(text.str.head(1)) == "")
    )
    short = table.rows.filter(text.str.len_chars() <= _LONGEST)
    same = short.filter(repeated)
    mashed = _mashed(short.filter(~repeated & text.str.contains(_SUSPECT)))
    findings = []
    for part, rows in by_part(table, pl.concat([same, mashed])):
        total = table.size(part)
        findings.append(
            table.finding(
                "gibberish",
                graded(rows.height / total, medium=0.02),
                part,
                rows.sort("row"),
                f"{of_total(rows.height, total)} {phrase(part)} look like random keys or one key held down. "
                "Their labels are arbitrary: noise in training, luck in a test.",
                "They are kept; look at them and drop those that mean nothing.",
            )
        )
    return findings


def _mashed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of which random words make up most letters."""
    texts = rows["text"].to_list()
    words = [_WORD.findall(text) for text in texts]
    known = Counter(word.casefold() for found in words for word in set(found))
    random = [[word for word in found if _is_random(word, known)] for found in words]
    keep = [
        2 * sum(map(len, some)) > sum(character.isalpha() for character in text)
        for some, text in zip(random, texts, strict=True)
    ]
    return rows.filter(pl.Series(keep, dtype=pl.Boolean))


def _is_random(word: str, known: Counter[str]) -> bool:
    plain = word.casefold()
    if plain in _NAMED_LAYOUTS or (word.isupper() and len(word) < 8):
        return False
    if re.search(_RUNS, plain):
        return True
    if len(word) < _ABBREVIATION and not _VOWEL.search(plain):
        return False
    return known[plain] < _KNOWN_FROM and any(
        sum(1 for _ in _UNIT.finditer(run)) > _MAX_UNITS for run in _CONSONANTS.findall(plain)
    )
