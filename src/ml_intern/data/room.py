"""Whether there is room for a dataset before any of it is read."""

import shutil
from pathlib import Path
from typing import Final

from ml_intern.data.discover import find_files
from ml_intern.data.memory import free_memory
from ml_intern.records.display import escape
from ml_intern.records.errors import NoRoom
from ml_intern.records.words import storage

MEMORY_PER_BYTE: Final = 14
"""Measured: a run on 1,000,000 short texts, a CSV of 71 MB, took 1.1 GB until they were split. Reading alone
takes far less, and the audit alone reads what does not fit into memory from disk (see `spill`)."""

DISK_PER_BYTE: Final = 4
"""The splits, and one job's copy of them at each of several steps."""


def check_room(location: Path, folder: Path) -> None:
    """See that the data at `location` fits into memory, and what a run makes of it on the disk of `folder`.

    Raises:
        NoRoom: it does not; the message says what there is and what it would take.
        UsageProblem: there is nothing that can be read.
    """
    size = sum(path.stat().st_size for _, path in find_files(location))
    what = f"'{escape(location.name)}'"
    check_space(what, size, folder)
    what = f"{what} has {storage(size)}"
    available = free_memory()
    if size * MEMORY_PER_BYTE > available:
        raise NoRoom(
            f"{what}; reading it takes about {storage(size * MEMORY_PER_BYTE)} of memory, and "
            f"{storage(available)} are free.",
            "Take a sample of the rows, or a machine with more memory.",
        )


def check_space(what: str, size: int, folder: Path) -> None:
    """See that the disk of `folder` holds what a run makes of data of `size` bytes, which `what` names.

    Raises:
        NoRoom: it does not.
    """
    free = shutil.disk_usage(folder).free
    if size * DISK_PER_BYTE > free:
        raise NoRoom(
            f"{what} has {storage(size)}; a run would need about {storage(size * DISK_PER_BYTE)} on the disk "
            f"that holds {folder}, where {storage(free)} are free.",
            "Take a sample of the rows, or a larger disk: --home FOLDER.",
        )
