"""A text file read once, in small pieces: hashed, decoded and never more than one record in memory."""

import hashlib
import io
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ml_intern.data.trouble import Kind, Notes, Unreadable
from ml_intern.records.display import escape
from ml_intern.records.errors import DataUnfit, UsageProblem

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_RECORD: Final = 1 << 24
"""Characters in one record. A text of 16 million is no example to learn from, but a broken file or a bomb:
one quotation mark that is never closed makes a single field of the rest of the file."""

_HEAD: Final = 1 << 16
_BLOCK: Final = 1 << 20
_STRAY: Final = re.compile("[\udc80-\udcff]")
"""Bytes that are not UTF-8, as the error handler `surrogateescape` writes them (PEP 383)."""

_WESTERN: Final = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)
}
"""What such a byte means in cp1252, the encoding of Western Windows programs."""


def open_regular(path: Path) -> io.FileIO:
    """Open a file, but never a device or a pipe, which could go on for ever.

    Raises:
        UsageProblem: it cannot be opened, or is not a regular file.
    """
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        file = io.FileIO(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)))
    except OSError as error:
        raise UsageProblem(
            f"'{escape(str(path))}' cannot be opened: {error.strerror}.", "Check the file's permissions."
        ) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise endless(path)
    return file


def endless(path: Path) -> UsageProblem:
    """The error that something is no regular file."""
    return UsageProblem(
        f"'{escape(str(path))}' is a device or a pipe, not a file: it may have no end.",
        "Save its data in a file.",
    )


class _Hashed(io.RawIOBase):
    """Hashes the bytes that pass; `holes` says whether a null byte was among them."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.holes = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._file.readinto(buffer) or 0
        block = bytes(memoryview(buffer)[:count])
        self.digest.update(block)
        self.holes = self.holes or b"\0" in block
        return count


class Source:
    """An open text file.

    Raises:
        DataUnfit: it is empty.
        Unreadable: it is not text, or `notes` is strict and it is not UTF-8.
    """

    def __init__(self, file: io.FileIO, name: str, notes: Notes) -> None:
        self.name = escape(name)
        self.notes = notes
        self.size = os.fstat(file.fileno()).st_size
        head = file.read(_HEAD)
        file.seek(0)
        if not head.strip() and len(head) == self.size:
            raise DataUnfit(f"{self.name} is empty.", "Give a file with a header and at least one row.")
        encoding = self._encoding(head)
        self._bytes = _Hashed(file)
        self.utf8 = encoding == "utf-8-sig"
        self.head = head.decode(encoding, "replace")
        self.text = io.TextIOWrapper(
            io.BufferedReader(self._bytes, _BLOCK),
            encoding,
            errors="surrogateescape" if self.utf8 else "replace",
            newline="",
        )

    def _encoding(self, head: bytes) -> str:
        wide = _wide(head)
        if wide:
            message = f"{self.name} is UTF-16 text, not UTF-8."
            self.notes.add(Kind.ENCODING, None, message, "Save the file as UTF-8.")
            return wide
        if b"\0" in head:
            raise self._binary()
        return "utf-8-sig"

    def _binary(self) -> Unreadable:
        return Unreadable(
            f"{self.name} holds binary data, not text.",
            "Give a CSV, TSV, JSON-lines or Parquet file, unpacked and with the ending that fits.",
        )

    def finish(self) -> str:
        """Read what is left; returns the SHA-256 of the whole file."""
        while self.text.buffer.read(_BLOCK):
            pass
        return self._bytes.digest.hexdigest()

    def has_null(self, text: str) -> bool:
        """Whether a null character stands in a piece of text.

        Raises:
            Unreadable: there are null bytes in the file and reading is strict.
        """
        if not self._bytes.holes or not self.utf8:
            return False
        if self.notes.strict:
            raise self._binary()
        return "\0" in text

    def mend(self, text: str) -> tuple[str, int | None]:
        """`text` with stray bytes read as cp1252, and the first such byte."""
        stray = None if text.isascii() or not self.utf8 else _STRAY.search(text)
        if stray is None:
            return text, None
        return text.translate(_WESTERN), ord(stray[0]) - 0xDC00

    def note_byte(self, row: int | None, line: int, byte: int, shown: str) -> None:
        """Report that a record is not UTF-8."""
        self.notes.add(
            Kind.ENCODING,
            row,
            f"{self.name}, line {line}: byte 0x{byte:02x} is not UTF-8 text.",
            "Save the file as UTF-8 (for a Western Excel file: iconv -f cp1252 -t utf-8).",
            shown,
        )


def _wide(head: bytes) -> str:
    """Which UTF-16 a file is in: by its mark, else by the null bytes that stand beside Latin letters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    first, second = head[0::2], head[1::2]
    for encoding, letters, nulls in (("utf-16-le", first, second), ("utf-16-be", second, first)):
        if len(nulls) > 3 and nulls.count(0) * 2 > len(nulls) and not letters.count(0):
            return encoding
    return ""
