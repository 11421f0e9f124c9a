"""From one file to a table: CSV, TSV, JSON lines and Parquet.

A reader that skips a broken line or guesses a type changes which rows a score was computed on, and
nobody notices. So everything that cannot be read as it stands is noted with its line; a strict reader,
as each run uses it, stops there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.data.delimited import read_csv, read_tsv
from ml_intern.data.json_rows import read_json
from ml_intern.data.parquet import read_parquet
from ml_intern.data.source import Source, open_regular
from ml_intern.data.spill import NewStore, new_store
from ml_intern.data.trouble import LEFT_OUT, Notes, Trouble
from ml_intern.records.display import escape
from ml_intern.records.errors import DataUnfit

TextReader = Callable[[Source, NewStore], pl.DataFrame]
_TEXT: Final[dict[str, TextReader]] = {
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".jsonl": read_json,
    ".ndjson": read_json,
    ".json": read_json,
}
_PARQUET: Final = ".parquet"
ENDINGS: Final = frozenset({*_TEXT, _PARQUET})
"""The file endings that can be read."""


@dataclass(frozen=True)
class Content:
    """What was read from a file: its rows, the numbers of rows that were left out, its SHA-256."""

    frame: pl.DataFrame
    left_out: list[int]
    troubles: tuple[Trouble, ...]
    sha256: str


def read(path: Path, strict: bool) -> Content:
    """The rows of a file in the order they stand in it.

    Args:
        path: a file with one of the `ENDINGS`.
        strict: stop at the first record that cannot be read as it stands.

    Raises:
        Unreadable: the content is not what its ending says.
        DataUnfit: the file is fine and holds no rows.
        OSError: it cannot be opened.
    """
    if not path.stat().st_size:
        raise DataUnfit(f"{escape(path.name)} is empty.", "Give a file with a header and at least one row.")
    content = _read_parquet(path) if path.suffix.lower() == _PARQUET else _read_text(path, Notes(strict))
    if not content.frame.height or not content.frame.width:
        raise _no_rows(escape(path.name), content)
    return content


def _read_parquet(path: Path) -> Content:
    frame, sha256 = read_parquet(path)
    return Content(frame, [], (), sha256)


def _read_text(path: Path, notes: Notes) -> Content:
    with open_regular(path) as file:
        source = Source(file, path.name, notes)
        frame = _TEXT[path.suffix.lower()](source, new_store(source.size))
        return Content(frame, notes.left_out(), notes.troubles(), source.finish())


def _no_rows(name: str, content: Content) -> DataUnfit:
    for trouble in content.troubles:
        if trouble.kind in LEFT_OUT:
            return DataUnfit(f"No row can be read. {trouble.message}", trouble.hint)
    there = "a header but no rows" if content.frame.width else "no columns"
    return DataUnfit(f"{name} has {there}.", "Give a file with at least one row.")
