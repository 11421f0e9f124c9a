"""Text from outside as a language model may read it: bounded, masked, and marked as material.

Whatever a tool returns or a check says may hold words that a stranger wrote: rows, file names, logs, cards.
Credentials, personal data and control characters are hidden, whoever reads it. Where rows may not leave this
machine, the quoted values in a log, which can be rows, are blanked as well. Not protected: a row that is
quoted by nothing is not recognised.
"""

import re
from typing import Final

from ml_intern.data.masking import mask
from ml_intern.records.display import escape

LONGEST: Final = 6_000
"""Characters of one result; the end is kept too, since an error's cause is on a log's last line."""
_OPEN, _CLOSE = "<material>", "</material>"
_QUOTED: Final = re.compile(r"'(?:[^'\\\n]|\\.){3,}'|\"(?:[^\"\\\n]|\\.){3,}\"")
_NAME: Final = re.compile(r"[\w.:/\[\]-]{1,60}")
"""A quoted word without spaces is most likely the name of a module, a setting or a column."""
_WORD: Final = "[\u200c\u200d]*".join("material")
_TAG: Final = re.compile(rf"<(?=[^\w<]*{_WORD})", re.IGNORECASE)
"""What begins one of our tags, or something that a reader could take for one.

Between `<` and the word may be a slash, spaces, lines and joiners, which nobody sees.
"""


def material(text: str, rows_may_leave: bool) -> str:
    """`text` fit to be shown to a model, marked as material, which it cannot end by itself."""
    shown = "\n".join(escape(line) for line in _bounded(mask(text)).splitlines())
    if not rows_may_leave:
        shown = _QUOTED.sub(_blank, shown)
    # What takes the place of a `<` holds none, so nothing that is left can become a tag by it.
    return f"{_OPEN}\n{_TAG.sub('&lt;', shown)}\n{_CLOSE}"


def _bounded(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n… {len(text) - LONGEST} characters left out …\n{text[-half:]}"


def _blank(match: re.Match[str]) -> str:
    quote, inside = match[0][0], match[0][1:-1]
    return match[0] if _NAME.fullmatch(inside) else f"{quote}…{quote}"
