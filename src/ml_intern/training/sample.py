"""The small sample that a smoke test runs on."""

from pathlib import Path

import polars as pl

TRAIN_ROWS = 200
VALIDATION_ROWS = 40
ROWS_PER_CLASS = 3


def write_sample(data: Path, into: Path, label_column: str, seed: int) -> int:
    """Write a stratified train sample and a validation sample that lacks classes; returns the train rows.

    `data` and `into` are folders that hold `train.parquet` and `validation.parquet`. Every class is in
    the train sample. The validation sample deliberately knows only every other class, because metric
    code often breaks when a small split lacks classes.
    """
    into.mkdir(parents=True, exist_ok=True)
    train = _per_class(pl.read_parquet(data / "train.parquet"), label_column, TRAIN_ROWS, seed)
    validation = pl.read_parquet(data / "validation.parquet")
    half = sorted(validation[label_column].unique())[::2]
    some = validation.filter(pl.col(label_column).is_in(half))
    _per_class(some, label_column, VALIDATION_ROWS, seed).write_parquet(into / "validation.parquet")
    train.write_parquet(into / "train.parquet")
    return train.height


def _per_class(rows: pl.DataFrame, label_column: str, wanted: int, seed: int) -> pl.DataFrame:
    each = max(ROWS_PER_CLASS, wanted // max(rows[label_column].n_unique(), 1))
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    return shuffled.group_by(label_column, maintain_order=True).head(each).select(rows.columns)
