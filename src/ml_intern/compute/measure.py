"""Measuring what a running job uses, from outside and through /proc; standard library only.

Whatever is looked at may vanish at that moment, which then counts as nothing.
"""

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISDIR
from typing import Final

from ml_intern.compute.joblog import in_words

MOST_FILES: Final = 100_000
MOST_DEPTH: Final = 64
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def tree_below(root: int) -> list[int]:
    """All descendants of process `root`, its direct children first."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(entry.path, "stat").read_bytes()
                parent = int(stat.rpartition(b")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry.name))
    found = list(children.get(root, []))
    for pid in found:  # grows while it is read
        found += children.get(pid, [])
    return found


def call_filters(pid: int) -> int:
    """How many filters of system calls a process is under."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_bytes().splitlines():
            if line.startswith(b"Seccomp_filters:"):
                return int(line.split()[1])
    return 0


def resident(pid: int) -> int:
    """Bytes of memory a process sees, counting what it shares in full."""
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    return 0


def proportional(pid: int) -> int:
    """Bytes of memory a process uses, shared pages divided among those who share them."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
    except OSError:
        return resident(pid)
    return next((int(line.split()[1]) << 10 for line in rollup.splitlines() if line.startswith(b"Pss:")), 0)


def in_memory_files(init: int, work: Path) -> int:
    """Bytes held by the sandbox's own /tmp and /dev/shm, seen through its first process."""
    total = 0
    with contextlib.suppress(OSError):
        root = f"/proc/{init}/root"
        # Until the sandbox is complete this is the host's root, whose /tmp is nobody's business.
        if os.path.samestat(Path(root, "job").stat(), work.stat()):
            for each in ("tmp", "dev/shm"):
                use = os.statvfs(f"{root}/{each}")
                total += (use.f_blocks - use.f_bfree) * use.f_frsize
    return total


def nameless_files(pids: list[int], device: int) -> tuple[int, int]:
    """Bytes in open files that no folder lists: on the disk `device`, and in memory."""
    sizes: dict[tuple[int, int], tuple[bool, int]] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with contextlib.suppress(OSError):
                    target = str(Path(entry.path).readlink())
                    if target.endswith(" (deleted)"):
                        stat = Path(entry.path).stat()  # of the open file itself
                        key = (stat.st_dev, stat.st_ino)
                        sizes[key] = (target.startswith("/memfd:"), stat.st_blocks * 512)
    on_disk = sum(size for key, (memory, size) in sizes.items() if key[0] == device and not memory)
    return on_disk, sum(size for memory, size in sizes.values() if memory)


def open_folder(name: str | Path, parent: int | None = None) -> int:
    """Open a folder of the job without ever following a link, also where the job has closed it to us."""
    flags = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(name, os.O_RDONLY | flags, dir_fd=parent)
    except PermissionError:
        handle = os.open(name, os.O_PATH | flags, dir_fd=parent)
        try:
            Path(f"/proc/self/fd/{handle}").chmod(0o700)
            return os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        finally:
            os.close(handle)


def file_sizes(folder: int, depth: int = 0) -> Iterator[int]:
    """The size of each thing below an open folder; one that is too deep counts as too many."""
    with os.scandir(folder) as listing:
        # The names first: to look at each file of a folder that the job is filling takes far longer.
        entries = list(itertools.islice(listing, MOST_FILES + 1))
    if depth > MOST_DEPTH or len(entries) > MOST_FILES:
        yield from itertools.repeat(0, MOST_FILES + 1)
    for entry in entries:
        with contextlib.suppress(OSError):
            stat = os.stat(entry.name, dir_fd=folder, follow_symlinks=False)
            yield max(stat.st_size, stat.st_blocks * 512)
            if S_ISDIR(stat.st_mode):
                inner = open_folder(entry.name, folder)
                try:
                    yield from file_sizes(inner, depth + 1)
                finally:
                    os.close(inner)


class Disk:
    """Adds up a job's folder a little at a time, over and over, so that no watch takes long."""

    def __init__(self, work: Path, most: int) -> None:
        self._work, self._most = work, most
        self.restart()

    def restart(self) -> None:
        """Begin a new sum."""
        self._files = self._bytes = 0
        self._sizes = self._walk()
        self._spent = self._rest_until = 0.0

    def excess(self, nameless: int, seconds: float) -> str:
        """Go on for at most so many seconds; what is too much, or "" if nothing is.

        `nameless` are bytes on the disk that no folder lists.
        """
        begin = time.monotonic()
        if begin < self._rest_until:
            return ""
        for size in self._sizes:
            self._files, self._bytes = self._files + 1, self._bytes + size
            if self._files > MOST_FILES:
                return f"made more than {MOST_FILES} files, or folders {MOST_DEPTH} deep"
            if self._bytes + nameless > self._most:
                break
            if time.monotonic() - begin > seconds:
                self._spent += seconds
                return ""
        if self._bytes + nameless > self._most:
            return f"wrote more than {in_words(self._most)} to its folder"
        spent, now = self._spent, time.monotonic()
        self.restart()
        self._rest_until = now + min(2.0, 5 * spent)  # a large folder is not walked all the time
        return ""

    def _walk(self) -> Iterator[int]:
        folder = open_folder(self._work)
        try:
            yield from file_sizes(folder)
        finally:
            os.close(folder)
