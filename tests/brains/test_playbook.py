"""The playbook does not try the same thing for ever."""

import asyncio
from types import SimpleNamespace
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from ml_intern.brains.playbook.model import Playbook

VIEW: Any = SimpleNamespace(
    stage=lambda: SimpleNamespace(name="inspect"), objections=lambda stage: ["A split is empty."]
)
"""A run whose gate objects to every inspection."""


def calls(playbook: Playbook, times: int, messages: list[ModelMessage]) -> list[ToolCallPart]:
    """What it calls so many times in a row, each answered by the tool."""
    tools = [ToolDefinition(name=name) for name in ("inspect_data", "stop_run")]
    offered = ModelRequestParameters(function_tools=tools)
    made = []
    for _ in range(times):
        answer = asyncio.run(playbook.request(messages, None, offered))
        (part,) = answer.parts
        assert isinstance(part, ToolCallPart)
        returned = ToolReturnPart(part.tool_name, "read", tool_call_id=part.tool_call_id)
        messages += [ModelResponse([part]), ModelRequest([returned])]
        made.append(part)
    return made


def test_a_gate_that_still_objects_after_three_tries_ends_the_run_with_its_words() -> None:
    *tries, stopped = calls(Playbook(VIEW), 4, [])
    assert [each.tool_name for each in tries] == ["inspect_data"] * 3
    assert stopped.tool_name == "stop_run"
    assert stopped.args_as_dict() == {"reason": "A split is empty."}


def test_a_run_that_is_resumed_tries_anew() -> None:
    """What stood in the way may have been mended since: a full disk, another version."""
    messages: list[ModelMessage] = []
    calls(Playbook(VIEW), 3, messages)
    (after,) = calls(Playbook(VIEW), 1, messages)
    assert after.tool_name == "inspect_data"
