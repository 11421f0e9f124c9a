"""Which rows of the tickets get a flaw, decided before any text is written.

Flaws never share a row, so that their counts are exact. Nothing here knows how a data audit looks for
them, and no audit knows of this.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from ml_intern.records.base import Record

TRAIN: Final = "train"
MOST_FLAWED: Final = 0.9
"""The largest share of rows that may be flawed or be repeated by a flawed one: some must stay clean."""

Flaw = Literal["duplicate", "near_copy", "conflicting_label", "missing_text"]
Share = Annotated[float, Field(ge=0, le=MOST_FLAWED)]


class Flaws(Record):
    """How much is wrong with the tickets; all zero and an imbalance of 1 is clean data.

    Raises:
        ValueError: a rate is out of range, or the rates together leave too few clean rows.
    """

    duplicates: Share = 0.03
    """Share of the rows of each split that repeat an earlier one of it to the letter, label included."""
    near_copies: Share = 0.06
    """Share of the rows of validation and test that repeat a training row but for digits, case or
    punctuation, label included."""
    conflicting_labels: Share = 0.01
    """Share of the rows of each split that repeat an earlier one of it to the letter under another label.
    They are repetitions as much as the duplicates are."""
    missing_texts: Share = 0.01
    """Share of the rows of each split without a text."""
    imbalance: float = Field(default=4.0, ge=1, le=1000)
    """Rows with text of the most frequent class for each of the least frequent, in every split."""

    @model_validator(mode="after")
    def _leave_clean_rows(self) -> Self:
        pairs = self.duplicates + self.conflicting_labels
        if 2 * pairs + self.missing_texts + self.near_copies > MOST_FLAWED:
            raise ValueError(
                "twice duplicates and conflicting_labels plus near_copies and missing_texts may be at most "
                f"{MOST_FLAWED:g}: flawed rows need rows to repeat, and some must stay clean"
            )
        return self


class Plant(Record):
    """One flawed row. Rows count from 0 in their split."""

    flaw: Flaw
    split: str
    row: int
    source: int | None = None
    """The row it repeats: of the train split for a near-copy, else an earlier one of its own split."""


class Planted(Record):
    """What was planted: the key to compare an audit's findings with."""

    seed: int
    flaws: Flaws
    classes: dict[str, dict[str, int]]
    """Rows with text by split and issue type."""
    plants: tuple[Plant, ...]

    def rows(self, flaw: Flaw, split: str) -> tuple[int, ...]:
        """The rows of one split with one flaw, in order."""
        return tuple(sorted(p.row for p in self.plants if (p.flaw, p.split) == (flaw, split)))


class Plot:
    """The rows of one split: the label of each, and those that no flaw has taken yet, by label."""

    def __init__(self, split: str, rows: int, labels: Sequence[str], flaws: Flaws, chance: random.Random):
        self.split, self.rows, self.chance = split, rows, chance
        missing = round(flaws.missing_texts * rows)
        self.classes = apportion(rows - missing, labels, flaws.imbalance)
        order = list(range(rows))
        chance.shuffle(order)
        self.missing = order[:missing]
        spread = [label for label, count in self.classes.items() for _ in range(count)]
        self.labels = dict(zip(order[missing:], spread, strict=True))
        self.free: dict[str, list[int]] = {label: [] for label in labels}
        for row, label in self.labels.items():
            self.free[label].append(row)
        self.labels |= {row: chance.choices(labels, list(self.classes.values()))[0] for row in self.missing}

    def pick(self, labels: Iterable[str]) -> str:
        """One of `labels`, by the number of their free rows.

        Raises:
            ValueError: none of them has a free row.
        """
        fit = [label for label in labels if self.free[label]]
        if not fit:
            raise ValueError(f"{self.rows} {self.split} rows are too few for these flaws")
        return self.chance.choices(fit, [len(self.free[label]) for label in fit])[0]


def apportion(rows: int, labels: Sequence[str], imbalance: float) -> dict[str, int]:
    """How many rows each label gets: a geometric series from the first label down to the last."""
    last = len(labels) - 1
    weights = [imbalance ** (-i / last) for i in range(len(labels))]
    exact = [rows * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in exact]
    for i in sorted(range(len(labels)), key=lambda i: counts[i] - exact[i])[: rows - sum(counts)]:
        counts[i] += 1
    if not counts[last]:
        raise ValueError(f"{rows} rows are too few for {len(labels)} issue types, {imbalance:g} to 1")
    return dict(zip(labels, counts, strict=True))


def plant(plots: Mapping[str, Plot], partners: Mapping[str, Sequence[str]], flaws: Flaws) -> list[Plant]:
    """Choose the flawed rows of all splits; labels stay, so that the classes keep their sizes."""
    plants = []
    for split, plot in plots.items():
        plants += [Plant(flaw="missing_text", split=split, row=row) for row in plot.missing]
        plants += [_duplicate(plot) for _ in range(round(flaws.duplicates * plot.rows))]
        plants += [_conflict(plot, partners) for _ in range(round(flaws.conflicting_labels * plot.rows))]
    for split, plot in plots.items():
        if split != TRAIN:
            near_copies = range(round(flaws.near_copies * plot.rows))
            plants += [_near_copy(plot, plots[TRAIN]) for _ in near_copies]
    return plants


def _duplicate(plot: Plot) -> Plant:
    label = plot.pick(label for label, rows in plot.free.items() if len(rows) > 1)
    source, row = sorted([plot.free[label].pop(), plot.free[label].pop()])
    return Plant(flaw="duplicate", split=plot.split, row=row, source=source)


def _conflict(plot: Plot, partners: Mapping[str, Sequence[str]]) -> Plant:
    """Two rows of issue types that people mix up, as far as there are such."""
    label = plot.pick(plot.free)
    likely = [other for other in partners[label] if plot.free[other]]
    other = plot.pick(likely or (name for name in plot.free if name != label))
    source, row = sorted([plot.free[label].pop(), plot.free[other].pop()])
    return Plant(flaw="conflicting_label", split=plot.split, row=row, source=source)


def _near_copy(plot: Plot, train: Plot) -> Plant:
    label = plot.pick(label for label, rows in train.free.items() if rows)
    row, source = plot.free[label].pop(), train.free[label].pop()
    return Plant(flaw="near_copy", split=plot.split, row=row, source=source)
