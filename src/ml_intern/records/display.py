"""Text from strangers, made safe to show.

File names, column names and rows come from strangers. Printed as they are, an escape code can recolour
or rewrite a terminal and a bidirectional override can reverse what a reader sees.
"""

import unicodedata
from typing import Final

MAX_EXAMPLE: Final = 160
MAX_TOLD: Final = 4_000

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width joiners shape letters and emoji; alone among the format characters they are harmless."""


def escape(text: str) -> str:
    """`text` with control and format characters written as Python escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape_one(character) for character in text)


def _escape_one(character: str) -> str:
    if unicodedata.category(character) in _UNSAFE and character not in _JOINERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def escape_lines(text: str) -> str:
    """`text` escaped as by `escape`, but for the ends of its lines."""
    return text if text.isprintable() else "\n".join(map(escape, text.split("\n")))


def told(text: str, most: int = MAX_TOLD) -> str:
    """Words of one or more lines for people: escaped, the middle left out of more than `most` characters."""
    shown = escape_lines(text)
    if len(shown) <= most:
        return shown
    half = most // 2
    return f"{shown[:half]} … {len(shown) - 2 * half:,} characters left out … {shown[-half:]}"


def example(text: str, most: int = MAX_EXAMPLE) -> str:
    """`text` escaped and cut to at most `most` characters, with an ellipsis where it was cut."""
    shown = escape(text[: most + 1])
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def listing(names: list[str] | tuple[str, ...], most: int = 10) -> str:
    """Names escaped, quoted and joined with commas; only the first `most`, then how many more."""
    shown = ", ".join(f"'{example(name)}'" for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
