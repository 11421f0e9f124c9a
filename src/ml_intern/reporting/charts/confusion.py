"""What is mistaken for what: a table of counts, or for many classes a compact picture."""

import math
from dataclasses import dataclass

COUNTS_UP_TO = 25
"""With more classes, counts no longer fit; a picture of shares takes their place."""
PAIRS = 8
PAIRS_OF_MANY = 20
CELL = 8.0
MARGIN = 26.0


@dataclass(frozen=True)
class Cell:
    """A count, and its share of the true class's rows."""

    count: int
    share: float
    right: bool


@dataclass(frozen=True)
class Pair:
    """Rows of class `true` answered as `answered`; numbers count classes from 1."""

    true: str
    true_number: int
    answered: str
    answered_number: int
    count: int
    share: float


@dataclass(frozen=True)
class Dot:
    """A cell of the compact picture that is not empty; `size` is the radius, or half the side."""

    x: float
    y: float
    size: float
    right: bool
    said: str


@dataclass(frozen=True)
class Tick:
    """The number of a class on both axes of the picture, and where it stands."""

    at: float
    number: int


@dataclass(frozen=True)
class Confusion:
    """The matrix. `cells` are filled for few classes, `dots` for many."""

    labels: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    side: float
    pairs: tuple[Pair, ...]
    wrong: int
    more_pairs: int


def confusion(labels: tuple[str, ...], counts: tuple[tuple[int, ...], ...]) -> Confusion:
    """`counts[i][j]` are rows of true class `labels[i]` answered as `labels[j]`."""
    cells = tuple(_row(i, row) for i, row in enumerate(counts))
    many = len(labels) > COUNTS_UP_TO
    pairs = _pairs(labels, cells)
    shown = pairs[: PAIRS_OF_MANY if many else PAIRS]
    return Confusion(
        labels=labels,
        cells=() if many else cells,
        dots=_dots(labels, cells) if many else (),
        ticks=tuple(Tick(_centre(i), i + 1) for i in range(len(labels)) if i == 0 or (i + 1) % 10 == 0),
        side=MARGIN + CELL * len(labels) + 2,
        pairs=shown,
        wrong=sum(pair.count for pair in pairs),
        more_pairs=len(pairs) - len(shown),
    )


def _row(i: int, row: tuple[int, ...]) -> tuple[Cell, ...]:
    total = sum(row)
    return tuple(Cell(count, count / total if total else 0.0, i == j) for j, count in enumerate(row))


def _pairs(labels: tuple[str, ...], cells: tuple[tuple[Cell, ...], ...]) -> tuple[Pair, ...]:
    """All mistakes, the most frequent first; of equals the larger share of its class."""
    found = [
        Pair(labels[i], i + 1, labels[j], j + 1, cell.count, cell.share)
        for i, row in enumerate(cells)
        for j, cell in enumerate(row)
        if cell.count and not cell.right
    ]
    return tuple(sorted(found, key=lambda p: (-p.count, -p.share, p.true_number, p.answered_number)))


def _dots(labels: tuple[str, ...], cells: tuple[tuple[Cell, ...], ...]) -> tuple[Dot, ...]:
    """Right answers become squares, their area the share; mistakes circles, sized beside the largest of them.

    On one scale most mistakes would be too small to see.
    """
    worst = max((cell.share for row in cells for cell in row if not cell.right), default=0.0) or 1.0
    return tuple(
        Dot(
            x=_centre(j),
            y=_centre(i),
            size=CELL / 2 * (math.sqrt(cell.share) if cell.right else 0.3 + 0.8 * cell.share / worst),
            right=cell.right,
            said=f"{i + 1} {labels[i]} → {j + 1} {labels[j]}: {cell.count} ({100 * cell.share:.0f} %)",
        )
        for i, row in enumerate(cells)
        for j, cell in enumerate(row)
        if cell.count
    )


def _centre(index: int) -> float:
    return MARGIN + CELL * (index + 0.5)
