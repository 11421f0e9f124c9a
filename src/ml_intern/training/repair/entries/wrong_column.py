"""A column, or a setting, that is called by a wrong name.

Shows as polars' ColumnNotFoundError or a KeyError for a name that stands in the script as a string.

Fix: the name that the config gives to the column of that role, or the setting's own name. The config itself
is never changed: its columns are those of the locked task.
"""

import ast
import re
from typing import Any

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import Crash, crash
from ml_intern.training.repair.names import nearest
from ml_intern.training.repair.source import Edit, Source, covers, names, parse, quoted

PRIORITY = 40
POLARS = re.compile(r"^(?:unable to find column )?\"([^\"]{1,200})\"(?: not found|; valid columns|$)")
KEY = re.compile(r"^'([^']{1,200})'$")
ROLES = {
    "text_column": re.compile(r"text|sentence|content|body|message|document|utterance|instruction", re.I),
    "label_column": re.compile(r"label|target|class|category|intent|topic|^y$", re.I),
    "id_column": re.compile(r"(^|_)(id|idx|index)$", re.I),
}
SETTINGS = frozenset({"config", "cfg", "conf", "settings"})


def recognise(failure: Failure) -> Patch | None:
    """The config's name in place of the wrong one."""
    found = crash(failure)
    wrong = _wrong_name(found) if found else None
    if found is None or wrong is None or wrong in failure.config or wrong in failure.config.values():
        return None
    for name, line in found.frames:
        source = parse(failure.files[name])
        if source and (named := _renamed(source, line, wrong, failure.config)):
            right, edits = named
            return Patch(
                bug="wrong_column",
                explanation=f"The script asks for {wrong!r}, which there is not; the config says {right!r}.",
                evidence=found.line,
                files={name: source.apply(edits)},
            )
    return None


def _wrong_name(found: Crash) -> str | None:
    pattern = {"ColumnNotFoundError": POLARS, "KeyError": KEY}.get(found.kind)
    match = pattern.match(found.message) if pattern else None
    return match[1] if match else None


def _renamed(source: Source, line: int, wrong: str, config: dict[str, Any]) -> tuple[str, list[Edit]] | None:
    """The right name, and where it goes; None where either is unknown."""
    settings = [
        node.slice
        for node in source.nodes(ast.Subscript)
        if names(node.value) & SETTINGS and isinstance(node.slice, ast.Constant) and node.slice.value == wrong
    ]
    if any(covers(node, line) for node in settings):
        right = nearest(wrong, config)
        return (right, [source.replace(node, quoted(right)) for node in settings]) if right else None
    right = _column(wrong, config)
    spots = _spots(source, wrong)
    return (right, [source.replace(node, quoted(right)) for node in spots]) if right and spots else None


def _spots(source: Source, wrong: str) -> list[ast.Constant]:
    """Where the column is read. What the script itself makes under that name keeps it.

    A script that writes predictions has a `label` of its own beside that of the data.
    """
    strings = dict.fromkeys(source.strings(wrong))
    tables = {node for node in source.nodes(ast.Dict) if any(key in strings for key in node.keys)}
    made = [targets for targets, value in source.assignments() if not tables.isdisjoint(ast.walk(value))]
    variables: set[str] = set().union(*made)
    reads = [node.slice for node in source.nodes(ast.Subscript) if names(node.value) & variables]
    own = {key for node in tables for key in node.keys}.union(reads)
    return [node for node in strings if node not in own]


def _column(wrong: str, config: dict[str, Any]) -> str | None:
    """The column that was meant, by its role or by a name that is much like it."""
    columns: dict[str, str] = {role: config[role] for role in ROLES if isinstance(config.get(role), str)}
    roles = [role for role in columns if ROLES[role].search(wrong)]
    if len(roles) == 1:
        return columns[roles[0]]
    meant = {column: column for column in columns.values()}
    meant |= {role.removesuffix("_column"): column for role, column in columns.items()}
    found = nearest(wrong, meant)
    return meant[found] if found else None
