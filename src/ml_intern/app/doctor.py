"""What works on this machine."""

import importlib.util
import os
import platform
import sys
from pathlib import Path
from typing import Any

from ml_intern.app.home import default_home, open_home
from ml_intern.compute.backends import LOCAL
from ml_intern.records.errors import InternError
from ml_intern.records.words import gibibytes

MIN_MEMORY = 2 << 30


def examine(home: Path | None) -> list[dict[str, Any]]:
    """Checks as {"id", "ok", "needed", "message", "hint"}; needed ones must hold for a run to work."""
    return [_python(), _home(home), _sandbox(home), _memory(), _torch()]


def _check(name: str, ok: bool, message: str, hint: str = "", needed: bool = True) -> dict[str, Any]:
    return {"id": name, "ok": ok, "needed": needed, "message": message, "hint": hint}


def _python() -> dict[str, Any]:
    ok = sys.version_info >= (3, 11)
    return _check("python", ok, f"Python {platform.python_version()}", "Python 3.11 or newer is needed.")


def _home(home: Path | None) -> dict[str, Any]:
    try:
        opened = open_home(home)
    except InternError as error:
        return _check("home", False, error.message, error.hint)
    return _check("home", True, f"state in {opened.path}" if home else f"state in {default_home()}")


def _sandbox(home: Path | None) -> dict[str, Any]:
    try:
        problem = open_home(home).backend(LOCAL).check()
    except InternError as error:
        problem = error.message
    if problem is None:
        return _check("sandbox", True, "bubblewrap works: jobs run without network and apart from your files")
    return _check("sandbox", False, problem, "On Linux install it with: apt-get install bubblewrap")


def _memory() -> dict[str, Any]:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return _check("memory", total >= MIN_MEMORY, f"{gibibytes(total)} of memory", "At least 2 GiB is needed.")


def _torch() -> dict[str, Any]:
    found = importlib.util.find_spec("torch") is not None
    message = "torch is installed" if found else "torch is not installed; the linear recipe does not need it"
    return _check("torch", found, message, needed=False)
