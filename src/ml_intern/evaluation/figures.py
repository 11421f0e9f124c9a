"""Figures, each beside the numbers it shows."""

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ml_intern.evaluation.scores import Counts, Values

if TYPE_CHECKING:  # it takes a second to import, and most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOW_COUNTS_UP_TO = 25
SHOW_NAMES_UP_TO = 100
LONGEST_NAME = 28
LARGEST_SIDE = 18
"""Inches."""
DARK_FROM = (0.35, 0.6)
"""The share from which a wrong, and a right, cell needs white letters."""
RIGHT = (0.0, 0.25, 0.5, 0.75, 1.0)
WRONG = (0.0, 0.01, 0.05, 0.2, 0.5, 1.0)


def confusion_figure(
    folder: Path, labels: tuple[str, ...], confusion: Counts, title: str
) -> tuple[Path, Path]:
    """Write confusion_matrix.png and .csv into `folder`; rows are true classes, columns answers.

    Colours show each true class's shares; counts are written where there is room for them. The same
    numbers give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "confusion_matrix.csv"
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["true \\ answered", *labels])
        writer.writerows([label, *map(int, row)] for label, row in zip(labels, confusion, strict=True))
    picture = folder / "confusion_matrix.png"
    _draw(labels, confusion, title).savefig(picture, dpi=120, metadata={"Software": None})
    return picture, table


def _draw(labels: tuple[str, ...], confusion: Counts, title: str) -> "Figure":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    classes = len(labels)
    named = classes <= SHOW_NAMES_UP_TO
    side = min(4.5 + 0.42 * classes, 6 + 0.14 * classes, LARGEST_SIDE)
    figure = Figure(figsize=(side + 1.6, side + 0.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _paint(axes, _shares(confusion))
    axes.set_title(title, loc="left", fontsize=11, parse_math=False)
    axes.set_xlabel("answered")
    axes.set_ylabel("true class")
    axes.tick_params(length=0)
    axes.set_xticks([])
    axes.set_yticks([])
    if named:
        size = 9 if classes <= SHOW_COUNTS_UP_TO else 6
        names = [_shorten(label) for label in labels]
        # A dollar sign in a label is no formula.
        axes.set_xticks(range(classes), names, rotation=90, fontsize=size, parse_math=False)
        axes.set_yticks(range(classes), names, fontsize=size, parse_math=False)
    if named and classes > SHOW_COUNTS_UP_TO:
        # Thin lines lead the eye from a far cell to its names.
        edges = np.arange(0.5, classes - 1)
        axes.hlines(edges, -0.5, classes - 0.5, color="0.9", linewidth=0.4)
        axes.vlines(edges, -0.5, classes - 0.5, color="0.9", linewidth=0.4)
    if classes <= SHOW_COUNTS_UP_TO:
        _write_counts(axes, confusion)
    return figure


def _shares(confusion: Counts) -> Values:
    """Of each true class's rows, the share answered as each class; 0 for classes without rows."""
    totals = confusion.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(confusion, totals, out=np.zeros(confusion.shape), where=totals > 0))


def _paint(axes: "Axes", shares: Values) -> None:
    """Right answers in blue, mistakes in orange: told apart also without colour vision.

    Orange goes with the square root of the share, so that a mistake in one row of forty can be seen.
    """
    from matplotlib.colors import PowerNorm

    right = np.eye(len(shares), dtype=bool)
    bars = []
    for colours, hidden, gamma in (("Blues", ~right, 1.0), ("Oranges", right, 0.5)):
        cells = np.ma.masked_where(hidden | (shares == 0), shares)
        bars.append(axes.imshow(cells, cmap=colours, norm=PowerNorm(gamma, vmin=0, vmax=1)))
    figure = axes.get_figure(root=True)
    assert figure is not None
    for image, name, ticks in zip(reversed(bars), ("wrong", "right"), (WRONG, RIGHT), strict=True):
        bar = figure.colorbar(image, ax=axes, shrink=0.6, aspect=40, pad=0.015)
        bar.set_ticks(ticks, labels=[f"{share:.0%}" for share in ticks], fontsize=8)
        bar.ax.set_title(name, fontsize=9, loc="left")
        if name == "wrong":
            bar.set_label("share of the true class", fontsize=9)


def _write_counts(axes: "Axes", confusion: Counts) -> None:
    shares = _shares(confusion)
    for (i, j), count in np.ndenumerate(confusion):
        if count:
            colour = "white" if shares[i, j] > (DARK_FROM[i == j]) else "black"
            axes.text(j, i, str(count), ha="center", va="center", color=colour, fontsize=8)


def _shorten(label: str) -> str:
    """At most `LONGEST_NAME` characters, each of which the font can draw; the table has the rest."""
    shown = "".join(c if c.isprintable() and ord(c) in _glyphs() else "□" for c in label)
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties())).get_charmap())
