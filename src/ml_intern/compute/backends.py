"""The backends there are, by name."""

import sys
from pathlib import Path

from ml_intern.compute.unsandboxed import UnsandboxedBackend
from ml_intern.ports.backend import Backend
from ml_intern.records.errors import SandboxMissing
from ml_intern.records.jobs import LOCAL, UNSANDBOXED


def open_backend(name: str, home: Path) -> Backend:
    """The backend called `name`, which keeps its jobs in a folder of its own below `home`.

    Raises:
        SandboxMissing: it needs a sandbox that this system cannot have.
        ValueError: there is none of that name.
    """
    if name == UNSANDBOXED:
        return UnsandboxedBackend(home / UNSANDBOXED)
    if name != LOCAL:
        raise ValueError(f"there is no backend {name!r}")
    if sys.platform != "linux":
        raise SandboxMissing(
            f"The sandbox that jobs run in needs Linux with bubblewrap; this is {sys.platform}.",
            "On Windows, WSL 2 has it; on macOS, a Linux container or machine.",
        )
    from ml_intern.compute.local import LocalBackend  # its modules exist on Linux only

    return LocalBackend(home / "jobs")
