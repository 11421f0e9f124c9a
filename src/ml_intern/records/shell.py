"""Commands as a user can copy them into a shell."""

import shlex
from collections.abc import Mapping, Sequence

from ml_intern.records.display import escape


def command_line(words: Sequence[str], options: Mapping[str, str | None]) -> str:
    """The words, then the options that have a value, on one line and quoted for a shell."""
    line = list(words)
    for option, value in options.items():
        if value is not None:
            # Joined, so that a value such as "-x" cannot be read as an option.
            line += [f"{option}={value}"] if value.startswith("-") else [option, value]
    return " ".join(map(quote, line))


def quote(word: str) -> str:
    """`word` for a shell; control and format characters are written as escapes that bash understands."""
    if escape(word) == word:
        return shlex.quote(word)
    plain = word.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(c if escape(c) == c else f"\\U{ord(c):08x}" for c in plain) + "'"
