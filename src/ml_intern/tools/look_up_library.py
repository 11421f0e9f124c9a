"""Tool: read the documentation of a library as it is installed."""

import difflib
import re
from typing import Final

import griffe

from ml_intern.training.libraries.describe import describe, members_of
from ml_intern.training.libraries.installed import Library, libraries
from ml_intern.training.libraries.search import search
from ml_intern.training.libraries.symbols import Symbols
from ml_intern.training.script import PACKAGES
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

DOTTED: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
PATH: Final = re.compile(r"[/\\\x00]")
LONGEST: Final = 200
MOST_FOUND: Final = 12


@tool("research", "draft", "smoke", "plan", aside=True)
def look_up_library(bench: Workbench, query: str, about: str = "") -> Done:
    """Look up a class, function or module in the installed training libraries, or search them by words.

    What you remember of a library may be of another version: this is what scripts will run with.

    Args:
        bench: Where the tool works.
        query: A full name such as transformers.TrainingArguments or sklearn.svm.LinearSVC.fit, or the name
            of a library, or a few words to search for, such as linear warmup schedule.
        about: A word, such as an argument's name: only what the docstring says about it.
    """
    query = query.strip()
    if not query or len(query) > LONGEST or PATH.search(query):
        raise Unfit(f"give a full name or a few words, at most {LONGEST} characters; a path is neither")
    known = libraries(bench.run.folder / PACKAGES)
    top = query.partition(".")[0]
    if query in known or (DOTTED.fullmatch(query) and top in known):
        return Done(_symbol(query, about.strip(), known))
    if DOTTED.fullmatch(query):
        raise Unfit(f"there is no library {top} to look up; there are: {', '.join(sorted(known))}")
    return Done(_words(query, known))


def _symbol(dotted: str, about: str, known: dict[str, Library]) -> str:
    """The description of a symbol."""
    library = known[dotted.partition(".")[0]]
    symbols = Symbols([library.root])
    found = symbols.find(dotted)
    if found is None or found.path.partition(".")[0] not in known:  # a library can import from any other
        raise Unfit(_no_such(dotted, symbols, library, known))
    return describe(symbols, dotted, found, library, about)


def _no_such(dotted: str, symbols: Symbols, library: Library, known: dict[str, Library]) -> str:
    """What to say about a name that nothing is found under: how far it leads, and what is near to it."""
    before, _, name = dotted.rpartition(".")
    owner: griffe.Object | None = None
    while before and (owner := symbols.find(before)) is None:
        before, _, name = before.rpartition(".")
    names = members_of(symbols, owner) if owner is not None else []
    near = difflib.get_close_matches(name, names, n=5, cutoff=0.6)
    found = search(known.values(), name, MOST_FOUND)
    near += [each.path for each in found if each.path.endswith(f".{name}") or not near]
    hint = f"near to it: {', '.join(near[:6])}" if near else "search for it with a few words"
    place = f"{before or library.name} in {library.project} {library.version}"
    return f"{place} has no {name} that can be read; {hint}"


def _words(query: str, known: dict[str, Library]) -> str:
    named = [known[word] for word in re.findall(r"\w+", query.lower()) if word in known]
    words = " ".join(word for word in query.split() if word.lower() not in known) or query
    found = search(named or known.values(), words, MOST_FOUND)
    if not found:
        raise Unfit(f"nothing is found for {query!r} in: {', '.join(sorted(known))}; use other words")
    lines = [f"{entry.path}: {entry.first_line}".rstrip(": ") for entry in found]
    return "\n".join([f"Found for {query!r}, best first:", *lines])
