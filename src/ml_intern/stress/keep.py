"""All cases as a file."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from ml_intern.records.stress import Case

SCHEMA: dict[str, pl.DataType] = {
    "capability": pl.String(),
    "text": pl.String(),
    "original": pl.String(),
    "labels": pl.List(pl.String()),
    "most_confidence": pl.Float64(),
    "answer": pl.String(),
    "confidence": pl.Float64(),
    "why": pl.String(),
}


def write_cases(cases: Sequence[tuple[str, Case]], path: Path) -> Path:
    """Write one row a case, in the order of the suite, and return the path."""
    rows = [{"capability": id, **case.model_dump()} for id, case in cases]
    pl.DataFrame(rows, schema=SCHEMA).write_parquet(path)
    return path
