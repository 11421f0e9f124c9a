"""How much memory this process may still take."""

import os
from pathlib import Path
from typing import Final

import psutil

from ml_intern.records.display import escape
from ml_intern.records.errors import UsageProblem

_CGROUP: Final = Path("/sys/fs/cgroup")
_OWN_CGROUPS: Final = Path("/proc/self/cgroup")
_V2: Final = ("memory.max", "memory.current", "inactive_file")
_V1: Final = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_UNLIMITED: Final = 1 << 62


def free_memory() -> int:
    """Bytes: what the machine, the process's own limits and its container leave."""
    return max(0, min(int(psutil.virtual_memory().available), *_limits(), _container(), _allowed()))


def _allowed() -> int:
    """What the user lets us count on: `ML_INTERN_MEMORY_MIB`, for machines that are shared."""
    stated = os.environ.get("ML_INTERN_MEMORY_MIB", "")
    if stated and not (stated.isascii() and stated.isdigit()):
        raise UsageProblem(
            f"ML_INTERN_MEMORY_MIB is '{escape(stated)}', which is no number of MiB.", "Set it to 2048, say."
        )
    return int(stated) << 20 if stated else _UNLIMITED


def _limits() -> tuple[int, int]:
    """What RLIMIT_AS and RLIMIT_DATA leave; very much where there are no limits."""
    try:
        import resource
    except ImportError:  # there are none on Windows
        return _UNLIMITED, _UNLIMITED
    used = psutil.Process().memory_info()
    pairs = ((resource.RLIMIT_AS, used.vms), (resource.RLIMIT_DATA, getattr(used, "data", used.rss)))
    first, second = (
        _UNLIMITED if soft == resource.RLIM_INFINITY else soft - taken
        for soft, taken in ((resource.getrlimit(limit)[0], taken) for limit, taken in pairs)
    )
    return first, second


def _container() -> int:
    """What the limits of the containers (cgroups) that this process runs in leave.

    Pages of files count as used there although they are given back when memory is short
    (kernel documentation, cgroup-v2 `memory.stat` and cgroup-v1 `memory.txt`).
    """
    try:
        lines = _OWN_CGROUPS.read_text().splitlines()
    except OSError:
        return _UNLIMITED
    left = _UNLIMITED
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            names = _V2 if controllers == "" else _V1
            below = Path(path.lstrip("/"))
            # Inside a container its own folder is the root, whatever the path says.
            for folder in (below, *below.parents):
                left = min(left, _left_by(_CGROUP / controllers / folder, *names))
    return left


def _left_by(folder: Path, limit: str, used: str, given_back: str) -> int:
    try:
        most = (folder / limit).read_text().strip()
        taken = int((folder / used).read_text())
        stat = dict(line.split(" ", 1) for line in (folder / "memory.stat").read_text().splitlines())
        return _UNLIMITED if most == "max" else int(most) - taken + int(stat[given_back])
    except (OSError, ValueError, KeyError):
        return _UNLIMITED
