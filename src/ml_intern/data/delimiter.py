"""Which mark separates the fields of a file."""

import csv
from collections import Counter
from typing import Final

from ml_intern.data.source import Source
from ml_intern.data.trouble import Kind

_OTHERS: Final = (";", "\t", "|")
_MARKS: Final = (",", *_OTHERS)
_NAMES: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SAMPLE: Final = 200
_FITS: Final = 0.9


def choose_delimiter(source: Source, usual: str) -> str:
    """The mark that a file with the usual mark `usual` is read with.

    Spreadsheets in much of Europe write ';' into CSV files: a header without any comma cannot mean
    commas. Where the audit alone reads, a mark that fits the rows replaces one that only the header
    has, and that is noted; a run takes the file at its word.
    """
    header = next((line for line in source.head.splitlines() if line.strip()), "")
    if usual == "," and "," not in header:
        usual = next((mark for mark in _OTHERS if mark in header), ",")
    if source.notes.strict:
        return usual
    fits = {mark: _fit(source.head, mark) for mark in _MARKS}
    best = max(_MARKS, key=lambda mark: fits[mark])
    if fits[usual] >= _FITS or fits[best] < _FITS:
        return usual
    source.notes.add(
        Kind.DELIMITER,
        None,
        f"{source.name}: {_NAMES[best]} separate its fields, not {_NAMES[usual]}.",
        "Save it with the mark that its ending names: commas in .csv, tabs in .tsv.",
    )
    return best


def _fit(text: str, mark: str) -> float:
    """The share of the first records that are as wide as the first, 0 where that has one field."""
    lines = text.splitlines(keepends=True)
    # The last line may be cut, unless it is the only one.
    reader = csv.reader(
        lines[:-1] if len(lines) > 2 and not lines[-1].endswith("\n") else lines, delimiter=mark
    )
    try:
        records = [record for record, _ in zip(reader, range(_SAMPLE), strict=False) if record]
    except csv.Error:
        return 0.0
    if len(records) < 2 or len(records[0]) < 2:
        return 0.0
    widths = Counter(len(record) for record in records[1:])
    return widths[len(records[0])] / (len(records) - 1)
