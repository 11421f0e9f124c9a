"""From the bytes of one file to a table: CSV, TSV, JSON lines and Parquet.

The readers are strict on purpose. A reader that skips a broken line or guesses a type changes which
rows a score was computed on, and nobody notices. Everything that cannot be read as it stands is an
error that names the line. Polars' own CSV reader fills short lines with nulls, so the standard
library's is used; it reads 100,000 short rows in under a second.
"""

import csv
import io
import itertools
import json
from collections.abc import Callable
from typing import Any, Final

import polars as pl

from ml_intern.data.header import check_header
from ml_intern.records.display import escape, example, listing
from ml_intern.records.errors import DataUnfit, UsageProblem

_OTHER_DELIMITERS: Final = (";", "\t", "|")


def read(content: bytes, name: str, ending: str) -> pl.DataFrame:
    """The rows of a file in the order they stand in it.

    Args:
        content: the whole file.
        name: what to call it in messages.
        ending: a key of `READERS`.

    Raises:
        UsageProblem: the content is not what its ending says.
        DataUnfit: the file is fine and holds no rows.
    """
    if not content.strip():
        raise DataUnfit(f"{escape(name)} is empty.", "Give a file with a header and at least one row.")
    frame = READERS[ending](content, name)
    if not frame.height or not frame.width:
        raise DataUnfit(
            f"{escape(name)} has {'a header but no rows' if frame.width else 'no columns'}.",
            "Give a file with at least one row.",
        )
    return frame


def _text(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageProblem(f"{escape(name)} is UTF-16 text, not UTF-8.", "Save the file as UTF-8.")
    if b"\0" in content:
        raise UsageProblem(
            f"{escape(name)} holds binary data, not text.",
            "Give a CSV, TSV, JSON-lines or Parquet file, unpacked and with the ending that fits.",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageProblem(
            f"{escape(name)}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8 text.",
            "Save the file as UTF-8 (for a Western Excel file: iconv -f cp1252 -t utf-8).",
        ) from error


def _csv(content: bytes, name: str) -> pl.DataFrame:
    text = _text(content, name)
    header = text.partition("\n")[0]
    # Spreadsheets in much of Europe write ';'. A header without any comma cannot mean commas.
    other = (mark for mark in _OTHER_DELIMITERS if mark in header)
    return _delimited(text, name, "," if "," in header else next(other, ","))


def _tsv(content: bytes, name: str) -> pl.DataFrame:
    return _delimited(_text(content, name), name, "\t")


def _delimited(text: str, name: str, delimiter: str) -> pl.DataFrame:
    """All values as strings, an empty field as missing. Blank lines are not rows."""
    limit = csv.field_size_limit(len(text) + 1)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header, rows = _records(reader, name, delimiter)
    finally:
        csv.field_size_limit(limit)
    values = zip(*rows, strict=True) if rows else itertools.repeat((), len(header))
    frame = pl.DataFrame(
        [
            pl.Series(column, [value or None for value in cells], dtype=pl.String)
            for column, cells in zip(header, values, strict=False)
        ]
    )
    check_header(frame, escape(name))
    return frame


def _records(reader: Any, name: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    header: list[str] = []
    rows: list[list[str]] = []
    line = 1
    try:
        for record in reader:
            if record and not header:
                header = _header(record, name)
            elif record and len(record) != len(header):
                raise UsageProblem(
                    f"{escape(name)}, line {line}: {_fields(len(record))} where the header has "
                    f"{len(header)}.",
                    f"Put fields that hold {delimiter!r} in double quotes, and leave none out.",
                )
            elif record:
                rows.append(record)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageProblem(
            f"{escape(name)}, line {line}: quotation marks do not match ({error}).",
            'Write a quotation mark inside a quoted field as two ("").',
        ) from error
    return header, rows


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _header(record: list[str], name: str) -> list[str]:
    # pandas writes its index under an empty name; it needs some name to be told apart.
    header = [column or f"column_{number}" for number, column in enumerate(record, start=1)]
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise UsageProblem(
            f"{escape(name)}: the header names {listing(twice)} more than once.",
            "Give every column a name of its own, in the first line of the file.",
        )
    return header


def _json(content: bytes, name: str) -> pl.DataFrame:
    """JSON lines, or one JSON array of objects."""
    text = _text(content, name)
    lines = (
        [(1, text)]
        if text.lstrip().startswith("[")
        else [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    )
    values: list[tuple[int, Any]] = [(number, _parse(line, name, number)) for number, line in lines]
    if len(values) == 1 and isinstance(values[0][1], list):
        values = list(enumerate(values[0][1], start=1))
    for number, value in values:
        if not isinstance(value, dict):
            raise UsageProblem(
                f"{escape(name)}, line {number}: {example(json.dumps(value))} is not a JSON object.",
                'Give one object a line, such as {"text": "…", "label": "…"}.',
            )
    names = dict.fromkeys(key for _, row in values for key in row)
    return pl.DataFrame([_series(key, [row.get(key) for _, row in values]) for key in names])


def _parse(line: str, name: str, number: int) -> Any:
    try:
        value = json.loads(line, parse_constant=_constant)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate (\ud800) is no text
    except (ValueError, RecursionError) as error:
        raise UsageProblem(
            f"{escape(name)}, line {number}: not valid JSON ({escape(str(error))}).",
            'Give one complete object a line, such as {"text": "…", "label": "…"}.',
        ) from error
    return value


def _constant(name: str) -> float | None:
    """NaN, which pandas writes for a missing text, too, is missing."""
    return None if name == "NaN" else float(name)


def _series(name: str, values: list[Any]) -> pl.Series:
    """Typed where all values have one type; mixed and nested values become their JSON text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {str}:
        return pl.Series(name, values, dtype=pl.String)
    if kinds == {bool}:
        return pl.Series(name, values, dtype=pl.Boolean)
    if kinds == {int} and all(value is None or -(2**63) <= value < 2**63 for value in values):
        return pl.Series(name, values, dtype=pl.Int64)
    if float in kinds and kinds <= {int, float} and not any(_inexact(value) for value in values):
        return pl.Series(name, values, dtype=pl.Float64, strict=False)
    return pl.Series(name, [_json_text(value) for value in values], dtype=pl.String)


def _inexact(value: object) -> bool:
    """Whether a whole number would change as a float; such numbers are ids."""
    return isinstance(value, int) and abs(value) > 2**53


def _json_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _parquet(content: bytes, name: str) -> pl.DataFrame:
    broken = UsageProblem(
        f"{escape(name)} is not a readable Parquet file.",
        "Download or write it again; a Git LFS pointer or a cut-off download looks like this.",
    )
    # Checked first because a wrong file length makes the reader fail in less readable ways.
    if not (len(content) > 12 and content.startswith(b"PAR1") and content.endswith(b"PAR1")):
        raise broken
    try:
        return pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise broken from error


READERS: Final[dict[str, Callable[[bytes, str], pl.DataFrame]]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _json,
    ".ndjson": _json,
    ".json": _json,
    ".parquet": _parquet,
}
"""Which function reads which file ending."""
