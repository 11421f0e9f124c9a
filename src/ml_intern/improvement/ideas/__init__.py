"""The kinds of suggestions, one file each.

A kind is a module here with `suggest(facts) -> Idea | None`. Adding a file adds one; nothing else has to
change.
"""

import importlib
import pkgutil

from ml_intern.improvement.facts import Suggest


def discover() -> list[Suggest]:
    """All kinds in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}").suggest for name in names]
