"""Which script and which language a text is written in, by means that need no model.

The languages are told by function words, which make up a third or more of running text (the idea of
Grefenstette 1995, "Comparing Two Language Identification Schemes", JADT). The words are frequent ones of
the Snowball stop-word lists (BSD), without those that two of these languages share, that are words of
another, or that are names ("die", "war", "me", "in").
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import polars as pl

SCRIPTS: Final = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Chinese or Japanese": r"[\p{Han}\p{Hiragana}\p{Katakana}]",
    "Korean": r"\p{Hangul}",
    "Thai": r"\p{Thai}",
    "Bengali": r"\p{Bengali}",
    "Tamil": r"\p{Tamil}",
    "Georgian": r"\p{Georgian}",
    "Armenian": r"\p{Armenian}",
}
"""Scripts of living languages with the pattern for one letter of them."""

_WORDS: Final = {
    "English": (
        "the and of is are was were my your what how why can could would should have has had this that "
        "with from for not it's don't i i'm you we they there their does did will be been if when where "
        "who please to on at by an any want need help get"
    ),
    "German": (
        "was will und der das ist ich nicht ein eine einen einem einer mit auf für sich dem den auch wie "
        "wenn haben habe wird werden kann können mein meine meinen wir sie noch schon bitte warum wurde "
        "sind oder aber zu von bei nach über mir mich"
    ),
    "French": (
        "on le les est une et je vous nous dans pour pas que qui avec mon ma mes votre vos mais ou où ce "
        "cette ces sont suis être avoir j'ai c'est n'est d'un d'une comment pourquoi bonjour merci aux du"
    ),
    "Spanish": (
        "el los las una y es que por mi mis su cómo qué pero muy está estoy son tengo puedo quiero hola "
        "gracias del cuando donde porque hay fue este esta ser"
    ),
    "Italian": (
        "il gli della delle dei degli nel nella sono ho è perché che di una questo questa non mio mia "
        "come posso vorrei grazie ciao anche più alla dalla con"
    ),
    "Portuguese": (
        "o os uma não é do da dos das na em meu minha eu você está estou como posso quero obrigado "
        "obrigada também muito mas foi isso são ao pelo pela"
    ),
    "Dutch": (
        "is was want het een ik niet van voor op met mijn dat zijn heb hoe waarom wordt deze ook naar "
        "maar bij wat kan je hij uit nog wel dit als geen moet"
    ),
}


def _exclusive() -> dict[str, frozenset[str]]:
    """For each language, its words that no other language here has."""
    words = {language: frozenset(some.split()) for language, some in _WORDS.items()}
    return {
        language: some.difference(*(others for other, others in words.items() if other != language))
        for language, some in words.items()
    }


FUNCTION_WORDS: Final = {language: frozenset(words.split()) for language, words in _WORDS.items()}
CODES: Final = {
    "English": "en",
    "German": "de",
    "French": "fr",
    "Spanish": "es",
    "Italian": "it",
    "Portuguese": "pt",
    "Dutch": "nl",
    "Greek": "el",
    "Hebrew": "he",
    "Korean": "ko",
    "Thai": "th",
    "Bengali": "bn",
    "Tamil": "ta",
    "Georgian": "ka",
    "Armenian": "hy",
}
"""ISO 639-1 codes, where language or script leaves one."""
OWN_WORDS: Final = _exclusive()
"""Function words that tell a language from the others."""


def pattern(words: frozenset[str]) -> str:
    """A regular expression for any of the words, in lower-case text."""
    return rf"\b(?:{'|'.join(sorted(words, key=len, reverse=True))})\b"


_LEAST_HITS: Final = 2
_READ: Final = 500


def told_languages(texts: Sequence[str]) -> list[str | None]:
    """The language of each text, or its script where that is not Latin; None where too little tells it."""
    rows = pl.DataFrame({"text": [text[:_READ].lower() for text in texts]}, schema={"text": pl.String})
    scripts = [pl.col("text").str.count_matches(letter).alias(name) for name, letter in SCRIPTS.items()]
    tongues = [
        pl.col("text").str.count_matches(pattern(words)).alias(name) for name, words in OWN_WORDS.items()
    ]
    found: list[str | None] = []
    for script, tongue in zip(rows.select(scripts).rows(), rows.select(tongues).rows(), strict=True):
        letters, written = max(zip(script, SCRIPTS, strict=True))
        if letters and written != "Latin":
            found.append(written)
            continue
        hits, spoken = max(zip(tongue, OWN_WORDS, strict=True))
        found.append(spoken if hits >= _LEAST_HITS else None)
    return found


def language_shares(texts: pl.Series, most: int = 2000) -> dict[str, float]:
    """The share of the texts in each language, by its code, the largest first; some are in none.

    Of many texts a sample is read, always the same one.
    """
    read = texts.drop_nulls()
    read = read.sample(most, seed=0) if len(read) > most else read
    counts = Counter(CODES[each] for each in told_languages(read.to_list()) if each in CODES)
    return {language: count / len(read) for language, count in counts.most_common()}
