"""Parts of the test split on which the model does worse, beyond what looking at many parts explains."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_intern.evaluation.intervals import wilson
from ml_intern.records.metrics import Interval
from ml_intern.records.trust import Slice

LEVEL: Final = 0.05
LEAST_ROWS: Final = 10
"""A smaller slice says nothing, and looking at it makes all others less certain."""
MOST_VALUES: Final = 20
"""A column with more values is no property that rows share."""


def thirds(values: NDArray[np.float64], names: tuple[str, str, str]) -> list[str]:
    """Each row's third by value; equal values lie in the same one, so thirds may be uneven or missing."""
    low, high = np.quantile(values, (1 / 3, 2 / 3))
    return [names[0] if v <= low else names[2] if v > high else names[1] for v in values]


def slices(right: NDArray[np.bool_], properties: Mapping[str, Sequence[str | None]]) -> tuple[Slice, ...]:
    """Every slice beside all other rows, worst first: those that are surely worse, then by accuracy.

    `right` is (rows,). `properties` gives each row's value by property, named as in a slice's `id`; None
    where a row has none. Fisher's exact test, two-sided, for each; p-values by Holm (1979).
    """
    from scipy.stats import fisher_exact

    found: list[tuple[str, str, NDArray[np.bool_]]] = []
    for name, values in properties.items():
        kinds = sorted({value for value in values if value is not None})
        if not 2 <= len(kinds) <= MOST_VALUES:
            continue
        column = np.array([value if value is not None else "" for value in values], dtype=object)
        missing = np.array([value is None for value in values])
        for kind in kinds:
            inside = (column == kind) & ~missing
            if LEAST_ROWS <= inside.sum() <= len(right) - LEAST_ROWS:
                found.append((name, kind, inside))
    tables = [_table(right, inside) for _, _, inside in found]
    corrected = holm([float(fisher_exact(table)[1]) for table in tables])
    made = [
        _slice(name, kind, table, p)
        for (name, kind, _), table, p in zip(found, tables, corrected, strict=True)
    ]
    return tuple(sorted(made, key=lambda each: (not each.worse, each.accuracy.value, each.id)))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for how many there are (Holm 1979), in their own order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, highest = [0.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - place) * p_values[i]))
        corrected[i] = highest
    return corrected


def share_of(right: int, rows: int) -> Interval:
    """A share with Wilson's interval."""
    value = right / rows if rows else 0.0
    low, high = wilson(value, rows)
    return Interval(value=value, low=min(low, value), high=max(high, value))  # rounding may put it outside


def _table(right: NDArray[np.bool_], inside: NDArray[np.bool_]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Right and wrong rows inside the slice, and outside."""
    return (
        (int((right & inside).sum()), int((~right & inside).sum())),
        (int((right & ~inside).sum()), int((~right & ~inside).sum())),
    )


def _slice(name: str, kind: str, table: tuple[tuple[int, int], tuple[int, int]], p_value: float) -> Slice:
    (inside, wrong), (outside, others) = table
    accuracy, rest = share_of(inside, inside + wrong), share_of(outside, outside + others)
    return Slice(
        id=f"{name}={kind}" if name.startswith("column:") else f"{name}:{kind}",
        title=f"{name.removeprefix('column:')}: {kind}",
        rows=inside + wrong,
        accuracy=accuracy,
        rest=rest,
        p_value=p_value,
        worse=p_value < LEVEL and accuracy.value < rest.value,
    )
