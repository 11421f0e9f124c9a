"""The small samples that a smoke test runs on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

TRAIN_ROWS = 200
VALIDATION_ROWS = 40
ROWS_PER_CLASS = 3
MOST_ROWS = 900
"""With more than 300 classes there are fewer rows of each, or the smoke test would take too long."""
OVERFIT_CLASSES, OVERFIT_ROWS_PER_CLASS = 4, 4
CHARACTERS_PER_TOKEN = 5
"""Beyond `max_length` times this, a longer text is cut and takes no more time. English has about 4.5."""
SPECIAL_TOKENS = 2


@dataclass(frozen=True)
class Sample:
    """What was written: rows to train on, and how much work a row of it is beside a row of all data.

    `work_ratio` is the mean work of a sample row divided by that of a training row: above 1, because the
    longest texts are in the sample so that memory and length limits are tried.
    """

    rows: int
    work_ratio: float
    validation_work_ratio: float


def write_sample(data: Path, into: Path, config: dict[str, Any]) -> Sample:
    """Write small train, validation and overfit parts of `data` into the folder `into`.

    `data` holds `train.parquet` and `validation.parquet`. Every class is in the train sample, and so are
    the longest texts, one batch of them. The validation sample deliberately knows only every other class,
    because metric code often breaks when a small split lacks classes. `overfit.parquet` is a handful of
    rows that any working script can learn by heart.
    """
    into.mkdir(parents=True, exist_ok=True)
    label, text, seed = config["label_column"], config["text_column"], config["seed"]
    train, validation = (pl.read_parquet(data / f"{part}.parquet") for part in ("train", "validation"))
    few = _per_class(train, label, TRAIN_ROWS, seed)
    longest = train.sort(pl.col(text).str.len_chars(), descending=True).head(config.get("batch_size", 0))
    sample = pl.concat([few, longest]).unique(maintain_order=True)
    half = sorted(validation[label].unique())[::2]
    checked = _per_class(validation.filter(pl.col(label).is_in(half)), label, VALIDATION_ROWS, seed)
    sample.write_parquet(into / "train.parquet")
    checked.write_parquet(into / "validation.parquet")
    _by_heart(train, label, seed).write_parquet(into / "overfit.parquet")
    return Sample(
        rows=sample.height,
        work_ratio=_work(sample[text], config) / _work(train[text], config),
        validation_work_ratio=_work(checked[text], config) / _work(validation[text], config),
    )


def sample_rows(path: Path, label: str, wanted: int, seed: int) -> pl.DataFrame:
    """About `wanted` rows of a file, each class in its share and with at least one row."""
    rows = pl.read_parquet(path)
    share = wanted / rows.height
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    place = pl.int_range(pl.len()).over(label)
    return shuffled.filter(place < (pl.len().over(label) * share).ceil())


def _per_class(rows: pl.DataFrame, label: str, wanted: int, seed: int) -> pl.DataFrame:
    classes = max(rows[label].n_unique(), 1)
    each = max(wanted // classes, min(ROWS_PER_CLASS, MOST_ROWS // classes), 1)
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    return shuffled.group_by(label, maintain_order=True).head(each).select(rows.columns)


def _by_heart(rows: pl.DataFrame, label: str, seed: int) -> pl.DataFrame:
    common = rows[label].value_counts(sort=True)[label].to_list()[:OVERFIT_CLASSES]
    chosen = rows.filter(pl.col(label).is_in(common)).sample(fraction=1.0, shuffle=True, seed=seed)
    return chosen.group_by(label, maintain_order=True).head(OVERFIT_ROWS_PER_CLASS).select(rows.columns)


def _work(texts: pl.Series, config: dict[str, Any]) -> float:
    """The mean work of a text, in characters that the model reads."""
    limit = config.get("max_length", 1 << 20) * CHARACTERS_PER_TOKEN
    lengths = texts.str.len_chars().fill_null(0).clip(upper_bound=limit)
    return float(lengths.cast(pl.Float64).mean() or 0.0) + SPECIAL_TOKENS * CHARACTERS_PER_TOKEN  # type: ignore[arg-type]
