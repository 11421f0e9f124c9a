"""What may reach a model: material from outside, without credentials, control characters or private rows.

Whatever a tool returns may hold words that a stranger wrote: rows, file names, logs, cards. It is passed on
as material, bounded, with credentials and personal data masked. Where rows may not leave this machine, the
quoted values in a log, which can be rows, are blanked as well. None of this is what stops an injected
instruction: what a brain can do is limited by the tools that its stage offers and by their gates.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic_ai.messages import ModelMessage, ModelRequest, RetryFeedbackPart, ToolReturnPart, UserPromptPart

from ml_intern.data.credentials import secrets
from ml_intern.data.masking import cover, mask
from ml_intern.records.display import escape

LONGEST: Final = 6_000
"""Characters of one result; the end is kept too, since an error's cause is on a log's last line."""
_OPEN, _CLOSE = "<material>", "</material>"
_QUOTED: Final = re.compile(r"'(?:[^'\\\n]|\\.){3,}'|\"(?:[^\"\\\n]|\\.){3,}\"")
_NAME: Final = re.compile(r"[\w.:/\[\]-]{1,60}")
"""A quoted word without spaces is most likely the name of a module, a setting or a column."""

_PUBLISHED: Final = frozenset(
    {"search_papers", "read_paper", "search_code", "read_web_docs", "ask_researcher", "look_up_library"}
)
"""Tools that return what is published, where a quoted phrase is none of the user's rows."""


def material(text: str, rows_may_leave: bool) -> str:
    """`text` fit to be shown to a model, marked as material."""
    shown = "\n".join(escape(line) for line in _bounded(mask(text)).splitlines())
    if not rows_may_leave:
        shown = _QUOTED.sub(_blank, shown)
    return f"{_OPEN}\n{shown.replace(_CLOSE, '')}\n{_CLOSE}"


def _bounded(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    return f"{text[:half]}\n… {len(text) - LONGEST} characters left out …\n{text[-half:]}"


def _blank(match: re.Match[str]) -> str:
    quote, inside = match[0][0], match[0][1:-1]
    return match[0] if _NAME.fullmatch(inside) else f"{quote}…{quote}"


def outgoing(messages: Sequence[ModelMessage], rows_may_leave: bool) -> list[ModelMessage]:
    """The conversation as it may be sent; the stored one stays as it is."""
    return [_clean(each, rows_may_leave) if isinstance(each, ModelRequest) else each for each in messages]


def _clean(message: ModelRequest, rows_may_leave: bool) -> ModelRequest:
    return replace(message, parts=[_part(part, rows_may_leave) for part in message.parts])


def _part(part: Any, rows_may_leave: bool) -> Any:
    if isinstance(part, ToolReturnPart) and isinstance(part.content, str):
        if part.tool_name == "ask_user":  # the user's own words
            return replace(part, content=redacted(part.content))
        may_quote = rows_may_leave or part.tool_name in _PUBLISHED
        return replace(part, content=material(part.content, may_quote))
    if isinstance(part, UserPromptPart | RetryFeedbackPart) and isinstance(part.content, str):
        return replace(part, content=redacted(part.content))
    return part


def redacted(text: str) -> str:
    """`text` with the credentials in it masked: also a user can paste one by mistake."""
    return cover(text, secrets(text))
