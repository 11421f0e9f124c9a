"""The playbook does not try the same thing for ever."""

import asyncio
from types import SimpleNamespace
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, ToolCallPart, ToolReturnPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from ml_intern.brains.playbook.model import Playbook


def next_call(times: int) -> ToolCallPart:
    """What it calls where `inspect_data` has been called so often, and its gate still objects."""
    view: Any = SimpleNamespace(
        stage=lambda: SimpleNamespace(name="inspect"), objections=lambda stage: ["A split is empty."]
    )
    messages: list[ModelMessage] = []
    for number in range(times):
        messages.append(ModelResponse([ToolCallPart("inspect_data", {}, tool_call_id=f"{number}")]))
        messages.append(ModelRequest([ToolReturnPart("inspect_data", "read", tool_call_id=f"{number}")]))
    offered = ModelRequestParameters(function_tools=[ToolDefinition(name="inspect_data")])
    answer = asyncio.run(Playbook(view).request(messages, None, offered))
    (part,) = answer.parts
    assert isinstance(part, ToolCallPart)
    return part


def test_a_gate_that_still_objects_after_three_tries_ends_the_run_with_its_words() -> None:
    assert next_call(2).tool_name == "inspect_data"
    stopped = next_call(3)
    assert stopped.tool_name == "stop_run"
    assert stopped.args_as_dict() == {"reason": "A split is empty."}
