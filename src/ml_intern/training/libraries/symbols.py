"""Finding what a dotted name stands for, by reading only the modules on the way to it.

A library is followed as Python would import it: through `from … import …` in its packages, through stars,
and through the type-checking branch of packages that import lazily, such as transformers. Nothing is
imported, and no file outside the roots is read, whatever the name says.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import griffe

DEEPEST = 30
"""So many hops from import to import are followed; more is a circle."""
LARGEST = 3_000_000
"""Bytes of a module that is still read."""
KEPT = 128
"""So many modules are kept for the next script that is looked at, unless their files change."""
STAR = re.compile(r"^[ \t]*from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]+\*", re.M)


class Symbols:
    """The libraries below `roots`; where two hold a library of the same name, the first counts."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = [root.resolve() for root in roots]
        self._modules: dict[str, griffe.Module | None] = {}

    def file(self, module: str) -> Path | None:
        """The source of a module; None where it has none, such as a compiled one."""
        parts = module.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for root in self._roots:
            base = root.joinpath(*parts)
            for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
                if path.is_file() and path.resolve().is_relative_to(root) and path.stat().st_size < LARGEST:
                    return path
        return None

    def text(self, module: str) -> str:
        """The source of a module, empty where it has none."""
        path = self.file(module)
        return path.read_text(encoding="utf-8", errors="replace") if path else ""

    def module(self, name: str) -> griffe.Module | None:
        """The module of that name with what it defines."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def find(self, dotted: str) -> griffe.Object | None:
        """What the name stands for; None where that cannot be told."""
        return self._find(dotted, ())

    def bases(self, found: griffe.Class) -> list[griffe.Object | None]:
        """The classes that a class is made from, None for each that cannot be found."""
        return [self.find(path) for path in base_paths(found)]

    def member(self, found: griffe.Class, name: str) -> griffe.Object | None:
        """What a class or one of its ancestors, depth first, defines under the name."""
        for each in self.ancestry(found):
            if name in each.members:
                inside = each.members[name]
                return self.find(inside.target_path) if isinstance(inside, griffe.Alias) else inside
        return None

    def ancestry(self, found: griffe.Class) -> Iterator[griffe.Class]:
        """The class and its ancestors as far as they can be found, depth first, each once."""
        waiting = [found]
        seen: set[str] = set()
        while waiting:
            each = waiting.pop(0)
            if each.path not in seen and len(seen) < DEEPEST:
                seen.add(each.path)
                yield each
                waiting = [*(base for base in self.bases(each) if isinstance(base, griffe.Class)), *waiting]

    def _find(self, dotted: str, trail: tuple[str, ...]) -> griffe.Object | None:
        if dotted in trail or len(trail) > DEEPEST:
            return None
        before, dot, name = dotted.rpartition(".")
        if not dot:
            return self.module(dotted)
        trail = (*trail, dotted)
        # As in an import, a module comes before a function of the same name in its package.
        owner = self.module(before) or self._find(before, trail)
        if isinstance(owner, griffe.Module):
            return self._in_module(owner, name, trail)
        return self.member(owner, name) if isinstance(owner, griffe.Class) else None

    def _in_module(self, owner: griffe.Module, name: str, trail: tuple[str, ...]) -> griffe.Object | None:
        member = owner.members.get(name)
        if isinstance(member, griffe.Alias):
            return self._find(member.target_path, trail) or self.module(f"{owner.path}.{name}")
        if member is not None:
            return member
        return self.module(f"{owner.path}.{name}") or self._starred(owner.path, name, trail, set())

    def _starred(
        self, module: str, name: str, trail: tuple[str, ...], seen: set[str]
    ) -> griffe.Object | None:
        """The name among what the module imports with a star. Texts are searched first: reading is slow."""
        if name.startswith("_"):
            return None
        for source in stars(module, self.text(module), self.is_package(module)):
            if source in seen:
                continue
            seen.add(source)
            if binds(self.text(source), name):
                found = self._find(f"{source}.{name}", trail)
            else:
                found = self._starred(source, name, trail, seen)
            if found is not None:
                return found
        return None

    def is_package(self, module: str) -> bool:
        """Whether it is a folder with modules in it."""
        path = self.file(module)
        return path is not None and path.name == "__init__.py"

    def _read(self, name: str) -> griffe.Module | None:
        path = self.file(name)
        if path is None:
            return None
        above = tuple(self.file(package) for package in _packages(name))
        return _visited(name, path, path.stat().st_mtime_ns, above)


def _packages(name: str) -> Iterator[str]:
    """The packages around a module, the outermost first."""
    parts = name.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts)))


@lru_cache(maxsize=KEPT)
def _visited(name: str, path: Path, changed: int, above: tuple[Path | None, ...]) -> griffe.Module | None:
    """The module in a file that was `changed` then, None where it is no Python; `above` are its packages.

    The packages are left empty: they tell relative imports where they are.
    """
    *packages, last = name.split(".")
    parent: griffe.Module | None = None
    for package, file in zip(packages, above, strict=True):
        parent = griffe.Module(package, filepath=file, parent=parent)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        return griffe.visit(last, filepath=path, code=text, parent=parent)
    except (SyntaxError, ValueError, RecursionError):
        return None


def base_paths(found: griffe.Class) -> list[str]:
    """The dotted names of the classes that a class is made from."""
    return [base if isinstance(base, str) else base.canonical_path for base in found.bases]


def stars(module: str, text: str, is_package: bool) -> list[str]:
    """The modules that a module imports everything from."""
    found = []
    for match in STAR.finditer(text):
        level = len(match[1]) - is_package
        parts = module.split(".")
        base = parts[: len(parts) - level] if match[1] else []
        found.append(".".join([*base, *filter(None, [match[2]])]))
    return found


def binds(text: str, name: str) -> bool:
    """Whether the text of a module looks as if it gave the name a meaning at its top level."""
    word = re.escape(name)
    definition = rf"^[ \t]*(?:class|def|async def)[ \t]+{word}\b|^{word}[ \t]*[:=]"
    imported = rf"^[ \t]*(?:from[^\n]*import|import)\b[^\n]*\b{word}\b|^[ \t]+(?:\w+ as )?{word},?[ \t]*$"
    return name in text and re.search(f"{definition}|{imported}", text, re.M) is not None
