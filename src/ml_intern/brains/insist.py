"""Getting a call out of a model that only talks, from servers that can hold it to one.

Small models like to describe a call instead of making it. After such an answer a call is demanded
(`tool_choice`). Some servers refuse that, or ignore it; they are asked for JSON under a schema whose only
sentences are the calls that may be made, which is what their grammars hold any model to.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from pydantic_ai import InlineDefsJsonSchemaTransformer
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelHTTPError, UserError
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings, merge_model_settings
from pydantic_ai.tools import ToolDefinition

from ml_intern.workflow.workbench import GOES_ON

TALKATIVE: Final = 2
"""After so many answers in words alone, a model that no demand reaches is held to the schema throughout."""
ENOUGH: Final = 2
"""Calls of one tool that led nowhere: it is not offered again to a model under the schema."""
LOOKED: Final = 3
"""Calls that led nowhere, of any tools: such a model is then offered the steps of the stage alone."""
WORDY: Final = 200
"""Characters of an argument."""
MANY: Final = 8
"""Items of an argument."""
COUNTED: Final = 2000
"""The most repetitions that llama.cpp takes in a grammar."""
_NOT_OFFERED: Final = ("ask_user", "stop_run")
_REFUSED: Final = (400, 404, 405, 422, 501)
_PROMPT: Final = (
    'Make one call: answer with JSON alone, {{"tool": NAME, "arguments": {{…}}}}. '
    "What can be called now:\n{tools}"
)


class Way(StrEnum):
    """How a request is made."""

    FREE = "free"
    DEMAND = "demand"
    SCHEMA = "schema"


@dataclass(frozen=True)
class Asking:
    """A request as it is sent."""

    way: Way
    messages: list[ModelMessage]
    settings: ModelSettings | None
    parameters: ModelRequestParameters


class Insistence:
    """What was learnt about a model and its server in one conversation."""

    def __init__(self, possible: bool) -> None:
        self._left = [Way.DEMAND, Way.SCHEMA] if possible else []
        self._words = self._in_row = 0

    def asking(
        self,
        messages: list[ModelMessage],
        settings: ModelSettings | None,
        parameters: ModelRequestParameters,
        called: Mapping[str, int],
    ) -> Asking:
        """The next request: as given, until the model has answered in words alone where there is work.

        `called` says how often each tool was called since the run last got on.
        """
        way = self._way() if any(map(_goes_on, parameters.function_tools)) else Way.FREE
        if way is Way.DEMAND:
            settings = merge_model_settings(settings, ModelSettings(tool_choice="required"))
        elif way is Way.SCHEMA:
            tools = worth_calling(parameters.function_tools, called)
            messages = _with_prompt(messages, _PROMPT.format(tools="\n".join(map(_described, tools))))
            output = OutputObjectDefinition(json_schema=schema(tools), name="call")
            parameters = replace(
                parameters,
                function_tools=[],
                output_mode="native",
                output_object=output,
                allow_text_output=False,
            )
        return Asking(way, messages, settings, parameters)

    def gives_way(self, asked: Asking, error: UserError | ModelHTTPError | FallbackExceptionGroup) -> bool:
        """Whether it was the way of asking that clients or servers refused: then it is not used again."""
        if asked.way is Way.FREE or not _refuses(error):
            return False
        self._left.remove(asked.way)
        return True

    def answered(self, asked: Asking, response: ModelResponse, tools: list[ToolDefinition]) -> ModelResponse:
        """The answer as a call where it is one; a demand that did not lead to one is not made again."""
        if asked.way is Way.SCHEMA:
            response = as_call(response, {each.name for each in tools})
        if any(isinstance(part, ToolCallPart) for part in response.parts):
            self._in_row = 0
            return response
        self._words, self._in_row = self._words + 1, self._in_row + 1
        if asked.way is Way.DEMAND:
            self._left.remove(asked.way)
        return response

    def _way(self) -> Way:
        held = self._left == [Way.SCHEMA] and self._words >= TALKATIVE
        return self._left[0] if self._left and (self._in_row or held) else Way.FREE


class _Bounded(InlineDefsJsonSchemaTransformer):
    """Ends what a small model would never end: strings and lists of which the tool itself says no length.

    A length beyond what grammars count to is left out.
    """

    def transform(self, schema: dict[str, Any]) -> dict[str, Any]:
        bound, usual = {"string": ("maxLength", WORDY), "array": ("maxItems", MANY)}.get(
            str(schema.get("type")), ("", 0)
        )
        if bound and "enum" not in schema and schema.setdefault(bound, usual) > COUNTED:
            del schema[bound]
        return schema


def _refuses(error: BaseException) -> bool:
    if isinstance(error, FallbackExceptionGroup):
        return all(map(_refuses, error.exceptions))
    return isinstance(error, UserError) or (
        isinstance(error, ModelHTTPError) and error.status_code in _REFUSED
    )


def schema(tools: list[ToolDefinition]) -> dict[str, Any]:
    """The JSON schema whose instances are the calls of these tools."""
    return {
        "anyOf": [
            {
                "type": "object",
                "properties": {
                    "tool": {"type": "string", "const": each.name},
                    "arguments": _Bounded(each.parameters_json_schema).walk(),
                },
                "required": ["tool", "arguments"],
                "additionalProperties": False,
            }
            for each in tools
        ]
    }


def as_call(response: ModelResponse, names: set[str]) -> ModelResponse:
    """`response` with the call that its text is; unchanged where that is none of these tools."""
    text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
    try:
        found = json.loads(text)
        name, arguments = found["tool"], found["arguments"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return response
    if not isinstance(name, str) or name not in names or not isinstance(arguments, dict):
        return response
    others = [part for part in response.parts if not isinstance(part, TextPart)]
    return replace(response, parts=[*others, ToolCallPart(name, arguments)], finish_reason="tool_call")


def worth_calling(tools: list[ToolDefinition], called: Mapping[str, int]) -> list[ToolDefinition]:
    """What may be called by a model that cannot do otherwise.

    Asking the user and giving up come too easily to it, so whoever watches it ends what leads nowhere. What
    was called to no avail is offered without the arguments that it can do without, and then not at all where
    there is anything else.
    """
    trying = [each for each in tools if each.name not in _NOT_OFFERED and _is_finite(each)] or tools
    if sum(called.values()) >= LOOKED:
        trying = list(filter(_goes_on, trying)) or trying
    fresh = [each for each in trying if called.get(each.name, 0) < ENOUGH] or trying
    return [_bare(each) if called.get(each.name) else each for each in fresh]


def _is_finite(tool: ToolDefinition) -> bool:
    """Whether its arguments can be written without references: a type within itself cannot."""
    return "$ref" not in json.dumps(InlineDefsJsonSchemaTransformer(tool.parameters_json_schema).walk())


def _goes_on(tool: ToolDefinition) -> bool:
    return bool((tool.metadata or {}).get(GOES_ON))


def _bare(tool: ToolDefinition) -> ToolDefinition:
    """The tool without the arguments that it can do without: what is not said cannot be wrong."""
    whole = tool.parameters_json_schema
    taken = whole.get("properties", {})
    needed = {name: each for name, each in taken.items() if name in whole.get("required", ())}
    return replace(tool, parameters_json_schema={**whole, "properties": needed})


def _described(tool: ToolDefinition) -> str:
    arguments = json.dumps(tool.parameters_json_schema.get("properties", {}), ensure_ascii=False)
    return f"- {tool.name}: {tool.description} Arguments: {arguments}"


def _with_prompt(messages: list[ModelMessage], prompt: str) -> list[ModelMessage]:
    *before, last = messages
    if not isinstance(last, ModelRequest):
        return messages
    return [*before, replace(last, parts=[*last.parts, UserPromptPart(prompt)])]
