"""A file lock that lives as long as the last process that inherited it.

Open-file-description locks: a child that inherits the descriptor shares the lock, so it can be
handed over without a moment in which nobody holds it, and it can be asked about without being taken.
"""

import fcntl
import os
import struct
from pathlib import Path

_FLOCK = "hhqqi0q"  # struct flock on 64-bit Linux: type, whence, start, length, pid, padding
_WHOLE_FILE = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)


def hold(path: Path) -> int | None:
    """Take the lock and return the descriptor that holds it, or None where it is held already.

    Raises:
        FileNotFoundError: the folder of `path` does not exist.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _WHOLE_FILE)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_held(path: Path) -> bool:
    """Whether anybody holds the lock; asking never takes it, so it disturbs nobody who wants it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        answer = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _WHOLE_FILE)
    finally:
        os.close(descriptor)
    kind: int = struct.unpack(_FLOCK, answer)[0]
    return kind != fcntl.F_UNLCK
