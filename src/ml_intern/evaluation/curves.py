"""The course of a training as a picture, beside the numbers it shows."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # it takes a second to import, and most commands draw nothing
    from matplotlib.axes import Axes

LOSSES = {"loss": ("training loss", "#1f77b4", "o"), "validation_loss": ("validation loss", "#d95f02", "s")}
SCORES = {
    "accuracy": ("accuracy", "#1b9e77", "^"),
    "macro_f1": ("macro F1", "#7570b3", "D"),
}
"""Colours that stay apart without colour vision, and a mark each where that is not enough."""


def curves_figure(
    folder: Path, curve: Sequence[Mapping[str, Any]], best_step: int, title: str
) -> tuple[Path, Path]:
    """Write training_curves.png and .csv into `folder`: losses and validation scores by step.

    `curve` holds one row a log step; rows may lack values. The same rows give the same bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "training_curves.csv"
    names = list(dict.fromkeys(name for row in curve for name in row))
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(curve)
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _draw(left, curve, LOSSES, best_step)
    left.set_ylim(0, 1.05 * left.get_ylim()[1])
    _draw(right, curve, SCORES, best_step)
    right.set_ylim(0, 1.02)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, parse_math=False)
    picture = folder / "training_curves.png"
    figure.savefig(picture, dpi=120, metadata={"Software": None})
    return picture, table


def _draw(
    axes: "Axes",
    curve: Sequence[Mapping[str, Any]],
    series: Mapping[str, tuple[str, str, str]],
    best_step: int,
) -> None:
    axes.axvline(best_step, color="0.6", linewidth=1, linestyle=":", label=f"kept: step {best_step}")
    for name, (words, colour, mark) in series.items():
        points = [(row["step"], row[name]) for row in curve if name in row]
        if points:
            size = 4 if len(points) <= 30 else 0
            axes.plot(*zip(*points, strict=True), color=colour, marker=mark, markersize=size, label=words)
    axes.set_xlabel("step")
    axes.grid(color="0.92")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
