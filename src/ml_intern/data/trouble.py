"""What is wrong with a file as a file: rows that cannot be read as they stand, a wrong encoding, no header.

A run refuses such a file, since a score must never depend on which rows a reader skipped or repaired.
The audit alone reads on and reports each trouble as a finding.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ml_intern.data.masking import specimen
from ml_intern.records.errors import UsageProblem

_EXAMPLES: Final = 5


class Unreadable(UsageProblem):
    """The content of a file is not what its ending says."""


class Kind(StrEnum):
    """The kinds of trouble; each is also the id of its finding."""

    RAGGED = "ragged_rows"
    UNREADABLE = "unreadable_rows"
    ENCODING = "wrong_encoding"
    HEADER = "missing_header"
    DELIMITER = "wrong_delimiter"


LEFT_OUT: Final = frozenset({Kind.RAGGED, Kind.UNREADABLE})
"""Rows with these troubles are not in the table."""


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble with one file.

    `rows` are row numbers counted from 0 over all records of the file; none where the trouble is with
    the whole file. `message` is what a run refuses the file with: the first case, with its line.
    """

    kind: Kind
    message: str
    hint: str
    rows: Sequence[int]
    examples: tuple[str, ...]


class Notes:
    """Where readers report trouble: a strict reader stops at the first one, another one goes on."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self._first: dict[Kind, tuple[str, str]] = {}
        self._rows: dict[Kind, array[int]] = {kind: array("q") for kind in Kind}
        self._examples: dict[Kind, list[str]] = {kind: [] for kind in Kind}

    def add(self, kind: Kind, row: int | None, message: str, hint: str, shown: str = "") -> None:
        """Report trouble with a row, or with the whole file; `shown` is what stands there.

        Raises:
            Unreadable: reading is strict.
        """
        if self.strict:
            raise Unreadable(message, hint)
        self._first.setdefault(kind, (message, hint))
        if row is not None:
            self._rows[kind].append(row)
        if shown and len(self._examples[kind]) < _EXAMPLES:
            self._examples[kind].append(specimen(shown.strip()))

    def shift(self) -> None:
        """Count rows from one row earlier: the first line turned out to be a row."""
        self._rows = {kind: array("q", (row + 1 for row in rows)) for kind, rows in self._rows.items()}

    def left_out(self) -> list[int]:
        """The numbers of the rows that are not in the table."""
        return sorted(row for kind in LEFT_OUT for row in self._rows[kind])

    def troubles(self) -> tuple[Trouble, ...]:
        """All that was reported, by kind."""
        return tuple(
            Trouble(kind, *self._first[kind], self._rows[kind], tuple(self._examples[kind]))
            for kind in Kind
            if kind in self._first
        )
