"""All static checks, in the order in which they are told."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ml_intern.records.training import Check
from ml_intern.training.libraries.installed import sites
from ml_intern.training.libraries.symbols import Symbols
from ml_intern.training.static.arguments import arguments
from ml_intern.training.static.imports import imports
from ml_intern.training.static.network import network
from ml_intern.training.static.pickles import pickles
from ml_intern.training.static.scripts import Finding, Script, StaticCheck, Surroundings, parse
from ml_intern.training.static.sealed import sealed

SYNTAX: Final = "static-syntax"
IMPORTS: Final = "static-imports"
CHECKS: Final[Mapping[str, tuple[str, StaticCheck]]] = {
    IMPORTS: ("what the scripts import is there", imports),
    "static-arguments": ("library calls give arguments that the installed version takes", arguments),
    "static-test-data": ("the scripts do not read the test split", sealed),
    "static-network": ("the scripts need no network", network),
    "static-pickle": ("the scripts store and load without pickle, and run no text as code", pickles),
}
"""What each check is called, and what holds where it has nothing to say."""
SHOWN: Final = 6
"""Findings of one check that are told; more of them are counted."""


def static_checks(files: Mapping[str, str], packages: Path | None) -> list[Check]:
    """Read the scripts; one check each, with what is wrong, where, and what to do.

    `files` are the texts by name, `packages` the folder of what was installed for them, where there is one.
    Where a text is not Python, nothing else is checked.
    """
    scripts: dict[str, Script] = {}
    wrong = []
    for name, text in files.items():
        try:
            scripts[name] = parse(name, text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 1
            wrong.append(
                Finding(name, line, f"is not Python: {getattr(error, 'msg', error)}; mend that line")
            )
    syntax = _check(SYNTAX, "the scripts are Python", wrong)
    if wrong:
        return [syntax]
    around = Surroundings(scripts, Symbols([*([packages] if packages else []), *sites()]), packages)
    return [syntax, *(_checked(each, around) for each in CHECKS)]


def _checked(name: str, around: Surroundings) -> Check:
    message, check = CHECKS[name]
    return _check(
        name, message, (each for script in around.scripts.values() for each in check(script, around))
    )


def _check(name: str, message: str, findings: Iterable[Finding]) -> Check:
    found = [str(each) for each in sorted(set(findings))]
    if not found:
        return Check(id=name, ok=True, message=message)
    more = f" (and {len(found) - SHOWN} more)" if len(found) > SHOWN else ""
    return Check(id=name, ok=False, message="; ".join(found[:SHOWN]) + more)
