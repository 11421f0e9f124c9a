"""Writing files of a run so that a crash leaves the old one, the new one, or none."""

import hashlib
import os
import tempfile
from pathlib import Path

from ml_intern.records.base import FileRef


def write(folder: Path, path: str, content: bytes, mode: int = 0o644) -> FileRef:
    """Write `content` to `path` inside `folder` in one step, readable by others only if `mode` says so.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    # Temporary files start out as 0600, so that a sealed one is never open to others.
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:  # an interruption too must leave no temporary file
        Path(name).unlink(missing_ok=True)
        raise
    return FileRef(path=path, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
