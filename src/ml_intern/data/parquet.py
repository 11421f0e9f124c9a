"""Parquet files: unpacked by a process of its own, with limits.

What a Parquet file says about itself may be false: rows that are not there, pages that unpack to
gigabytes. A library that believes it can end the whole process for lack of memory, so another process
does the unpacking, and what it may take is bounded.
"""

import json
import mmap
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import polars as pl

from ml_intern.data.memory import free_memory
from ml_intern.data.source import open_regular
from ml_intern.data.spill import map_ipc, temporary_folder
from ml_intern.data.trouble import Unreadable
from ml_intern.records.display import escape
from ml_intern.records.words import storage

RATIO: Final = 40
"""Unpacked bytes for each byte of a file. Tables of text shrink to a half or a tenth; only endless
repetition shrinks more."""

_MAGIC: Final = b"PAR1"
_ALWAYS: Final = 1 << 30
_MEMORY: Final = 2 << 30
_SECONDS: Final = 50
_BYTES_PER_SECOND: Final = 10_000_000


def read_parquet(path: Path) -> tuple[pl.DataFrame, str]:
    """The rows of a Parquet file, mapped from a temporary file without a name, and its SHA-256.

    Raises:
        Unreadable: it is broken, or unpacks to more than `RATIO` times its size and 1 GiB.
    """
    name, size = escape(path.name), path.stat().st_size
    with open_regular(path) as raw:
        start = raw.read(len(_MAGIC))
        raw.seek(-min(size, len(_MAGIC)), os.SEEK_END)
        if size <= 12 or start != _MAGIC or raw.read() != _MAGIC:
            raise _broken(name)
    most = max(_ALWAYS, RATIO * size)
    with tempfile.TemporaryDirectory(prefix="ml-intern-", dir=temporary_folder()) as folder:
        unpacked = Path(folder) / "rows.arrow"
        told = _unpack(path, unpacked, size, most)
        if "sha256" not in told:
            full = unpacked.exists() and unpacked.stat().st_size >= most - (1 << 20)
            raise _bomb(name, size, most) if full or "bomb" in told else _broken(name)
        with unpacked.open("rb") as file:
            view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    frame = map_ipc(view)
    if _categories(frame) > most:
        raise _bomb(name, size, most)
    return frame, told["sha256"]


def _categories(frame: pl.DataFrame) -> int:
    """Bytes that columns of categories, whose texts are shared, would have without sharing."""
    columns = (column for column in frame if isinstance(column.dtype, pl.Categorical | pl.Enum))
    return sum(int(column.cat.len_bytes().cast(pl.Int64).sum()) for column in columns)


def _unpack(path: Path, unpacked: Path, size: int, most: int) -> dict[str, Any]:
    """What the other process says at its end."""
    memory = max(512 << 20, min(free_memory() // 2, max(_MEMORY, 4 * size)))
    # -P: a module in the working folder must not be taken for one of ours.
    command: list[str | Path] = [
        sys.executable,
        "-P",
        "-m",
        "ml_intern.data.unpack",
        path,
        unpacked,
        str(most),
        str(memory),
    ]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS + size / _BYTES_PER_SECOND,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"bomb": True}
    killed = {"bomb": True} if done.returncode < 0 else {}
    told: dict[str, Any] = json.loads(done.stdout) if done.stdout else killed
    return told


def _broken(name: str) -> Unreadable:
    return Unreadable(
        f"{name} is not a readable Parquet file.",
        "Download or write it again; a Git LFS pointer or a cut-off download looks like this.",
    )


def _bomb(name: str, size: int, most: int) -> Unreadable:
    return Unreadable(
        f"{name} has {size:,} bytes and cannot be unpacked into {storage(most)}: it is broken, or made "
        "to fill the machine that opens it.",
        "Write it again from its source; if it is meant to be so, give the rows as CSV or JSON lines.",
    )
