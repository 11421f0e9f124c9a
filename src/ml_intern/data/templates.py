"""Templates: texts that are the same but for what fills one open place.

"Do you ship to Austria", "do you ship to Belgium" and three more like it were not written by five people:
somebody filled in a form. A frame is a text with one word left open; it counts as a template once enough
different fillings are seen. Numbers, mail and web addresses and placeholders such as `{{Order Number}}` fill
a place, too. Log files are mined for their templates in this way: patterns with open places, kept where
enough lines fit (Vaarandi 2003, "A data clustering algorithm for mining patterns from event logs").
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ml_intern.data.keys import Rows, Words, shared
from ml_intern.data.near import COMPARED
from ml_intern.data.normalise import normalise

FILLINGS: Final = 5
"""Fewer texts that differ in one word may well have been written one by one."""

FIXED_WORDS: Final = 3
"""With fewer words around the open place, a frame such as "my ___ card" says little."""

OPEN: Final = "___"

_FILLED: Final = (
    r"\{\{[^{}]{0,80}\}\}|\{[^{}\s]{1,40}\}|<[A-Za-z_]{1,40}>"
    r"|(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_PLACE: Final = "0"
"""As `normalise` writes a number."""

_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True)
class Templates:
    """Which texts come from which template; one entry for each text and template it fills.

    `text` holds positions, `template` counts from 0, equal ones side by side; `frames` shows each template.
    """

    text: Rows
    template: Rows
    frames: tuple[str, ...]


def masked(texts: pl.Series, normal: pl.Series) -> pl.Series:
    """The normalised form of each text with addresses and placeholders masked like numbers.

    `normal` are the texts normalised as they are, which is what nearly all of them stay.
    """
    filled = texts.str.contains(_FILLED).arg_true()
    forms = normalise(texts.gather(filled).str.replace_all(_FILLED, f" {_PLACE} "))
    return normal.scatter(filled, forms) if len(filled) else normal


def templates(forms: pl.Series, fillings: pl.Series) -> Templates:
    """The templates among different masked texts.

    Args:
        forms: the masked texts; long ones count by their first `COMPARED` letters.
        fillings: how many different texts became each form; where many did, a number was filled in.
    """
    words = Words.of(forms.str.slice(0, COMPARED))
    several = words.ends - words.starts > FIXED_WORDS
    rest, rows, place = words.without(1)
    # The place is part of the key: "lost my card" and "my card lost" leave the same words.
    key = rest + (place.astype(np.uint64) + np.uint64(1)) * _SPREAD
    keys, owners = shared(key[several[rows]], rows[several[rows]])
    starts = np.flatnonzero(np.append(len(keys) > 0, keys[1:] != keys[:-1])) if len(keys) else _NONE
    sizes = np.diff(np.append(starts, len(keys)))
    often = np.flatnonzero(sizes >= FILLINGS)
    holds_number = forms.str.contains(rf"(^| ){_PLACE}( |$)").to_numpy()
    numbered = np.flatnonzero((fillings.to_numpy() >= FILLINGS) & several & holds_number)
    members = [owners[start : start + size] for start, size in zip(starts[often], sizes[often], strict=True)]
    frames = [_frame(forms, group) for group in members] + forms.gather(numbered).to_list()
    members += [numbered[i : i + 1] for i in range(len(numbered))]
    if not members:
        return Templates(_NONE, _NONE, ())
    template = np.repeat(np.arange(len(members)), [len(group) for group in members])
    return Templates(np.concatenate(members), template, tuple(frames))


def _frame(forms: pl.Series, group: Rows) -> str:
    """The first two texts of a group without the word in which they differ."""
    one, other = (forms[int(position)].split(" ") for position in group[:2])
    return " ".join(a if a == b else OPEN for a, b in zip(one, other, strict=False))
