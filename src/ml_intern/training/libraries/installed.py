"""Which libraries may be looked at, and where they lie."""

import re
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from ml_intern.training.packages import APPROVED, normalised
from ml_intern.training.recipes import names, recipe_files

DEPENDENCIES = re.compile(r"^# dependencies = \[(.*)\]$", re.M)
"""The line of a script's inline metadata (PEP 723) that names what it needs."""
SITES = ("site-packages", "dist-packages")
NO_LIBRARY = frozenset({"test", "tests", "docs", "examples", "benchmarks", "bin", "functorch", "torchgen"})
"""What some distributions bring beside the library that they are known for."""


class Library(NamedTuple):
    """An installed library by the name that it is imported by: its distribution, version and folder."""

    name: str
    project: str
    version: str
    root: Path


@cache
def sites() -> tuple[Path, ...]:
    """The folders that this environment's packages are installed into; jobs see the same."""
    known = [Path(sysconfig.get_paths()[kind]) for kind in ("purelib", "platlib")]
    found = [*known, *(Path(each) for each in sys.path if Path(each).name in SITES)]
    return tuple(dict.fromkeys(path.resolve() for path in found if path.is_dir()))


def libraries(packages: Path | None = None) -> dict[str, Library]:
    """The libraries that a brain may read about, by import name.

    Those are what the recipes need and what may be installed without asking, as far as they are installed:
    in the run's folder `packages`, which comes first as it does in a job, or in this environment.
    """
    own = _found((packages,)) if packages is not None and packages.is_dir() else {}
    return _environment() | own


@cache
def allowed() -> frozenset[str]:
    """The projects whose libraries may be read, by their name on PyPI as indexes compare it."""
    texts = (path.read_text(encoding="utf-8") for name in names() for path in recipe_files(name).values())
    needed = [name for text in texts for line in DEPENDENCIES.findall(text) for name in _quoted(line)]
    return frozenset(map(normalised, [*APPROVED, *needed]))


@cache
def _environment() -> dict[str, Library]:
    return _found(sites())


def _found(roots: tuple[Path, ...]) -> dict[str, Library]:
    found: dict[str, Library] = {}
    for each in distributions(path=[str(root) for root in roots]):
        if normalised(each.metadata["Name"] or "") in allowed():
            root = Path(str(each.locate_file(""))).resolve()
            for name in sorted(_top_level(each, root)):
                found.setdefault(name, Library(name, each.metadata["Name"], each.version, root))
    return found


def _top_level(distribution: Distribution, root: Path) -> set[str]:
    """The names that the distribution's libraries are imported by."""
    said = distribution.read_text("top_level.txt")
    listed: Iterable[str] = said.split() if said else _recorded(distribution)
    return {
        name
        for name in listed
        if name.isidentifier() and not name.startswith("_") and name not in NO_LIBRARY
        if (root / name / "__init__.py").is_file() or (root / f"{name}.py").is_file()
    }


def _recorded(distribution: Distribution) -> set[str]:
    return {path.parts[0].removesuffix(".py") for path in distribution.files or ()}


def _quoted(line: str) -> list[str]:
    return re.findall(r'"([A-Za-z0-9._-]+)', line)
