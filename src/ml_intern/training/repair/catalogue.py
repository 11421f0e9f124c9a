"""The repair catalogue: tries what it knows on a failure, in a fixed order.

An entry is a module in `entries/` with a `PRIORITY` (specific bugs have low numbers and are tried first)
and a function `recognise(failure)`. No entry makes a script pass by asking less of it: none drops
validation rows, swallows an exception or exchanges the metric asked for.
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType

from ml_intern.training.repair import entries
from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import bounded
from ml_intern.training.repair.source import LONGEST_SCRIPT, compiles

__all__ = ["Failure", "Patch", "bugs", "diagnose"]


def diagnose(failure: Failure) -> Patch | None:
    """The patch of the first entry that recognises the failure; None where nothing is known.

    A patch whose scripts would not compile, or that changes nothing, is not returned.
    """
    readable = {name: text for name, text in failure.files.items() if len(text) <= LONGEST_SCRIPT}
    failure = failure.model_copy(update={"log": bounded(failure.log), "files": readable})
    for entry in _entries():
        recognise: Callable[[Failure], Patch | None] = entry.recognise
        patch = recognise(failure)
        if patch and _is_sound(patch, failure):
            return patch
    return None


def bugs() -> tuple[str, ...]:
    """The bugs that the catalogue knows, in the order in which they are tried."""
    return tuple(entry.__name__.rpartition(".")[2] for entry in _entries())


@cache
def _entries() -> tuple[ModuleType, ...]:
    found = [
        importlib.import_module(f"{entries.__name__}.{module.name}")
        for module in pkgutil.iter_modules(entries.__path__)
    ]
    return tuple(sorted(found, key=lambda entry: (entry.PRIORITY, entry.__name__)))


def _is_sound(patch: Patch, failure: Failure) -> bool:
    changes = (
        patch.packages
        or any(failure.files.get(name) != text for name, text in patch.files.items())
        or any(name not in failure.config or failure.config[name] != v for name, v in patch.config.items())
    )
    return bool(changes) and all(compiles(text) for text in patch.files.values())
