"""The one definition of "the same text once digits, case and punctuation are masked".

Templated and scraped datasets repeat a text with another order number, another capital letter or one
more question mark. A model that saw one of these in training has seen them all, so audit and split
treat them as one text.
"""

import hashlib
import unicodedata
from typing import Final

import polars as pl

_INVISIBLE: Final = r"\p{Cf}+"
_GAP: Final = r"[\p{P}\p{Z}\p{Cc}]+"
_NUMBER: Final = r"\p{Nd}+(?: \p{Nd}+)*"
_PLACEHOLDER: Final = "0"
KEPT: Final = 2000
"""Characters of a masked text that are kept where it is only compared; near-copies look at half of that."""


def normalise(texts: pl.Series) -> pl.Series:
    """Each text in its masked form; missing stays missing.

    Unicode NFKC and case folding; invisible characters dropped; each run of punctuation and white
    space becomes one space; digit runs, also grouped ones such as `1 234`, become `0`. Symbols and
    emoji stay: in short messages they carry the meaning. A text of punctuation alone keeps it.

    Takes about 0.2 s for 100,000 short texts.
    """
    folded = _folded(texts)
    masked = (
        folded.str.replace_all(_INVISIBLE, "")
        .str.replace_all(_GAP, " ")
        .str.replace_all(_NUMBER, _PLACEHOLDER)
        .str.strip_chars(" ")
    )
    # Without this, "?!" and "..." would be the same text.
    frame = pl.DataFrame({"masked": masked, "folded": folded.str.strip_chars()})
    choose = pl.when(pl.col("masked") == "").then("folded").otherwise("masked")
    return frame.select(choose.alias(texts.name)).to_series()


def normalise_one(text: str) -> str:
    """The masked form of one text."""
    return str(normalise(pl.Series("text", [text])).item())


def abridged(masked: pl.Series) -> pl.Series:
    """Masked texts to compare: of longer ones the first `KEPT` characters and a hash of the whole.

    Equal ones stay equal and different ones different, and a thousand pages take no more memory than one.
    """
    long = (masked.str.len_chars() > KEPT).fill_null(False).arg_true()
    if not long.len():
        return masked
    texts = masked.gather(long)
    hashes = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in texts.to_list()]
    return masked.scatter(long, texts.str.slice(0, KEPT) + " " + pl.Series(hashes))


def _folded(texts: pl.Series) -> pl.Series:
    lower = texts.str.to_lowercase()
    places = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if not places.len():
        return lower
    # For texts in ASCII, folding is lower case, which takes no Python.
    return lower.scatter(places, [_fold(text) for text in texts.gather(places).to_list()])


def _fold(text: str) -> str:
    # Folding can undo the composition, hence the second pass (Unicode standard, section 3.13, D146).
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
