"""Recipes: training scripts of the contract, one folder each, copied into a run with what they share."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = HERE / "shared"
"""Scripts that every recipe is copied with."""


def names() -> tuple[str, ...]:
    """The recipes that a run can use."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/train.py")))


def recipe_files(name: str) -> dict[str, Path]:
    """The scripts of a recipe by the name they have in a run's folder.

    Raises:
        LookupError: there is no such recipe.
    """
    found = (*_folder(name).glob("*.py"), *SHARED.glob("*.py"))
    return {path.name: path for path in sorted(found, key=lambda path: path.name)}


def defaults(name: str) -> dict[str, Any]:
    """A new copy of the recipe's default config.

    Raises:
        LookupError: there is no such recipe.
    """
    return _json(name, "defaults.json")


def reasons(name: str) -> dict[str, str]:
    """Why the settings that a plan shows have their default value, by setting.

    Raises:
        LookupError: there is no such recipe.
    """
    return _json(name, "reasons.json")


def _json(name: str, file: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_folder(name) / file).read_text(encoding="utf-8"))
    return found


def _folder(name: str) -> Path:
    if name not in names():
        raise LookupError(f"there is no recipe {name!r}; there are: {', '.join(names())}")
    return HERE / name
