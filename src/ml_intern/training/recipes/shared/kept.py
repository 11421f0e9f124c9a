"""Training rows without those that the config names, such as rows whose label is wrong. Used by train.py."""

import sys
from typing import Any

import polars as pl


def check_left_out(config: dict[str, Any]) -> None:
    """Stop where the config does not name rows by their ids."""
    named = config["left_out_rows"]
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        sys.exit(f"left_out_rows must be a list of row ids, not {str(named)[:60]!r}")


def kept(rows: pl.DataFrame, config: dict[str, Any]) -> pl.DataFrame:
    """The rows of the training split that are trained on. Ids that it does not hold change nothing."""
    named = pl.Series(config["left_out_rows"], dtype=pl.String)
    return rows.filter(~rows[config["id_column"]].cast(pl.String).is_in(named.implode()))
