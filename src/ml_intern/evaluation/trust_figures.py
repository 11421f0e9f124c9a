"""Figures of confidence, each as a picture beside the numbers it shows."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ml_intern.records.trust import Abstention, Calibration, Slice

if TYPE_CHECKING:  # it takes a second to import, and most commands draw nothing
    from matplotlib.axes import Axes

BLUE, ORANGE = "#1f77b4", "#d95f02"
MOST_SLICES = 25
LONGEST_NAME = 40


def trust_figures(
    folder: Path, calibration: Calibration, abstention: Abstention, slices: Sequence[Slice]
) -> tuple[Path, ...]:
    """Write reliability, confidence, risk_coverage and slices, each as .png and .csv; the paths of all.

    Slices are left out where there is none. The same numbers give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bins = [(b.low, b.high, b.rows, b.confidence, b.accuracy) for b in calibration.bins]
    curve = [(p.threshold, p.coverage, p.risk) for p in abstention.risk_coverage]
    forest = [
        (s.id, s.rows, s.accuracy.value, s.accuracy.low, s.accuracy.high, s.rest.value, s.p_value, s.worse)
        for s in slices
    ]
    header = ("low", "high", "rows", "confidence", "accuracy")
    made = [
        *_figure(folder, "reliability", header, bins, lambda axes: _reliability(axes, calibration)),
        *_figure(folder, "confidence", header, bins, lambda axes: _histogram(axes, calibration)),
        *_figure(
            folder, "risk_coverage", ("threshold", "coverage", "risk"), curve, lambda a: _risk(a, abstention)
        ),
    ]
    if slices:
        columns = ("slice", "rows", "accuracy", "low", "high", "rest", "p_value", "worse")
        made += _figure(folder, "slices", columns, forest, lambda axes: _forest(axes, slices[:MOST_SLICES]))
    return tuple(made)


def _figure(
    folder: Path,
    name: str,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    draw: Callable[["Axes"], None],
) -> tuple[Path, Path]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    table, picture = folder / f"{name}.csv", folder / f"{name}.png"
    with table.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    draw(axes)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, dpi=120, metadata={"Software": None})
    return picture, table


def _reliability(axes: "Axes", calibration: Calibration) -> None:
    filled = [each for each in calibration.bins if each.rows]
    axes.plot((0, 1), (0, 1), color="0.6", linestyle=":", label="as sure as right")
    places = [each.confidence for each in filled], [each.accuracy for each in filled]
    axes.plot(*places, color=BLUE, marker="o", label="this model")
    axes.set_title(
        f"Calibration error {calibration.ece.value:.3f} on the test split", loc="left", fontsize=11
    )
    axes.set_xlabel("mean confidence of a bin")
    axes.set_ylabel("share of right answers")
    axes.legend(frameon=False, fontsize=8)


def _histogram(axes: "Axes", calibration: Calibration) -> None:
    lows = [each.low for each in calibration.bins]
    width = 0.9 * (calibration.bins[0].high - calibration.bins[0].low)
    right = [each.rows * each.accuracy for each in calibration.bins]
    wrong = [each.rows - good for each, good in zip(calibration.bins, right, strict=True)]
    axes.bar(lows, right, width, align="edge", color=BLUE, label="right")
    axes.bar(lows, wrong, width, right, align="edge", color=ORANGE, label="wrong", hatch="//")
    axes.set_title("How sure the answers are", loc="left", fontsize=11)
    axes.set_xlabel("confidence")
    axes.set_ylabel("test rows")
    axes.legend(frameon=False, fontsize=8)


def _risk(axes: "Axes", abstention: Abstention) -> None:
    points = abstention.risk_coverage
    axes.plot([p.coverage for p in points], [p.risk for p in points], color=BLUE)
    carried = next(each for each in abstention.scores if each.score is abstention.chosen)
    axes.plot(carried.coverage.value, 1 - carried.accuracy.value, "D", color=ORANGE, label="with UNKNOWN")
    axes.set_title(f"Wrong answers by share answered, by {abstention.chosen.words}", loc="left", fontsize=11)
    axes.set_xlabel("share of the test rows answered")
    axes.set_ylabel("share wrong of those")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)


def _forest(axes: "Axes", slices: Sequence[Slice]) -> None:
    places = range(len(slices), 0, -1)
    for place, each in zip(places, slices, strict=True):
        colour = ORANGE if each.worse else BLUE
        axes.plot((each.accuracy.low, each.accuracy.high), (place, place), color=colour)
        axes.plot(each.accuracy.value, place, "D" if each.worse else "o", color=colour)
    names = ["".join(c if " " <= c <= "~" else "?" for c in each.title)[:LONGEST_NAME] for each in slices]
    axes.set_yticks(list(places), names, fontsize=7, parse_math=False)
    axes.set_title("Accuracy of each slice with its 95 % interval", loc="left", fontsize=11)
    axes.set_xlabel("accuracy")
