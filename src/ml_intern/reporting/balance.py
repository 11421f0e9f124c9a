"""How the rows of each split spread over the classes, as bars."""

from dataclasses import dataclass

from ml_intern.records.data import DataReport

MOST_CLASSES = 40
SHOWN_LARGEST, SHOWN_SMALLEST = 20, 10
"""Which classes are shown where there are more than `MOST_CLASSES`: most findings are about the ends."""


@dataclass(frozen=True)
class Measure:
    """A class in one part: its rows, their share of the part, and that as a share of the widest bar."""

    rows: int
    share: float
    width: float


@dataclass(frozen=True)
class ClassBars:
    """A class with a bar for each part."""

    label: str
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Balance:
    """The bars, classes with most rows first; `hidden` classes were left out after the largest ones.

    All bars have one scale, the share of a class in the labelled rows of its part, so that parts of
    different size can be compared. Hidden classes have from `hidden_least` to `hidden_most` rows.
    """

    parts: tuple[str, ...]
    largest: tuple[ClassBars, ...]
    smallest: tuple[ClassBars, ...]
    hidden: int
    hidden_least: int
    hidden_most: int


def balance(report: DataReport) -> Balance | None:
    """The bars of this report; None where no row has a label."""
    sizes = {label: sum(parts.values()) for label, parts in report.classes.items()}
    order = sorted(sizes, key=lambda label: (-sizes[label], label))
    if not order:
        return None
    few = len(order) <= MOST_CLASSES
    largest, smallest = (order, []) if few else (order[:SHOWN_LARGEST], order[-SHOWN_SMALLEST:])
    hidden = order[len(largest) : len(order) - len(smallest)]
    bars = _bars(report)
    return Balance(
        parts=tuple(report.splits),
        largest=tuple(bars[label] for label in largest),
        smallest=tuple(bars[label] for label in smallest),
        hidden=len(hidden),
        hidden_least=sizes[hidden[-1]] if hidden else 0,
        hidden_most=sizes[hidden[0]] if hidden else 0,
    )


def _bars(report: DataReport) -> dict[str, ClassBars]:
    totals = {part: sum(counts[part] for counts in report.classes.values()) for part in report.splits}
    shares = {
        label: {part: rows / (totals[part] or 1) for part, rows in counts.items()}
        for label, counts in report.classes.items()
    }
    widest = max(share for each in shares.values() for share in each.values())
    return {
        label: ClassBars(
            label,
            tuple(
                Measure(counts[part], shares[label][part], shares[label][part] / widest)
                for part in report.splits
            ),
        )
        for label, counts in report.classes.items()
    }
