"""Where rows wait while a file is read: in memory, or on disk where memory is too small for them."""

import io
import mmap
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, Protocol

import polars as pl

from ml_intern.data.memory import free_memory
from ml_intern.records.errors import NoRoom

SPILL_SHARE: Final = 0.1
"""Data above this share of the free memory goes to disk: the checks need several times its size."""

_ALIGNMENT: Final = 64
"""Arrow buffers begin at multiples of 64 bytes; where they do not, they are copied to be read."""


class Store(Protocol):
    """Takes a table piece by piece and gives it back whole."""

    def add(self, frame: pl.DataFrame) -> None:
        """Keep the next rows."""

    def parts(self) -> list[pl.DataFrame]:
        """All pieces in order; nothing can be added any more."""

    def frame(self) -> pl.DataFrame:
        """All rows; the pieces must have the same columns of the same types."""


NewStore = Callable[[], Store]


class InMemory:
    """Keeps the pieces as they are."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []

    def add(self, frame: pl.DataFrame) -> None:
        """Keep the next rows."""
        self._parts.append(frame)

    def parts(self) -> list[pl.DataFrame]:
        """All pieces in order."""
        return self._parts

    def frame(self) -> pl.DataFrame:
        """All rows."""
        return pl.concat(self._parts, rechunk=True)


class OnDisk:
    """Writes the pieces as Arrow IPC into one temporary file and maps it, so that the rows stay there.

    The file has no name, so that nothing of it is left, however the process ends.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=temporary_folder())
        self._spans: list[slice] = []
        self._end = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Write the next rows.

        Raises:
            NoRoom: the disk is full.
        """
        content = io.BytesIO()
        frame.write_ipc(content)
        start, size = self._end, len(content.getbuffer())
        content.seek(size)
        content.write(bytes(-size % _ALIGNMENT))
        try:
            self._file.write(content.getbuffer())
            self._file.flush()
        except OSError as error:
            raise NoRoom(
                f"The data does not fit into memory, nor into {temporary_folder()}: {error.strerror}.",
                "Name a folder on a larger disk in the environment variable TMPDIR.",
            ) from error
        self._spans.append(slice(start, start + size))
        self._end += content.tell()

    def parts(self) -> list[pl.DataFrame]:
        """All pieces, mapped; each page is read from disk when it is used."""
        view = memoryview(mmap.mmap(self._file.fileno(), self._end, access=mmap.ACCESS_READ))
        self._file.close()
        return [map_ipc(view[span]) for span in self._spans]

    def frame(self) -> pl.DataFrame:
        """All rows, mapped."""
        return pl.concat(self.parts(), rechunk=False)


def map_ipc(content: memoryview) -> pl.DataFrame:
    """The rows of an Arrow IPC file without copying them. Polars itself maps no files since version 2."""
    import pyarrow as pa

    frame = pl.from_arrow(pa.ipc.open_file(pa.py_buffer(content)).read_all(), rechunk=False)
    assert isinstance(frame, pl.DataFrame)
    return frame


def new_store(size: int) -> NewStore:
    """The kind of store for data of `size` bytes."""
    return OnDisk if size > SPILL_SHARE * free_memory() else InMemory


def temporary_folder() -> Path:
    """For large temporary files: `TMPDIR`, else /var/tmp, as /tmp is often in memory (file-hierarchy(7))."""
    large = Path("/var/tmp")
    if "TMPDIR" not in os.environ and large.is_dir() and os.access(large, os.W_OK):
        return large
    return Path(tempfile.gettempdir())
