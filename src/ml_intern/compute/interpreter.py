"""What a sandbox must show so that a Python interpreter runs inside it."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

from ml_intern.records.base import Record
from ml_intern.records.errors import ComputeRefused

_QUESTION = "import json, sys; print(json.dumps([sys.prefix, sys.base_prefix]))"


class Interpreter(Record):
    """A Python: its executable, the folders it needs and the links that lead to it, all absolute."""

    executable: str
    prefixes: tuple[str, ...]
    links: tuple[str, ...]


@functools.cache
def inspect(python: Path | None) -> Interpreter:
    """Describe `python`, by default the interpreter that runs us.

    Raises:
        ComputeRefused: it cannot be run.
    """
    # Path.resolve would follow the link of an environment to the interpreter that lacks its packages.
    executable = Path(sys.executable) if python is None else Path(os.path.abspath(python))  # noqa: PTH100 - see above
    prefixes = [sys.prefix, sys.base_prefix] if python is None else _ask(executable)
    # A prefix may be reached through symbolic links: both of its names must exist inside.
    names = dict.fromkeys(name for each in prefixes for name in (each, str(Path(each).resolve())))
    return Interpreter(
        executable=str(executable),
        prefixes=tuple(names),
        links=tuple(str(link) for link in _links(executable)),
    )


def _ask(executable: Path) -> list[str]:
    command = [str(executable), "-I", "-c", _QUESTION]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ComputeRefused(f"The Python interpreter {executable} cannot be run: {error}") from error
    prefixes: list[str] = json.loads(answer.stdout)
    return prefixes


def _links(executable: Path) -> list[Path]:
    """The executable and each path that its symbolic links go through."""
    hops = [executable]
    while hops[-1].is_symlink() and len(hops) < 40:
        hops.append(Path(os.path.normpath(hops[-1].parent / hops[-1].readlink())))
    return hops
