"""What works on this machine, what is missing, and how to get it."""

import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from ml_intern.app.home import STATE, default_home, open_home
from ml_intern.app.left import left_jobs
from ml_intern.app.track import require_trackio
from ml_intern.records.errors import InternError, UsageProblem
from ml_intern.records.jobs import LOCAL
from ml_intern.records.words import storage
from ml_intern.store.salvage import Salvaged, is_damaged, salvage
from ml_intern.store.trouble import damaged, free_bytes
from ml_intern.training.base_models import DEFAULT, default_model, require_torch

PYTHONS = ((3, 11), (3, 13))
MIN_MEMORY = 2 << 30
"""Reading, baselines and the linear recipe stay below 1 GiB; fine-tuning the default model took 2.4 GB."""
MIN_DISK = 1 << 30
"""A fine-tuned small model with its checkpoints and its package takes some 300 MB."""


def examine(home: Path | None) -> list[dict[str, Any]]:
    """Checks as {"id", "ok", "needed", "message", "hint"}; needed ones must hold for a run to work."""
    place = (home or default_home()).expanduser().resolve()
    return [
        _python(),
        _tried("home", lambda: _home(place), f"runs are kept in {place}"),
        _tried("sandbox", lambda: _sandbox(place), "jobs run in bubblewrap, without network and your files"),
        _memory(),
        _disk(place),
        _tried(
            "transformers", require_torch, "torch and transformers are installed: fine-tuning works", False
        ),
        _tried("base model", default_model, f"{DEFAULT} is installed: no download needed", False),
        _tried("tracking", require_trackio, "trackio is installed: --track works", False),
        _tried("rented jobs", lambda: _left(place), "no rented job runs that nobody waits for", False),
    ]


def _check(name: str, ok: bool, message: str, hint: str = "", needed: bool = True) -> dict[str, Any]:
    return {"id": name, "ok": ok, "needed": needed, "message": message, "hint": "" if ok else hint}


def _tried(name: str, attempt: Callable[[], object], fine: str, needed: bool = True) -> dict[str, Any]:
    """A check that consists of doing it."""
    try:
        attempt()
    except InternError as error:
        return _check(name, False, error.message, error.hint, needed)
    return _check(name, True, fine, needed=needed)


def _python() -> dict[str, Any]:
    oldest, newest = (".".join(map(str, version)) for version in PYTHONS)
    ok = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    hint = f"Python {oldest} to {newest} is what this version was made for."
    return _check("python", ok, f"Python {platform.python_version()} on {platform.system()}", hint)


def _home(place: Path) -> None:
    if is_damaged(place / STATE):
        raise damaged(place)
    open_home(place)


def _left(place: Path) -> None:
    if not (place / STATE).exists() or is_damaged(place / STATE):
        return
    if left := left_jobs(open_home(place)):
        more = f" And {len(left) - 1} more: ml-intern costs --all" if len(left) > 1 else ""
        raise InternError(left[0]["message"] + more, left[0]["hint"])


def repair(home: Path | None) -> Salvaged | None:
    """Carry what a damaged state database still says into a new one; None where nothing is damaged.

    Raises:
        UsageProblem: there is no database.
        RunLocked: a living process drives one of its runs.
        InternError: the folder cannot be written.
    """
    place = (home or default_home()).expanduser().resolve()
    if not (place / STATE).exists():
        raise UsageProblem(f"There is no state database in {place}.", "Name another folder with --home.")
    return salvage(place / STATE) if is_damaged(place / STATE) else None


def _sandbox(home: Path) -> None:
    try:
        open_home(home).backend(LOCAL).check()
    except InternError as error:
        hint = "Or, with scripts that you trust, go without one: --no-sandbox (see docs/security.md)"
        raise InternError(error.message, "\n".join(filter(None, (error.hint, hint)))) from error


def _memory() -> dict[str, Any]:
    total = psutil.virtual_memory().total
    hint = f"At least {storage(MIN_MEMORY)} is needed: close other programs, or use a larger machine."
    return _check("memory", total >= MIN_MEMORY, f"{storage(total)} of memory", hint)


def _disk(home: Path) -> dict[str, Any]:
    free = free_bytes(home)
    hint = f"At least {storage(MIN_DISK)} is needed: free some, or choose another disk with --home FOLDER."
    return _check("disk", free >= MIN_DISK, f"{storage(free)} free on the disk of {home}", hint)
