"""Rows of data made fit to be shown: personal data and credentials are hidden, whatever a finding is about.

A finding's examples end up on terminals, in reports and in logs, where the values are never needed.
"""

from collections.abc import Iterable
from typing import Final

from ml_intern.data.credentials import secrets
from ml_intern.data.personal import KINDS, Spans
from ml_intern.records.display import MAX_EXAMPLE, example

_READ: Final = 2_000
"""Characters that are looked at: more than are shown, so that no value is cut before it is recognised."""


def specimen(text: str, most: int = MAX_EXAMPLE) -> str:
    """What is shown of a text from the data: masked, escaped and cut to at most `most` characters."""
    return example(mask(text[: max(_READ, 2 * most)]), most)


def mask(text: str) -> str:
    """`text` with all but the first two characters of each personal datum or credential as bullets."""
    return cover(text, [span for find in (*(kind.spans for kind in KINDS), secrets) for span in find(text)])


def around(text: str, spans: Spans, room: int = 60) -> str:
    """The part of `text` about the first value that `spans` finds, masked."""
    first = next(iter(spans(text)), (0, 0))[0]
    masked = cover(mask(text), spans(text))
    return masked if first <= room else "…" + masked[first - room :]


def cover(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """`text` with all but the first two characters of each span as bullets; spans may overlap."""
    characters = list(text)
    for start, end in spans:
        characters[start + 2 : end] = ["•" if c.isalnum() else c for c in text[start + 2 : end]]
    return "".join(characters)
