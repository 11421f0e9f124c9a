"""CSV and TSV files: every field a string exactly as written, an empty field missing.

Polars' own CSV reader fills short lines with nulls, so the standard library's is used.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Final

import polars as pl

from ml_intern.data.delimiter import choose_delimiter
from ml_intern.data.header import row_as_header
from ml_intern.data.lines import Lines, TooLong
from ml_intern.data.source import MAX_RECORD, Source
from ml_intern.data.spill import NewStore
from ml_intern.data.trouble import Kind, Unreadable
from ml_intern.records.display import listing

CHUNK_ROWS: Final = 50_000
CHUNK_CHARACTERS: Final = 1 << 23

_QUOTES: Final = 'Write a quotation mark inside a quoted field as two ("").'


def read_csv(source: Source, new: NewStore) -> pl.DataFrame:
    """The rows of a comma-separated file, or of one that uses another mark and no comma in its header."""
    return _Reader(source, choose_delimiter(source, ",")).read(new)


def read_tsv(source: Source, new: NewStore) -> pl.DataFrame:
    """The rows of a tab-separated file."""
    return _Reader(source, choose_delimiter(source, "\t")).read(new)


class _Reader:
    """Reads a file record by record. Blank lines are not rows."""

    def __init__(self, source: Source, delimiter: str) -> None:
        self.source, self.notes, self.delimiter = source, source.notes, delimiter
        self.lines = Lines(source)
        self.header: list[str] = []
        self.row = 0
        """The number of the row that is being read."""

    def read(self, new: NewStore) -> pl.DataFrame:
        store, limit = new(), csv.field_size_limit(MAX_RECORD)
        try:
            for chunk in self._chunks():
                store.add(chunk)
        finally:
            csv.field_size_limit(limit)
        kept = self.row > len(self.notes.left_out())
        frame = store.frame() if kept else pl.DataFrame(schema=dict.fromkeys(self.header, pl.String))
        told = row_as_header(frame, self.source.name)
        if not told:
            return frame
        self.notes.add(
            Kind.HEADER, None, told, "Put the names of the columns in the first line, for example: text,label"
        )
        self.notes.shift()
        self.row += 1
        names = {column: f"column_{number}" for number, column in enumerate(self.header, start=1)}
        first = pl.DataFrame([self.header], schema=dict.fromkeys(names.values(), pl.String), orient="row")
        return pl.concat([first, frame.rename(names)])

    def _chunks(self) -> Iterator[pl.DataFrame]:
        rows: list[list[str]] = []
        passed = 0
        for block in self._blocks():
            rows += block
            if len(rows) >= CHUNK_ROWS or self.lines.passed - passed > CHUNK_CHARACTERS:
                yield self._frame(rows)
                rows, passed = [], self.lines.passed
        if rows:
            yield self._frame(rows)

    def _blocks(self) -> Iterator[list[list[str]]]:
        """Blocks in which all is well are read at once, ten times as fast; else record by record."""
        records = self._records()
        while True:
            if block := self._clean_block():
                self.row += len(block)
                self.lines.take_block()
                yield block
            elif record := next(records, None):
                yield [record]
            else:
                return

    def _clean_block(self) -> list[list[str]]:
        """The records of the lines ahead, if each is as wide as the header and the last one ends there."""
        width = len(self.header)
        lines = self.lines.block() if width else []
        try:
            rows = list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return []
        return rows if {len(row) for row in rows} == {width} else []

    def _frame(self, rows: list[list[str]]) -> pl.DataFrame:
        columns = zip(self.header, zip(*rows, strict=True), strict=True)
        return pl.DataFrame(
            [
                pl.Series(name, [value or None for value in values], dtype=pl.String)
                for name, values in columns
            ]
        )

    def _records(self) -> Iterator[list[str]]:
        """The records that are as wide as the header, which is the first; the others are noted."""
        lines = self.lines
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        while True:
            lines.next_record()
            try:
                record = next(reader)
            except StopIteration:
                return
            except (csv.Error, TooLong) as error:
                self._broken(error)
                reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
                continue
            if record and self._fits(record):
                yield record

    def _fits(self, record: list[str]) -> bool:
        """Whether a record is a row of the table; counts it."""
        lines, width = self.lines, len(self.header)
        if lines.byte is not None:
            self.source.note_byte(self.row if width else None, lines.start, lines.byte, lines.first())
        if not width:
            self.header = _header(record, self.source.name)
            return False
        row, self.row = self.row, self.row + 1
        where = f"{self.source.name}, line {lines.start}: "
        if lines.null:
            self.notes.add(Kind.UNREADABLE, row, f"{where}a null character, which is no text.", "Remove it.")
        elif len(record) != width:
            message = f"{where}{_fields(len(record))} where the header has {width}."
            hint = f"Put fields that hold {self.delimiter!r} in double quotes, and leave none out."
            self.notes.add(Kind.RAGGED, row, message, hint, lines.first())
        return len(record) == width and not lines.null

    def _broken(self, error: csv.Error | TooLong) -> None:
        """Note a record that has no end, leave its first line out and go on at the next line."""
        message = f"{self.source.name}, line {self.lines.start}: "
        if isinstance(error, TooLong) and self.lines.number == self.lines.start:
            message += f"longer than {MAX_RECORD:,} characters."
            hint = "Give one record a line, each with one text."
        else:
            why = f"no end within {MAX_RECORD:,} characters" if isinstance(error, TooLong) else str(error)
            message += f"quotation marks do not match ({why})."
            hint = _QUOTES
        if not self.header:
            raise Unreadable(message, hint)
        self.notes.add(Kind.UNREADABLE, self.row, message, hint, self.lines.first())
        self.row += 1
        self.lines.rewind()


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _header(record: list[str], name: str) -> list[str]:
    # pandas writes its index under an empty name; it needs some name to be told apart.
    header = [column or f"column_{number}" for number, column in enumerate(record, start=1)]
    twice = sorted(column for column, count in Counter(header).items() if count > 1)
    if twice:
        raise Unreadable(
            f"{name}: the header names {listing(twice)} more than once.",
            "Give every column a name of its own, in the first line of the file.",
        )
    return header
