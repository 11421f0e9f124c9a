"""How much memory this process may still take."""

from pathlib import Path
from typing import Final

import psutil

_CGROUP: Final = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Bytes: what the machine, the process's own limits and its container leave."""
    return max(0, min(psutil.virtual_memory().available, *_limits(), _container()))


def _limits() -> tuple[int, int]:
    """What RLIMIT_AS and RLIMIT_DATA leave; very much where there are no limits."""
    try:
        import resource
    except ImportError:  # there are none on Windows
        return 1 << 62, 1 << 62
    used = psutil.Process().memory_info()
    pairs = ((resource.RLIMIT_AS, used.vms), (resource.RLIMIT_DATA, getattr(used, "data", used.rss)))
    first, second = (
        1 << 62 if soft == resource.RLIM_INFINITY else soft - taken
        for soft, taken in ((resource.getrlimit(limit)[0], taken) for limit, taken in pairs)
    )
    return first, second


def _container() -> int:
    """What the limit of a container (cgroup v2, as its processes see it) leaves."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        return 1 << 62 if limit == "max" else int(limit) - int((_CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return 1 << 62
