"""The lines of a delimited file, with a way back to the line after the one where a record went wrong."""

import io
from collections import deque
from typing import Final

from ml_intern.data.source import MAX_RECORD, Source
from ml_intern.data.trouble import Unreadable

_BLOCK: Final = 1 << 20
_MOST_LINES: Final = 1 << 17


class TooLong(Exception):
    """A line or a record has more than `MAX_RECORD` characters."""


class Lines:
    """Lines with their ends, as `csv.reader` takes them.

    `start` is the number of the record's first line, counted from 1, `number` that of the last line
    given, `byte` the first byte in the record that is not UTF-8, `null` whether it has a null character,
    `passed` the characters read so far.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._record: list[str] = []
        self._ahead: deque[str] = deque()
        self._length = 0
        self._reread = 0
        self._careful = self._tried = False
        self.start, self.number, self.passed = 1, 0, 0
        self.byte: int | None = None
        self.null = False

    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> str:
        if not self._ahead and not self._fill():
            raise StopIteration
        line = self._ahead.popleft()
        self.number += 1
        self._record.append(line)
        self._length += len(line)
        if self._length >= MAX_RECORD:
            raise TooLong
        if not self._careful:
            return line
        self.null = self.null or self._source.has_null(line)
        line, byte = self._source.mend(line)
        self.byte = self.byte if byte is None else byte
        return line

    def block(self) -> list[str]:
        """The next lines, not given yet, that hold whole records if all is well with them.

        None where some need care, and none after those lines were refused once by giving one of them.
        To be asked at the beginning of a record.
        """
        if self._tried or not (self._ahead or self._fill()):
            return []
        self._tried = True
        # With an odd number of quotation marks, the last line ends inside a field.
        odd = sum(line.count('"') for line in self._ahead) % 2
        while odd and len(self._ahead) < _MOST_LINES and self._fill(one_line=True):
            odd ^= self._ahead[-1].count('"') % 2
        return [] if self._careful else list(self._ahead)

    def take_block(self) -> None:
        """Be done with the lines of `block`."""
        self.number += len(self._ahead)
        self._ahead.clear()
        self._careful = self._tried = False

    def _fill(self, one_line: bool = False) -> bool:
        """Read some more whole lines, but none longer than a record may be."""
        text = "" if one_line else self._source.text.read(_BLOCK)
        if not text.endswith("\n"):
            text += self._source.text.readline(MAX_RECORD)
        if not one_line:
            self._careful = self._tried = False
        self._ahead.extend(io.StringIO(text, newline=""))
        self.passed += len(text)
        null = self._source.has_null(text)
        odd = null or len(text) > MAX_RECORD or self._source.mend(text)[1] is not None
        self._careful = self._careful or odd
        return bool(text)

    def next_record(self) -> None:
        """The next line begins a record."""
        self._record.clear()
        self._length = 0
        self.start = self.number + 1
        self.byte, self.null = None, False

    def first(self) -> str:
        """The first line of the record, without what is not text."""
        return self._source.mend(self._record[0])[0] if self._record else ""

    def rewind(self) -> None:
        """Leave out the first line of the record and give the others again, as lines of their own.

        Raises:
            Unreadable: more than the whole file was read again already.
        """
        self._reread += self._length
        if self._reread > self._source.size + 4 * MAX_RECORD:
            raise Unreadable(
                f"{self._source.name}, line {self.start}: quotation marks do not match in so many places "
                "that the rows cannot be told apart.",
                'Write a quotation mark inside a quoted field as two ("").',
            )
        first, *others = self._record
        self._ahead.extendleft(reversed(others))
        self.number = self.start
        while not first.endswith(("\n", "\r")):  # the rest of a line that was cut
            if not self._ahead and not self._fill():
                break
            first = self._ahead.popleft()
        self.next_record()
