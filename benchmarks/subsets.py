"""Parts of the real datasets, small enough to train on several times."""

from pathlib import Path

import polars as pl

from benchmarks.command import datasets


def banking77(path: Path, rows: int, classes: int, seed: int = 0) -> Path:
    """Write `rows` training rows of the first `classes` intents as CSV with the columns text and intent."""
    found = next((datasets() / "banking77").glob("train.*"))
    frame = pl.read_parquet(found) if found.suffix == ".parquet" else pl.read_csv(found)
    text, label = frame.columns[:2]
    kept = sorted(frame[label].unique())[:classes]
    chosen = frame.filter(pl.col(label).is_in(kept)).sample(fraction=1.0, shuffle=True, seed=seed).head(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    chosen.select(text=text, intent=label).write_csv(path)
    return path
