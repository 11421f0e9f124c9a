"""Which texts of a dataset are of one family: near-copies of one another, or made from one template.

Worked out once over all parts; the checks and the split share it.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.data.keys import Rows
from ml_intern.data.near import COMPARED, Near, near_pairs
from ml_intern.data.templates import Templates, masked, templates

_NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"


@dataclass(frozen=True)
class Kin:
    """What is known about `texts`, the different normalised texts in the order of their first rows.

    `near` and `templates` speak of positions in `texts`.
    """

    texts: pl.Series
    near: Near
    templates: Templates

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Kin":
        """Compare the texts of `rows` (columns `text` and `normal`); rows without a text are left aside.

        Takes about 0.5 s for 10,000 short texts and grows with their number.
        """
        rows = rows.select(pl.col("text").str.slice(0, 2 * COMPARED), "normal").drop_nulls("text")
        texts = rows["normal"].unique(maintain_order=True)
        return cls(texts, near_pairs(texts), _templates(rows, texts))

    def positions(self, normal: pl.Series) -> pl.Series:
        """Where each normalised text stands in `texts`; null where it does not."""
        index = pl.DataFrame({"normal": self.texts, "at": np.arange(len(self.texts))})
        return normal.to_frame("normal").join(index, on="normal", how="left", maintain_order="left")["at"]

    def beside(self, known: pl.Series) -> pl.Series:
        """The texts that have a near-copy among the normalised texts `known`, those themselves left out."""
        inside = np.zeros(len(self.texts), bool)
        inside[self.positions(known.unique()).drop_nulls().to_numpy()] = True
        one, other = self.near.pairs.T
        beside = np.append(other[inside[one]], one[inside[other]])
        return self.texts.gather(np.unique(beside[~inside[beside]]))

    def both_ways(self) -> pl.DataFrame:
        """All pairs of near-copies as positions `at` and `other`, each pair once from either side."""
        one, other = self.near.pairs.T
        there = pl.DataFrame({"at": one, "other": other})
        return pl.concat([there, there.select(pl.col("other").alias("at"), pl.col("at").alias("other"))])


def side_by_side(text: str, other: str) -> pl.Expr:
    """The beginnings of two columns of texts as one, for an example that proves their likeness."""
    return pl.format("{} ≈ {}", pl.col(text).str.slice(0, 75), pl.col(other).str.slice(0, 75))


def components(texts: int, pairs: Rows) -> NDArray[np.int32]:
    """The number of the connected component that each of `texts` texts is in, from 0."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(texts, texts))
    found: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    return found


def linked(templates: Templates) -> Rows:
    """Pairs that connect the texts of each template: its first with each of the others."""
    if not len(templates.text):
        return np.empty((0, 2), np.int64)
    first = np.searchsorted(templates.template, templates.template)
    pairs = np.stack([templates.text[first], templates.text], axis=1)
    different: Rows = pairs[pairs[:, 0] != pairs[:, 1]]
    return different


def _templates(rows: pl.DataFrame, texts: pl.Series) -> Templates:
    """The templates among the masked forms, told by positions in `texts`."""
    table = rows.unique("text", maintain_order=True)
    table = table.with_columns(
        masked(table["text"], table["normal"]).alias("form"),
        pl.col("text").str.to_lowercase().str.replace_all(_NOT_A_WORD, " ").alias("filled"),
    )
    forms = table.group_by("form", maintain_order=True).agg(pl.col("filled").n_unique())
    found = templates(forms["form"], forms["filled"])
    entries = pl.DataFrame({"form": forms["form"].gather(found.text), "template": found.template})
    places = table.unique("normal", maintain_order=True).with_row_index("at").select("form", "at")
    entries = entries.join(places, on="form", how="inner").sort("template", "at")
    return Templates(
        entries["at"].to_numpy().astype(np.int64),
        entries["template"].to_numpy().astype(np.int64),
        found.frames,
    )
