"""Files coming out of a sandboxed job's folder.

Whatever a job leaves behind is hostile until copied: no link is followed, nothing but regular files
is opened, and sizes are counted while copying.
"""

import os
import stat
import uuid
from pathlib import Path

from ml_intern.compute.transfer import remove

_CHUNK = 1 << 20
_MOST_FILES = 100_000
_MOST_DEPTH = 64
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def copy_out(work: Path, into: Path, most_bytes: int) -> None:
    """Copy the regular files of `work`/outputs to the new folder `into`, all at once or not at all.

    What goes beyond `most_bytes` in total is left out, as are links, devices, pipes, files that cannot
    be read and folders deeper than 64. Modes become 0644 and 0755.

    Raises:
        FileExistsError: `into` exists.
    """
    if into.exists():
        raise FileExistsError(f"{into} exists already")
    into.parent.mkdir(parents=True, exist_ok=True)
    for leftover in into.parent.glob(f".{into.name}.partial-*"):
        remove(leftover)
    partial = into.with_name(f".{into.name}.partial-{uuid.uuid4().hex[:8]}")
    partial.mkdir(mode=0o755)
    try:
        _Copy(most_bytes).outputs(work, partial)
        partial.rename(into)
    except BaseException:  # an interruption too must leave no partial copy
        remove(partial)
        raise


class _Copy:
    """One copy, counting down what it may still take."""

    def __init__(self, most_bytes: int) -> None:
        self._bytes, self._files = most_bytes, _MOST_FILES

    def outputs(self, work: Path, into: Path) -> None:
        try:
            parent = os.open(work, _FOLDER)
        except FileNotFoundError:
            return
        try:
            self._folder("outputs", parent, into, 0)
        finally:
            os.close(parent)

    def _folder(self, name: str, parent: int, into: Path, depth: int) -> None:
        try:
            folder = os.open(name, _FOLDER, dir_fd=parent)
        except OSError:  # missing, a link, or closed to us
            return
        try:
            into.mkdir(mode=0o755, exist_ok=True)
            for entry in sorted(os.listdir(folder)):  # noqa: PTH208 - an open folder has no path
                mode = os.stat(entry, dir_fd=folder, follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode) and depth < _MOST_DEPTH:
                    self._folder(entry, folder, into / entry, depth + 1)
                elif stat.S_ISREG(mode) and self._files > 0:
                    self._file(entry, folder, into / entry)
        finally:
            os.close(folder)

    def _file(self, name: str, parent: int, into: Path) -> None:
        try:
            source = os.open(name, _FILE, dir_fd=parent)
        except OSError:
            return
        with open(source, "rb") as reading:  # noqa: PTH123 - an open file has no path
            about = os.fstat(source)
            if not stat.S_ISREG(about.st_mode) or about.st_size > self._bytes:
                return
            self._files -= 1
            with into.open("xb") as writing:
                while self._bytes > 0 and (chunk := reading.read(min(_CHUNK, self._bytes))):
                    self._bytes -= writing.write(chunk)
        into.chmod(0o644)
