"""What the machine's own troubles mean for a user: a full disk, a closed folder, a damaged database."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from ml_intern.records.errors import InternError
from ml_intern.records.words import storage

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_FULL_WORDS = "database or disk is full"
_CLOSED_WORDS = "attempt to write a readonly database"
# SQLite's words when it cannot make the small files beside its database, whatever the reason.
_NO_FILES = ("disk I/O error", "unable to open database file")
_DAMAGED = (
    "database disk image is malformed",
    "file is not a database",
    "malformed database schema",
    "Could not decode to UTF-8",  # we write nothing else
)
_ALMOST_NOTHING = 1 << 20


def explain(error: BaseException, home: Path) -> InternError | None:
    """The trouble behind `error` in words for people, or None where it is something else."""
    causes = list(_causes(error))
    words = " ".join(str(each) for each in causes if isinstance(each, OSError | DBAPIError))
    numbers = {each.errno for each in causes if isinstance(each, OSError)}
    no_files = any(word in words for word in _NO_FILES)
    if no_files and home.exists() and not os.access(home, os.W_OK):
        return cannot_write(home)
    if (no_files and free_bytes(home) < _ALMOST_NOTHING) or numbers & set(_FULL) or _FULL_WORDS in words:
        return _disk_full(home)
    if _CLOSED_WORDS in words or (numbers & set(_CLOSED) and any(_inside(each, home) for each in causes)):
        return cannot_write(home)
    if any(word in words for word in _DAMAGED):
        return damaged(home)
    if any(isinstance(each, MemoryError) for each in causes):
        return InternError(
            "There is not enough memory for this.",
            "Close other programs, or take a smaller part of the data.",
        )
    return None


def cannot_write(home: Path, why: str = "") -> InternError:
    """The state folder is closed to us."""
    return InternError(
        f"The state folder {home} cannot be written{': ' if why else ''}{why}.",
        "Give yourself the right to write there, or choose another with --home FOLDER or ML_INTERN_HOME.",
    )


def damaged(home: Path) -> InternError:
    """The state database is no longer what was written."""
    return InternError(
        f"The state database {home / 'state.db'} is damaged, by a fault of the disk or by another program.",
        f"What the runs made lies in {home / 'runs'}, untouched: packaged models, reports, predictions.\n"
        "Save what the database still says with: ml-intern doctor --repair",
    )


def _disk_full(home: Path) -> InternError:
    return InternError(
        f"The disk that holds {home} is full ({storage(free_bytes(home))} free).",
        "Nothing that was finished is lost. Free some space, then go on with: ml-intern resume",
    )


def free_bytes(home: Path) -> int:
    """What is free on the disk of a folder, which need not exist yet."""
    place = next(each for each in (home, *home.parents) if each.exists())
    return shutil.disk_usage(place).free


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, innermost last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        original = getattr(error, "orig", None)
        if isinstance(original, BaseException):
            yield original
        error = error.__cause__ or error.__context__


def _inside(error: BaseException, home: Path) -> bool:
    name = getattr(error, "filename", None)
    return isinstance(name, str) and Path(name).is_relative_to(home)
