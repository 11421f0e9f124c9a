"""A symbol of a library, described as its source describes it."""

import re
from typing import Final

import griffe

from ml_intern.training.libraries.installed import Library
from ml_intern.training.libraries.symbols import Symbols

LONGEST_DOCSTRING: Final = 2_800
LONGEST_SIGNATURE: Final = 1_200
MOST_MEMBERS: Final = 60
"""A description stays below what the boundary lets through in one piece."""


def describe(symbols: Symbols, dotted: str, found: griffe.Object, library: Library, about: str = "") -> str:
    """What it is, where it is defined, how it is called, its docstring and its members.

    With `about`, only the paragraphs of the docstring in which that word stands, and the members it names.
    """
    if isinstance(found, griffe.Attribute) and found.value is not None and "property" not in found.labels:
        kind = "value"
    else:
        kind = "property" if isinstance(found, griffe.Attribute) else found.kind.value
    place = f"{_place(found, library)} line {found.lineno}" if found.lineno else _place(found, library)
    lines = [f"{dotted}: {kind} in {library.project} {library.version}, {place}"]
    if signature := _signature(symbols, found, about):
        lines.append(signature)
    if text := docstring(symbols, found, about):
        lines += ["", text]
    if members := _members(symbols, found):
        lines += ["", f"Members: {members}"]
    return "\n".join(lines)


def members_of(symbols: Symbols, found: griffe.Object) -> list[str]:
    """The public names in a module or class, those of its ancestors included."""
    if isinstance(found, griffe.Class):
        names = [name for each in symbols.ancestry(found) for name in each.members]
    elif isinstance(found, griffe.Module):
        names = [name for name, each in found.members.items() if _belongs(each, found)]
    else:
        names = []
    return list(dict.fromkeys(name for name in names if not name.startswith("_")))


def docstring(symbols: Symbols, found: griffe.Object, about: str) -> str:
    """The docstring, cut to what can be shown; of a class that has none, that of its `__init__`."""
    inside = symbols.member(found, "__init__") if isinstance(found, griffe.Class) else None
    texts = [each.docstring.value for each in (found, inside) if each is not None and each.docstring]
    text = texts[0] if texts else ""
    if about:
        parts = re.split(r"\n(?=\s*\w+\s*(?:\([^\n]*\))?\s*:)|\n\s*\n", text)
        fitting = [part.strip("\n") for part in parts if about.lower() in part.lower()]
        text = "\n".join(fitting) or f"(the docstring does not mention {about!r})"
    if len(text) <= LONGEST_DOCSTRING:
        return text
    return f"{text[:LONGEST_DOCSTRING]}\n… {len(text) - LONGEST_DOCSTRING} more characters: ask with `about`"


def _belongs(member: griffe.Object | griffe.Alias, module: griffe.Module) -> bool:
    """Whether a name in a module is the library's own, and not an import from elsewhere."""
    if not isinstance(member, griffe.Alias):
        return True
    top = module.path.partition(".")[0]
    return member.wildcard is None and member.target_path.partition(".")[0] == top


def _place(found: griffe.Object, library: Library) -> str:
    path = found.filepath
    if isinstance(path, list):
        return library.name
    return path.resolve().relative_to(library.root).as_posix()


def _signature(symbols: Symbols, found: griffe.Object, about: str) -> str:
    if isinstance(found, griffe.Function):
        text = str(found.signature(return_type=True))
    elif isinstance(found, griffe.Class):
        made = symbols.member(found, "__init__")
        fields = _fields(symbols, found, about) if "dataclass" in found.labels else ""
        text = fields or (str(made.signature(name=found.name)) if isinstance(made, griffe.Function) else "")
    elif isinstance(found, griffe.Attribute):
        text = (
            f"{found.name} = {found.value}"
            if found.value is not None
            else f"{found.name}: {found.annotation}"
        )
    else:
        text = ""
    return text if len(text) <= LONGEST_SIGNATURE else f"{text[:LONGEST_SIGNATURE]} …"


def _fields(symbols: Symbols, found: griffe.Class, about: str) -> str:
    """The fields of a dataclass as its arguments; those that `about` names with their type and default."""
    own = {
        name: each
        for ancestor in reversed(list(symbols.ancestry(found)))
        for name, each in ancestor.members.items()
        if isinstance(each, griffe.Attribute)
        and each.annotation is not None
        and "property" not in each.labels
    }
    shown = [
        f"{name}: {each.annotation} = {each.value}" if about and about.lower() in name.lower() else name
        for name, each in own.items()
    ]
    shown.sort(key=lambda text: " = " not in text)  # what was asked for comes first
    return f"{found.name}({', '.join(shown)})" if shown else ""


def _members(symbols: Symbols, found: griffe.Object) -> str:
    names = members_of(symbols, found)
    more = f" and {len(names) - MOST_MEMBERS} more" if len(names) > MOST_MEMBERS else ""
    return ", ".join(names[:MOST_MEMBERS]) + more
