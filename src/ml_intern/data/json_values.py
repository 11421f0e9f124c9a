"""Single JSON values: of a line, or of an array that is too large to be held whole."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ml_intern.data.source import MAX_RECORD, Source

_READ: Final = 1 << 20
_NO_SPACE: Final = re.compile(r"[^ \t\r\n]")
_HALF: Final = re.compile(r"\\u[dD][89a-fA-F]")
"""Half of a surrogate pair; with its other half it is a character, alone it is no text."""


@dataclass(frozen=True)
class Item:
    """A value of a file, or why there is none; `text` is how it is written, `byte` is not UTF-8 in it."""

    line: int
    text: str
    value: Any = None
    error: str = ""
    byte: int | None = None


def parse(text: str) -> tuple[Any, str]:
    """The value that `text` stands for, and what is wrong with it."""
    try:
        value = _DECODER.decode(text)
        _check_halves(text, value)
    except (ValueError, RecursionError) as error:
        return None, str(error)
    return value, ""


def _constant(name: str) -> float | None:
    """NaN, which pandas writes for a missing text, too, is missing."""
    return None if name == "NaN" else float(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_constant)


def _check_halves(text: str, value: Any) -> None:
    if _HALF.search(text):
        json.dumps(value, ensure_ascii=False).encode()


def elements(source: Source) -> Iterator[Item]:
    """The values of a file that is one array. After a broken one, none of the others can be found."""
    array = _Array(source)
    array.skip(1)
    after = array.next()
    while after != "]":
        item = array.element()
        yield item
        if item.error:
            return
        after = array.next()
        if after == ",":
            array.skip(1)
            array.next()
        elif after != "]":
            yield Item(array.line, "", error="expecting ',' or ']'")
            return
    array.skip(1)
    if array.next():
        yield Item(array.line, "", error="something follows the end of the array")


class _Array:
    """A window on the text: what stands before `at` is done with, `line` is the line of `at`."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text.read(_READ)
        self._at = 0
        self.line = 1
        self.next()

    def next(self) -> str:
        """Skip white space; returns the character that follows, empty at the end of the file."""
        while True:
            found = _NO_SPACE.search(self._text, self._at)
            self.skip((found.start() if found else len(self._text)) - self._at)
            if found:
                return found[0]
            if not self._more():
                return ""

    def skip(self, count: int) -> None:
        """Be done with some characters."""
        self.line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def element(self) -> Item:
        """The value that begins here."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                break
            except ValueError as error:
                # It may only be cut. What is read doubles each time, so that little is read often.
                left = len(self._text) - self._at
                if left > MAX_RECORD or not self._more():
                    why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                    return Item(self.line, self._text[self._at : self._at + 1000], error=why)
            except RecursionError as error:
                return Item(self.line, self._text[self._at : self._at + 1000], error=str(error))
        line, text = self.line, self._text[self._at : end]
        self.skip(end - self._at)
        mended, byte = self._source.mend(text)
        self._source.has_null(text)
        if byte is None and not _HALF.search(text):
            return Item(line, text, value)
        value, wrong = parse(mended)
        return Item(line, mended, value, wrong, byte)

    def _more(self) -> bool:
        more = self._source.text.read(max(_READ, len(self._text) - self._at))
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)
