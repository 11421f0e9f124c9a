"""Putting a page where the user wants it."""

import os
from contextlib import suppress
from errno import EISDIR
from pathlib import Path

from ml_intern.records.display import escape
from ml_intern.records.errors import InternError


def write_page(path: Path, page: str, hint: str) -> int:
    """Write the page and return its size in bytes. The file appears complete or not at all.

    Raises:
        InternError: the file cannot be written; `hint` says how to name another.
    """
    content = page.encode()
    draft = _draft(path)
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):  # there may be no such folder at all
            draft.unlink()
        raise _unwritable(path, error, hint) from error
    return len(content)


def check_writable(path: Path, hint: str) -> None:
    """Say now, rather than after long work, that a page cannot be written there.

    Raises:
        InternError: the file cannot be written.
    """
    draft = _draft(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise _unwritable(path, error, hint) from error


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _unwritable(path: Path, error: OSError, hint: str) -> InternError:
    return InternError(f"The report cannot be written to {escape(str(path))}: {error.strerror}.", hint)
