"""JSON lines, or one JSON array of objects, read object by object."""

import json
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from ml_intern.data.delimited import CHUNK_CHARACTERS, CHUNK_ROWS
from ml_intern.data.json_values import Item, elements, parse
from ml_intern.data.lines import Lines, TooLong
from ml_intern.data.masking import specimen
from ml_intern.data.merge import Columns
from ml_intern.data.source import MAX_RECORD, Source
from ml_intern.data.spill import NewStore
from ml_intern.data.trouble import Kind
from ml_intern.records.display import escape

_HINT: Final = 'Give one complete object a line, such as {"text": "…", "label": "…"}.'

_OBJECT: Final = (
    "The file may be one object over several lines, perhaps of splits: write a file for each split."
)


def read_json(source: Source, new: NewStore) -> pl.DataFrame:
    """The rows of a file of JSON lines or of one JSON array."""
    columns = Columns(source.name, new)
    array = source.head.lstrip().startswith("[")
    rows: list[dict[str, Any]] = []
    size = 0
    for number, item in enumerate(elements(source) if array else _lines(source)):
        if item.byte is not None:
            source.note_byte(number, item.line, item.byte, item.text)
        where = f"{source.name}, line {item.line}: "
        if item.error:
            message = f"{where}not valid JSON ({escape(item.error)})."
            begun = number == 0 and not array and item.text.strip() == "{"
            hint = f"{_OBJECT} {_HINT}" if begun else _HINT
            source.notes.add(Kind.UNREADABLE, number, message, hint, item.text[:1000])
        elif not isinstance(item.value, dict):
            message = f"{where}{specimen(json.dumps(item.value))} is not a JSON object."
            source.notes.add(Kind.UNREADABLE, number, message, _HINT, item.text[:1000])
        else:
            rows.append(item.value)
            size += len(item.text)
        if len(rows) == CHUNK_ROWS or size > CHUNK_CHARACTERS:
            columns.add(rows, size)
            rows, size = [], 0
    if rows:
        columns.add(rows, size)
    return columns.frame()


def _lines(source: Source) -> Iterator[Item]:
    """The value of each line that is not blank."""
    lines = Lines(source)
    while True:
        lines.next_record()
        try:
            text = next(lines)
        except StopIteration:
            return
        except TooLong:
            line = lines.start
            yield Item(line, lines.first(), error=f"longer than {MAX_RECORD:,} characters")
            lines.rewind()
            continue
        if text.strip():
            value, error = parse(text.lstrip("\ufeff"))
            yield Item(lines.start, text, value, error, lines.byte)
