"""Arguments: what a call gives is what the installed version of the library takes."""

import ast
import difflib
from collections.abc import Iterator

from ml_intern.training.libraries.signature import Signature, signature_of
from ml_intern.training.static.scripts import Finding, Script, Surroundings

SHOWN = 12
"""Names of arguments that are listed where none is near."""


def arguments(script: Script, around: Surroundings) -> Iterator[Finding]:
    """Calls of library functions and classes with an argument that these do not take."""
    for call in script.calls():
        name = script.dotted(call.func)
        if not name or around.is_own(name) or not (call.args or call.keywords):
            continue
        taken = _signature(name, around)
        if taken is not None:
            for problem in _problems(call, taken):
                yield script.finding(call, f"{name} {problem}")


def _signature(name: str, around: Surroundings) -> Signature | None:
    if name not in around.signatures:
        around.signatures[name] = signature_of(around.symbols, name)
    return around.signatures[name]


def _problems(call: ast.Call, taken: Signature) -> Iterator[str]:
    for each in call.keywords:
        if each.arg is not None and each.arg not in taken.keywords and not taken.takes_any_keyword:
            yield f"takes no argument {each.arg}; {_instead(each.arg, taken.keywords)}"
    spread = any(isinstance(each, ast.Starred) for each in call.args)
    if taken.positional is not None and not spread and len(call.args) > taken.positional:
        yield (
            f"takes {taken.positional} arguments without a name, not {len(call.args)}; "
            f"it takes by name: {_list(taken.keywords)}"
        )


def _instead(given: str, names: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(given, names, n=3, cutoff=0.6)
    # Another spelling, and the same thing by a longer or shorter name: evaluation_strategy for eval_strategy.
    alike = [name for name in names if name.lower() == given.lower() or _ends(name) == _ends(given)]
    near = list(dict.fromkeys([*alike, *close]))[:3]
    return f"near to it: {', '.join(near)}" if near else f"it takes: {_list(names)}"


def _list(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "none") + more


def _ends(name: str) -> tuple[str, str]:
    """The first two letters and the last word of a name."""
    return name[:2], name.rpartition("_")[2]
