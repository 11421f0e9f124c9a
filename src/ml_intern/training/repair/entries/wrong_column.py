"""A column that the data does not have.

Shows as polars' ColumnNotFoundError or a KeyError for a name that stands in the script as a string.

Fix: the name that the config gives to the column of that role. The config itself is never changed: its
columns are those of the locked task.
"""

import re
from typing import Any

from ml_intern.training.repair.failure import Failure, Patch
from ml_intern.training.repair.log import crash
from ml_intern.training.repair.names import nearest
from ml_intern.training.repair.source import Edit, parse

PRIORITY = 40
POLARS = re.compile(r"^(?:unable to find column )?\"([^\"]{1,200})\"(?: not found|; valid columns|$)")
ROLES = {
    "text_column": re.compile(r"text|sentence|content|body|message|document|utterance|instruction", re.I),
    "label_column": re.compile(r"label|target|class|category|intent|topic|^y$", re.I),
    "id_column": re.compile(r"(^|_)(id|idx|index)$", re.I),
}


def recognise(failure: Failure) -> Patch | None:
    """The config's column in place of the wrong one."""
    found = crash(failure)
    wrong = _wrong_name(found.kind, found.message) if found else None
    if found is None or wrong is None or wrong in failure.config or wrong in failure.config.values():
        return None
    right = _right_name(wrong, failure.config)
    if right is None:
        return None
    files = {}
    for name, text in failure.files.items():
        source = parse(text)
        spots = [source.span(node) for node in source.strings(wrong)] if source else []
        if source and spots:
            files[name] = source.apply([Edit(start, end, repr(right)) for start, end in spots])
    if not files:
        return None
    return Patch(
        bug="wrong_column",
        explanation=f"The script reads a column {wrong!r}, which the data lacks; the config names {right!r}.",
        evidence=found.line,
        files=files,
    )


def _wrong_name(kind: str, message: str) -> str | None:
    if kind == "ColumnNotFoundError" and (match := POLARS.match(message)):
        return match[1]
    if kind == "KeyError" and len(message) > 2 and message[0] == message[-1] and message[0] in "'\"":
        return message[1:-1]
    return None


def _right_name(wrong: str, config: dict[str, Any]) -> str | None:
    columns: dict[str, str] = {role: config[role] for role in ROLES if isinstance(config.get(role), str)}
    roles = [role for role in columns if ROLES[role].search(wrong)]
    if len(roles) == 1:
        return columns[roles[0]]
    meant = {column: column for column in columns.values()}
    meant |= {role.removesuffix("_column"): column for role, column in columns.items()}
    found = nearest(wrong, meant)
    return meant[found] if found else None
