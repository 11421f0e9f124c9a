"""The capabilities, one file each.

A capability is a module here with a `CAPABILITY` whose `id` is the module's name. Adding a file adds one;
nothing else has to change. Words and sentences in them are English and our own.
"""

import importlib
import pkgutil

from ml_intern.stress.material import Capability


def ids() -> tuple[str, ...]:
    """The ids of all capabilities, in order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def discover() -> list[Capability]:
    """All capabilities in the order of their ids."""
    return [importlib.import_module(f"{__name__}.{name}").CAPABILITY for name in ids()]
