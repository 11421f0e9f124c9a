"""Reading a dataset from disk, whole and unchanged."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.data.discover import find_files
from ml_intern.data.readers import read
from ml_intern.data.source import open_regular
from ml_intern.data.trouble import Trouble, Unreadable
from ml_intern.records.data import DataFile, SplitName
from ml_intern.records.display import escape, example, listing
from ml_intern.records.errors import DataUnfit, UsageProblem

WHOLE: Final = "all"
"""The name of the only part where a dataset is one file without a split."""


@dataclass(frozen=True)
class Table:
    """One file: its rows in file order and what is known about the file.

    `left_out` are the numbers of the rows that could not be read. Row numbers count all records of the
    file from 0, so that they stay the file's own.
    """

    frame: pl.DataFrame
    file: DataFile
    left_out: Sequence[int] = ()
    troubles: tuple[Trouble, ...] = ()

    @property
    def split(self) -> SplitName | None:
        """The split this file was named for."""
        return self.file.split

    @property
    def part(self) -> str:
        """The split's name, or `WHOLE`."""
        return self.split.value if self.split else WHOLE

    @property
    def records(self) -> int:
        """Rows in the file, with those that were left out."""
        return self.frame.height + len(self.left_out)

    @cached_property
    def row_numbers(self) -> pl.Series:
        """The number in the file of each row of `frame`."""
        numbers = pl.int_range(self.records, eager=True).alias("row")
        if not len(self.left_out):
            return numbers
        return numbers.filter(~numbers.is_in(pl.Series(self.left_out, dtype=numbers.dtype).implode()))


@dataclass(frozen=True, eq=False)
class Tables:
    """A dataset as it was read: one table, or up to three in the order train, validation, test.

    All tables have the same columns, though not always of the same type.
    """

    location: Path
    items: tuple[Table, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in the order of the first file."""
        return tuple(self.items[0].frame.columns)

    @property
    def rows(self) -> int:
        """Rows of all files together."""
        return sum(table.frame.height for table in self.items)

    @property
    def fingerprint(self) -> str:
        """The same value that `fingerprint` gives for the files these rows were read from."""
        return _fingerprint([(table.file.name, table.file.sha256) for table in self.items])

    def sampled(self, share: float) -> "Tables":
        """About this share of the rows of each table, drawn with a fixed seed; they keep their order."""
        return Tables(self.location, tuple(_sample(table, share) for table in self.items))

    def of(self, split: SplitName | None) -> Table | None:
        """The table of one split, if there is one."""
        return next((table for table in self.items if table.split == split), None)


def _sample(table: Table, share: float) -> Table:
    size = max(1, round(table.frame.height * share))
    rows = pl.int_range(table.frame.height, eager=True).sample(size, seed=0).sort()
    return Table(table.frame[rows], table.file.model_copy(update={"rows": size}))


def resolve(data: str) -> Path:
    """The absolute path of what a user named as data: a file or a folder, `~` allowed.

    Raises:
        UsageProblem: nothing is there.
    """
    try:
        path = Path(data).expanduser().resolve()
        there = bool(data.strip()) and path.exists()
    except (OSError, RuntimeError, ValueError):  # a name too long, an unknown ~user, a null character
        there = False
    if there:
        return path
    raise UsageProblem(
        f"There is no file or folder '{example(data)}'.",
        "Give the path of a CSV, TSV, JSON-lines or Parquet file, or of a folder with train and test files.",
    )


def load(location: Path, strict: bool = True) -> Tables:
    """Read every row of the file or folder at `location`.

    Strict reading refuses a file with a record that cannot be read as it stands. Otherwise the rest of
    the file is read and the tables say what was wrong.

    CSV and TSV values stay strings exactly as written and an empty field is missing; Parquet and
    JSON-lines values keep their types. A CSV without a comma in its header may use ';', tab or '|'.

    Raises:
        UsageProblem: nothing readable is there; the message names the file and the line.
        DataUnfit: a file has no rows, or the files have different columns, or reading is not strict and a
            file cannot be read at all.
    """
    tables = Tables(location, tuple(_load_one(path, split, strict) for split, path in find_files(location)))
    first = tables.items[0]
    for table in tables.items[1:]:
        _same_columns(first, table)
    return tables


def fingerprint(location: Path) -> str:
    """SHA-256 over the names and contents of the files that `load` would read, as 64 hex digits.

    Raises:
        UsageProblem: nothing readable is there.
    """
    digests = []
    for _, path in find_files(location):
        with open_regular(path) as file:
            digests.append((path.name, hashlib.file_digest(file, "sha256").hexdigest()))
    return _fingerprint(digests)


def _fingerprint(digests: list[tuple[str, str]]) -> str:
    return hashlib.sha256("".join(f"{sha256}  {name}\n" for name, sha256 in digests).encode()).hexdigest()


def _load_one(path: Path, split: SplitName | None, strict: bool) -> Table:
    try:
        content = read(path, strict)
    except Unreadable as error:
        raise error if strict else DataUnfit(error.message, error.hint) from error
    file = DataFile(name=path.name, sha256=content.sha256, rows=content.frame.height, split=split)
    return Table(content.frame, file, content.left_out, content.troubles)


def _same_columns(first: Table, other: Table) -> None:
    ours, theirs = set(first.frame.columns), set(other.frame.columns)
    if ours == theirs:
        return
    lone = [
        f"only {escape(table.file.name)} has {listing(sorted(names))}"
        for table, names in ((first, ours - theirs), (other, theirs - ours))
        if names
    ]
    raise DataUnfit(
        f"The files have different columns: {'; '.join(lone)}.",
        "Give all files the same columns under the same names.",
    )
