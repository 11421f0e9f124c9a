"""Searching libraries by words: names at the top of their modules, and what their docstrings begin with."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from ml_intern.training.libraries.installed import Library

TOP_LEVEL = re.compile(r"^(?:async def|class|def)[ \t]+([A-Za-z]\w*)", re.M)
DOCSTRING = re.compile(r'\s*[rR]?"""\s*([^\n"]{0,160})')
LEFT_OUT = frozenset({"tests", "test", "testing", "_inductor", "_dynamo", "benchmarks", "third_party"})
"""Folders with nothing that a script calls."""
LEFT_OUT_FILES = re.compile(r"(dummy|modular|test|testing)_|conftest")
"""Files of the same kind: stand-ins, drafts of other files, tests."""
LONGEST_HEADER = 6000
"""Characters of a definition's header that are searched for its end."""
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
IN_NAME, WITHIN_NAME, IN_MODULE, IN_DOCSTRING = 4.0, 2.0, 1.0, 1.0
"""What a word of the query is worth by where it stands."""
EXACT = 10.0
PER_OTHER_WORD, PER_LEVEL = 0.3, 0.1
"""What is taken off for each further word of the name and each level of modules: short names are meant."""


class Entry(NamedTuple):
    """A class or function: where it is defined, and what its docstring begins with."""

    path: str
    first_line: str


def search(wanted: Iterable[Library], query: str, most: int) -> list[Entry]:
    """The classes and functions that fit the words best, best first; none where no half of the words fits."""
    words = split(query)
    scored = []
    for library in wanted:
        for entry, names, modules, line in index(library):
            if score := _score(query, words, entry, names, modules, line):
                scored.append((-score, entry))
    return [entry for _, entry in sorted(scored)[:most]]


@cache
def index(library: Library) -> list[tuple[Entry, tuple[str, ...], str, str]]:
    """Every public class and function with the words of its name, its module and its first line.

    Reading a large library takes seconds; it is done once a process.
    """
    return [
        (entry, tuple(split(name)), module.lower(), entry.first_line.lower())
        for entry in _entries(library)
        for module, _, name in [entry.path.rpartition(".")]
    ]


def split(text: str) -> list[str]:
    """The words of a text in lower case: `AutoTokenizer` is auto, tokenizer; `max_iter` is max, iter."""
    return [word.lower() for word in WORD.findall(text)][:40]


def _entries(library: Library) -> Iterator[Entry]:
    folder = library.root / library.name
    files = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    for file in files:
        inner = file.relative_to(library.root).with_suffix("").parts
        if LEFT_OUT & set(inner) or LEFT_OUT_FILES.match(inner[-1]):
            continue
        if not file.resolve().is_relative_to(library.root):
            continue
        parts = inner[:-1] if inner[-1] == "__init__" else inner
        text = file.read_text(encoding="utf-8", errors="replace")
        for match in TOP_LEVEL.finditer(text):
            yield Entry(".".join([*parts, match[1]]), _first_line(text, match.end()))


def _first_line(text: str, start: int) -> str:
    end = text.find(":\n", start, start + LONGEST_HEADER)
    match = DOCSTRING.match(text, end + 2) if end >= 0 else None
    return match[1].strip() if match else ""


def _score(
    query: str, words: list[str], entry: Entry, names: tuple[str, ...], modules: str, line: str
) -> float:
    name = entry.path.rpartition(".")[2]
    worth = [_worth(word, names, name.lower(), modules, line) for word in words]
    if 2 * sum(map(bool, worth)) < len(words) or not any(worth):
        return 0.0
    exact = EXACT if name.lower() == query.strip().lower() else 0.0
    others = len(set(names) - set(words))
    return max(sum(worth) + exact - PER_OTHER_WORD * others - PER_LEVEL * entry.path.count("."), 0.01)


def _worth(word: str, names: tuple[str, ...], name: str, modules: str, line: str) -> float:
    if word in names:
        return IN_NAME
    if len(word) > 3 and word in name:
        return WITHIN_NAME
    return IN_DOCSTRING * (word in line) + IN_MODULE * (word in modules) * (len(word) > 2)
