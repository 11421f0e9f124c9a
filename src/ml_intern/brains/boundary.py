"""What may reach a model: material from outside, without credentials, control characters or private rows.

What tools return is passed on as material. None of this is what stops an injected instruction: what a brain
can do is limited by the tools that its stage offers and by their gates.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from pydantic_ai.messages import (
    ModelMessage,
    ModelResponse,
    RetryFeedbackPart,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from ml_intern.data.credentials import secrets
from ml_intern.data.masking import cover
from ml_intern.workflow.journal import APPROVAL_TOOL, may_hold_rows
from ml_intern.workflow.material import material

_PUBLISHED: Final = frozenset(
    {"search_papers", "read_paper", "search_code", "read_web_docs", "ask_researcher", "look_up_library"}
)
"""Tools that return what is published, where a quoted phrase is none of the user's rows."""
_WITHHELD: Final = (
    "(Withheld: it was written where rows of the data may be seen, and these may not be sent to you. "
    "What is stored can be looked up again with a tool.)"
)


def outgoing(messages: Sequence[ModelMessage], rows_may_leave: bool) -> list[ModelMessage]:
    """The conversation as it may be sent; the stored one stays as it is.

    Where rows may not leave, what a brain before wrote that could see some is withheld, and what its calls
    returned. The calls stay, each with its return, as models expect it.
    """
    sent: list[ModelMessage] = []
    withheld = False
    for message in messages:
        if isinstance(message, ModelResponse):
            withheld = not rows_may_leave and may_hold_rows(message)
            sent.append(_emptied(message) if withheld else message)
        else:  # what it holds are returns of the calls in the response before, and the user's words
            parts = [_without(part) if withheld else part for part in message.parts]
            sent.append(replace(message, parts=[_part(part, rows_may_leave) for part in parts]))
    return sent


def _emptied(response: ModelResponse) -> ModelResponse:
    """The calls alone, without what they were given, and without the provider's own copies of anything."""
    calls = [each for each in response.parts if isinstance(each, ToolCallPart)]
    emptied = [ToolCallPart(each.tool_name, {}, tool_call_id=each.tool_call_id) for each in calls]
    return ModelResponse([TextPart(_WITHHELD), *emptied], timestamp=response.timestamp)


def _without(part: Any) -> Any:
    """`part` of a request that may hold rows; what the user says in it is the user's own to tell."""
    if isinstance(part, ToolReturnPart) and (part.tool_name, part.outcome) != (APPROVAL_TOOL, "denied"):
        return replace(part, content=_WITHHELD)
    return replace(part, content=_WITHHELD) if isinstance(part, RetryFeedbackPart) else part


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
