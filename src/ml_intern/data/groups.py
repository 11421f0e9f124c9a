"""Groups of texts that must not be divided: near-copies, and the texts of one template.

Being alike is handed on from text to text, so in narrow data nearly everything can hang together, and one
such group in a single part would spoil the share of each class. A group beyond `LARGEST` is therefore cut
where its texts are least alike: templates go first, then less similar pairs, until only texts that are equal
once masked stay together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from ml_intern.data.kin import Kin, components, linked
from ml_intern.data.near import SIMILAR

LARGEST: Final = 0.05
"""Share of the rows that a group may have: half of what a held-out part gets."""

_ALWAYS_WHOLE: Final = 5
"""Rows that a group may have however few there are in all."""

_STRICTER: Final = (0.9, 0.95, 2.0)
"""The similarity that pairs in a group that is too large must have; the last lets none pass."""


@dataclass(frozen=True)
class Groups:
    """The group of each text, named by the first of its texts in alphabetical order, and what was cut.

    `cut` says how many groups were too large, `cut_rows` how many rows they had; `strictest` is the least
    similarity of pairs that still stay together in all of them, 2 where none do.
    """

    group: dict[str, str]
    cut: int
    cut_rows: int
    strictest: float


def make_groups(kin: Kin, normal: pl.Series) -> Groups:
    """Group the rows whose normalised texts are `normal`; other texts of `kin` connect nothing."""
    size = len(kin.texts)
    weights = np.bincount(kin.positions(normal).to_numpy(), minlength=size)
    pairs = np.concatenate([linked(kin.templates), kin.near.pairs])
    templates = len(pairs) - len(kin.near.pairs)
    alike = np.append(np.full(templates, SIMILAR, np.float32), kin.near.similarity)
    inside = (weights[pairs] > 0).all(axis=1)
    pairs, alike = pairs[inside], alike[inside]
    largest = max(LARGEST * len(normal), _ALWAYS_WHOLE)
    strictest = np.zeros(size)
    cut, cut_rows = 0, 0
    for step, stricter in enumerate(_STRICTER):
        group = components(size, pairs[alike >= strictest[pairs[:, 0]]])
        rows = np.bincount(group, weights)
        too_large = (rows > largest) & (np.bincount(group, weights > 0) > 1)
        if not step:
            cut, cut_rows = int(too_large.sum()), int(rows[too_large].sum())
        strictest[too_large[group]] = stricter
    group = components(size, pairs[alike >= strictest[pairs[:, 0]]])
    here = np.flatnonzero(weights)
    named = pl.DataFrame({"text": kin.texts.gather(here), "group": group[here]})
    named = named.with_columns(pl.col("text").min().over("group").alias("name"))
    return Groups(dict(named.select("text", "name").rows()), cut, cut_rows, float(strictest.max()))


def told(groups: Groups, rows: int) -> str:
    """What is kept together, as the end of a sentence and, where groups were cut, one more."""
    said = ", stratified by label, with near-copies and the texts of one template kept together."
    if not groups.cut:
        return said
    which = "One group" if groups.cut == 1 else f"{groups.cut} groups"
    were = "was" if groups.cut == 1 else "were"
    alike = (
        "no two different texts"
        if groups.strictest > 1
        else f"only texts that are alike to {groups.strictest:.0%}"
    )
    return (
        f"{said} {which} of {groups.cut_rows:,} rows ({groups.cut_rows / rows:.0%}) {were} too large for one "
        f"part and cut: in there, {alike} are sure to stay together."
    )
