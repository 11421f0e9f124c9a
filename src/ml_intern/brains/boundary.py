"""What may reach a model: material from outside, without credentials, control characters or private rows.

What tools return is passed on as material. None of this is what stops an injected instruction: what a brain
can do is limited by the tools that its stage offers and by their gates.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic_ai.messages import ModelMessage, ModelRequest, RetryFeedbackPart, ToolReturnPart, UserPromptPart

from ml_intern.data.credentials import secrets
from ml_intern.data.masking import cover
from ml_intern.workflow.material import material

_PUBLISHED: Final = frozenset(
    {"search_papers", "read_paper", "search_code", "read_web_docs", "ask_researcher", "look_up_library"}
)
"""Tools that return what is published, where a quoted phrase is none of the user's rows."""


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
