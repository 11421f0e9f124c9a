"""Reading predictions that a script wrote in a sandbox. The file is trusted in nothing.

A prediction file is Parquet with `row_id` (string), `label` (string) and `probabilities` (a list of
numbers, one per label in sorted order).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.records.errors import JobFailed

SUM_TOLERANCE = 1e-3
LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Predictions:
    """Sound predictions in the order of the ids asked for: `probabilities` is (rows, labels)."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]

    @property
    def answers(self) -> NDArray[np.intp]:
        """The index of the likeliest label of each row, (rows,)."""
        return np.asarray(self.probabilities.argmax(axis=1))


def read_predictions(path: Path, ids: Sequence[str], labels: Sequence[str]) -> Predictions:
    """The predictions for exactly `ids`, over exactly `labels`.

    Not protected against: a small file whose lists unpack to more than the memory holds.

    Raises:
        JobFailed: the file cannot be read, or is not sound.
    """
    try:
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        if rows != len(ids):  # asked before anything is loaded
            raise JobFailed(f"The predictions {path.name} have {rows} rows; {len(ids)} were asked for.")
        frame = pl.read_parquet(path, columns=["row_id", "label", "probabilities"])
        frame = frame.cast({"row_id": pl.String, "label": pl.String, "probabilities": pl.List(pl.Float64)})
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        # Polars panics on some damaged files, and its panic is no ordinary Exception.
        raise JobFailed(f"The predictions {path.name} cannot be read: {error}") from error
    order = {row_id: i for i, row_id in enumerate(frame["row_id"].to_list())}
    if len(order) != frame.height or set(order) != set(ids):
        raise JobFailed(f"The predictions {path.name} are not for exactly the {len(ids)} rows asked for.")
    frame = frame[[order[row_id] for row_id in ids]]
    if frame["probabilities"].list.len().fill_null(0).to_list() != [len(labels)] * frame.height:
        raise JobFailed(
            f"The predictions {path.name} do not have one probability for each of {len(labels)} labels."
        )
    matrix = np.array(frame["probabilities"].to_list(), dtype=np.float64).reshape(len(ids), len(labels))
    _check_values(path.name, matrix, frame["label"].to_list(), labels)
    return Predictions(tuple(ids), tuple(labels), matrix)


def _check_values(
    name: str, matrix: NDArray[np.float64], answers: Sequence[str | None], labels: Sequence[str]
) -> None:
    if (
        not np.isfinite(matrix).all()
        or matrix.min(initial=0) < 0
        or matrix.max(initial=0) > 1 + SUM_TOLERANCE
    ):
        raise JobFailed(f"The predictions {name} hold values that are no probabilities.")
    if np.abs(matrix.sum(axis=1) - 1).max(initial=0) > SUM_TOLERANCE:
        raise JobFailed(f"The probabilities in {name} do not add up to 1.")
    position = {label: i for i, label in enumerate(labels)}
    for row, answer in zip(matrix, answers, strict=True):
        if answer not in position or row[position[answer]] < row.max():
            raise JobFailed(f"A label in {name} is not the likeliest one: {_shown(answer)}.")


def _shown(answer: str | None) -> str:
    text = repr(answer)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
