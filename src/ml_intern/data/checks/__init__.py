"""The checks of the data audit, one file each.

A check is a module here with `check(table: AuditTable) -> list[Finding]`. Adding a file adds a check;
nothing else has to change.
"""

import importlib
import pkgutil
from collections.abc import Callable

from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding

Check = Callable[[AuditTable], list[Finding]]


def discover() -> dict[str, Check]:
    """All checks by the name of their module, in name order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").check for name in names}


def purposes() -> dict[str, str]:
    """What each check looks for, by its name: the first paragraph of its module's docstring."""
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in discover()}
    return {name: _first_paragraph(module.__doc__ or "") for name, module in modules.items()}


def _first_paragraph(text: str) -> str:
    """The words up to the first empty line, as one line."""
    return " ".join(text.strip().partition("\n\n")[0].split())
