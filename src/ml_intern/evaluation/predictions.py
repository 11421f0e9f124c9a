"""Reading predictions that a script wrote in a sandbox. The file is trusted in nothing.

A prediction file is Parquet with `row_id` (string), `label` (string) and `probabilities` (a list of
numbers, one per label in sorted order). It may have `energy` (a number) and `embedding` (a list of numbers,
equally long in all rows); a script that was edited may write neither, so that what needs them does not apply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml_intern.records.errors import JobFailed

SUM_TOLERANCE = 1e-3
MOST_DIMENSIONS = 8192
"""A longer embedding is no model's that runs here."""
OPTIONAL: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "energy": pl.Float64,
    "embedding": pl.List(pl.Float32),
}
LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Predictions:
    """Sound predictions in the order of the ids asked for: `probabilities` is (rows, labels).

    `energy`, (rows,), and `embeddings`, (rows, hidden), are None where the file lacks them.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    energy: NDArray[np.float64] | None = None
    embeddings: NDArray[np.float32] | None = None

    @property
    def answers(self) -> NDArray[np.intp]:
        """The index of the likeliest label of each row, (rows,)."""
        return np.asarray(self.probabilities.argmax(axis=1))

    def part(self, start: int, stop: int) -> "Predictions":
        """The rows from `start` to before `stop`."""
        return self.rows(np.arange(start, stop))

    def rows(self, rows: NDArray[np.intp]) -> "Predictions":
        """The rows of these numbers."""
        return Predictions(
            tuple(self.ids[i] for i in rows),
            self.labels,
            self.probabilities[rows],
            None if self.energy is None else self.energy[rows],
            None if self.embeddings is None else self.embeddings[rows],
        )


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
        optional = OPTIONAL.keys() & pl.read_parquet_schema(path).keys()
        frame = pl.read_parquet(path, columns=["row_id", "label", "probabilities", *sorted(optional)])
        frame = frame.cast({"row_id": pl.String, "label": pl.String, "probabilities": pl.List(pl.Float64)})
        frame = frame.with_columns(pl.col(name).cast(OPTIONAL[name]) for name in optional)
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
    return Predictions(tuple(ids), tuple(labels), matrix, *_optional(path.name, frame))


def _optional(
    name: str, frame: pl.DataFrame
) -> tuple[NDArray[np.float64] | None, NDArray[np.float32] | None]:
    """Energy and embeddings, None where there are none; a column that is there must be sound."""
    energy, embeddings = None, None
    if "energy" in frame.columns:
        energy = frame["energy"].fill_null(float("nan")).to_numpy()
        if not np.isfinite(energy).all():
            raise JobFailed(f"The energies in {name} are not all finite numbers.")
    if "embedding" in frame.columns:
        lengths = frame["embedding"].list.len().fill_null(0).unique().to_list()
        if len(lengths) > 1 or not 1 <= (lengths or [1])[0] <= MOST_DIMENSIONS:
            raise JobFailed(f"The embeddings in {name} are not equally long lists of numbers.")
        flat = frame["embedding"].list.explode().fill_null(float("nan")).to_numpy()
        embeddings = flat.reshape(frame.height, -1) if frame.height else np.empty((0, 1), np.float32)
        if not np.isfinite(embeddings).all():
            raise JobFailed(f"The embeddings in {name} are not all finite numbers.")
    return energy, embeddings


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
