"""Figures, each beside the numbers it shows."""

import csv
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ml_intern.evaluation.scores import Counts

SHOW_COUNTS_UP_TO = 25
SHOW_NAMES_UP_TO = 100
LONGEST_NAME = 28


def confusion_figure(
    folder: Path, labels: tuple[str, ...], confusion: Counts, title: str
) -> tuple[Path, Path]:
    """Write confusion_matrix.png and .csv into `folder`; rows are true classes, columns answers.

    Colours show each true class's shares on a scale that stays readable without colour vision. The
    same numbers give the same bytes.
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


def _draw(labels: tuple[str, ...], confusion: Counts, title: str) -> Figure:
    classes = len(labels)
    side = min(4.5 + 0.42 * classes, 6 + 0.21 * classes)
    figure = Figure(figsize=(side + 1.2, side), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    totals = confusion.sum(axis=1, keepdims=True)
    shares = np.divide(confusion, totals, out=np.zeros(confusion.shape), where=totals > 0)
    image = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel("answered")
    axes.set_ylabel("true class")
    if classes <= SHOW_NAMES_UP_TO:
        size = 9 if classes <= SHOW_COUNTS_UP_TO else 6
        names = [_shorten(label) for label in labels]
        axes.set_xticks(range(classes), names, rotation=90, fontsize=size)
        axes.set_yticks(range(classes), names, fontsize=size)
    if classes <= SHOW_COUNTS_UP_TO:
        for (i, j), count in np.ndenumerate(confusion):
            if count:
                colour = "black" if shares[i, j] > 0.55 else "white"
                axes.text(j, i, str(count), ha="center", va="center", color=colour, fontsize=8)
    figure.colorbar(image, ax=axes, shrink=0.8, label="share of the true class")
    return figure


def _shorten(label: str) -> str:
    # A dollar sign would start a formula, and a control character has no glyph.
    shown = "".join(c if c.isprintable() else "·" for c in label).replace("$", r"\$")
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"
