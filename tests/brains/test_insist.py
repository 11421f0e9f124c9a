"""Models that talk instead of calling: a call is demanded, or they are held to a schema of calls."""

from pathlib import Path
from typing import Any

import pytest
from pydantic_ai.exceptions import FallbackExceptionGroup, ModelHTTPError
from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, ThinkingPart, ToolCallPart
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from ml_intern.brains.insist import MANY, WORDY, Insistence, Way, as_call, schema, worth_calling
from ml_intern.workflow.workbench import GOES_ON
from tests.brains.procedure import proceed, stage_of, with_key
from tests.brains.server import Asked, Server, serving
from tests.runs import TASK, Ended


def run(home: Path, tickets: Path, server: Server, until: str = "inspect", *options: str) -> Ended:
    brain = ["--brain", server.brain, "--until", until, *options]
    return with_key(home, "run", TASK, "--data", tickets, *brain, "--json")


def talks_first(asked: Asked, talked: list[str]) -> Any:
    """Describes a call before it makes one, in the stages define and inspect."""
    if stage_of(asked) in ("define", "inspect") and stage_of(asked) not in talked:
        talked.append(stage_of(asked))
        return "To do so, one calls the tool with the arguments that it takes."
    return proceed(asked)


def test_a_server_that_takes_neither_demand_nor_schema_is_asked_without_one(
    tmp_path: Path, tickets: Path
) -> None:
    talked: list[str] = []

    def answer(asked: Asked) -> Any:
        held = asked.body.get("tool_choice") == "required" or asked.sentences
        return (400, {}) if held else talks_first(asked, talked)

    with serving(answer) as server:
        ended = run(tmp_path, tickets, server)
    assert ended.code == 0, ended.err
    demands = [asked.body.get("tool_choice") == "required" for asked in server.asked]
    schemas = [bool(asked.sentences) for asked in server.asked]
    assert len(talked) == 2 and (sum(demands), sum(schemas)) == (1, 1), "one refusal is enough"


def test_after_an_answer_in_words_alone_a_call_is_demanded(tmp_path: Path, tickets: Path) -> None:
    talked: list[str] = []
    with serving(lambda asked: talks_first(asked, talked)) as server:
        ended = run(tmp_path, tickets, server)
    assert ended.code == 0, ended.err
    choices = [asked.body.get("tool_choice") for asked in server.asked]
    after_words = [n + 1 for n, a in enumerate(server.asked) if n + 1 < len(server.asked)
                   and server.asked[n + 1].body["messages"][-1]["role"] == "user"]  # fmt: skip
    assert len(after_words) == len(talked) == 2
    assert [n for n, choice in enumerate(choices) if choice == "required"] == after_words


WORDS = "To do so, one calls the tool with the arguments that it takes."


@pytest.mark.parametrize(
    ("refuses", "until"),
    [(False, "inspect"), (True, "inspect"), pytest.param(True, "package", marks=pytest.mark.long),
     pytest.param(False, "package", marks=pytest.mark.long)],
)  # fmt: skip
def test_a_model_that_only_talks_is_held_to_a_schema(
    tmp_path: Path, tickets: Path, refuses: bool, until: str
) -> None:
    """Its server ignores a demand, or refuses it; under the schema the model does the job."""

    def answer(asked: Asked) -> Any:
        if refuses and asked.body.get("tool_choice") == "required":
            return 422, {}
        return proceed(asked) if asked.sentences else WORDS

    with serving(answer) as server:
        ended = run(tmp_path, tickets, server, until, "--approve", "plan")
    assert ended.code == 0, ended.err
    assert ended.result["status"] == "done"
    free = [asked for asked in server.asked if not asked.sentences]
    demands = [asked for asked in free if asked.body.get("tool_choice") == "required"]
    assert len(demands) == 1 and len(free) <= 4, "once it is known to talk, it is not let talk again"
    for asked in server.asked:
        assert not (asked.sentences and asked.body.get("tools"))
        if asked.sentences:
            said = str(asked.body["messages"][-1]["content"])
            assert all(f"- {name}:" in said for name in asked.tools)


def test_only_what_is_offered_can_be_called_under_the_schema(tmp_path: Path, tickets: Path) -> None:
    def answer(asked: Asked) -> Any:
        if not asked.sentences:
            return WORDS
        return ("approve", {}) if stage_of(asked) == "inspect" else proceed(asked)

    with serving(answer) as server:
        ended = run(tmp_path, tickets, server)
    assert ended.code == 1 and ended.result["stage"] == "inspect"
    assert ended.result["error"].endswith("cannot go on: it only talks and calls no tool.")
    assert not [event for event in ended.events if event.get("tool") == "approve"]


@pytest.mark.parametrize(
    "text",
    ["", "refund", "[]", "{}", '{"tool": "note"}', '{"tool": ["note"], "arguments": {}}', "[" * 100_000,
     '{"tool": "note", "arguments": "all"}', '{"tool": "approve", "arguments": {}}'],
)  # fmt: skip
def test_what_is_no_call_stays_words(text: str) -> None:
    given = ModelResponse(parts=[TextPart(text)])
    assert as_call(given, {"note"}) is given


def test_a_call_keeps_what_was_thought_before_it() -> None:
    thought, words = ThinkingPart("hm"), TextPart('{"tool": "note", "arguments": {"text": "a"}}')
    found = as_call(ModelResponse(parts=[thought, words]), {"note"})
    assert found.parts[0] == thought
    (call,) = [part for part in found.parts if isinstance(part, ToolCallPart)]
    assert (call.tool_name, call.args) == ("note", {"text": "a"}) and len(found.parts) == 2


def offered(name: str, goes_on: bool, **arguments: Any) -> ToolDefinition:
    taken = {"type": "object", "properties": arguments, "required": [n for n in arguments if n != "more"]}
    return ToolDefinition(name=name, parameters_json_schema=taken, metadata={GOES_ON: goes_on})


TEXT, LONG = {"type": "string"}, {"type": "string", "maxLength": 100_000}
TOOLS = [
    offered("look_at", False, kind={"type": "string", "enum": ["a", "b"]}),
    offered("mend", True, code=LONG, more={"type": "array", "items": TEXT}),
    offered("try_it", True),
    offered("ask_user", False, question=TEXT),
    offered("stop_run", False, reason=TEXT),
]


def names(called: dict[str, int]) -> list[str]:
    return [each.name for each in worth_calling(TOOLS, called)]


def test_what_led_nowhere_is_offered_less_and_less() -> None:
    assert names({}) == ["look_at", "mend", "try_it"]
    assert names({"look_at": 1}) == ["look_at", "mend", "try_it"]
    assert names({"look_at": 2}) == ["mend", "try_it"]
    assert names({"look_at": 1, "mend": 2}) == ["try_it"]
    assert names({"mend": 2, "try_it": 2}) == ["mend", "try_it"], "something has to be callable"
    again = worth_calling(TOOLS, {"mend": 1})[1]
    assert set(again.parameters_json_schema["properties"]) == {"code"}, "only what it cannot do without"
    assert "more" in TOOLS[1].parameters_json_schema["properties"]


def test_no_argument_can_go_on_for_ever_and_none_is_too_long_for_a_grammar() -> None:
    look, mend, *_ = [each["properties"] for each in schema(TOOLS)["anyOf"]]
    assert look["tool"]["const"] == "look_at" and "maxLength" not in look["arguments"]["properties"]["kind"]
    assert mend["arguments"]["properties"] == {
        "code": TEXT, "more": {"type": "array", "items": {**TEXT, "maxLength": WORDY}, "maxItems": MANY},
    }  # fmt: skip


def test_where_nothing_is_left_to_do_a_model_may_talk() -> None:
    held = Insistence(possible=True)
    talked = ModelResponse(parts=[TextPart("I would call a tool.")])
    done = ModelRequestParameters(function_tools=TOOLS[:1])
    busy = ModelRequestParameters(function_tools=TOOLS)
    ways = []
    for parameters in (busy, busy, busy, done, busy):
        asked = held.asking([ModelRequest(parts=[])], None, parameters, {})
        held.answered(asked, talked, parameters.function_tools)
        ways.append(asked.way)
    assert ways == [Way.FREE, Way.DEMAND, Way.SCHEMA, Way.FREE, Way.SCHEMA]


def test_tools_of_other_servers_need_not_say_what_they_take() -> None:
    bare = ToolDefinition(name="theirs", parameters_json_schema={"type": "object"})
    within_itself = ToolDefinition(
        name="tree",
        parameters_json_schema={
            "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}},
            "$ref": "#/$defs/Node",
        },
    )
    found = worth_calling([bare, within_itself], {"theirs": 1})
    assert [each.name for each in found] == ["theirs"]
    assert schema(found)["anyOf"][0]["properties"]["arguments"]["type"] == "object"


def test_several_servers_that_refuse_are_asked_otherwise() -> None:
    held = Insistence(possible=True)
    parameters = ModelRequestParameters(function_tools=TOOLS)
    asked = held.asking([ModelRequest(parts=[])], None, parameters, {})
    held.answered(asked, ModelResponse(parts=[TextPart("Well.")]), TOOLS)
    asked = held.asking([ModelRequest(parts=[])], None, parameters, {})
    refused, down = ModelHTTPError(422, "a"), ModelHTTPError(503, "b")
    assert not held.gives_way(asked, FallbackExceptionGroup("all", [refused, down]))
    assert held.gives_way(asked, FallbackExceptionGroup("all", [refused, refused]))
    assert held.asking([ModelRequest(parts=[])], None, parameters, {}).way is Way.SCHEMA


def test_a_call_that_stored_something_has_led_somewhere(tmp_path: Path, tickets: Path) -> None:
    """Under the schema each tool is offered with all that it takes in a stage that has just begun."""
    offers: dict[str, list[set[str]]] = {}

    def answer(asked: Asked) -> Any:
        if not asked.sentences:
            return WORDS
        for each in asked.sentences:
            taken = each["properties"]["arguments"].get("properties", {})
            offers.setdefault(each["properties"]["tool"]["const"], []).append(set(taken))
        called = len(offers.get("look_at", []))
        if stage_of(asked) == "define" and called < 2:
            return "look_at", {"kind": "task_spec"}
        return proceed(asked)

    with serving(answer) as server:
        ended = run(tmp_path, tickets, server)
    assert ended.code == 0, ended.err
    assert offers["compare_approaches"] == [{"recipe", "findings"}]
    assert "look_at" in offers and offers["inspect_data"] == [{"text_column", "label_column"}]
    research = [asked.tools for asked in server.asked if asked.sentences and stage_of(asked) == "research"]
    assert all("look_at" in tools for tools in research), "what led nowhere in the stage before is forgotten"


@pytest.mark.parametrize("ending", [(401, {}), ("read_script", {"name": "no such"})])
def test_a_brain_that_fails_after_the_work_takes_nothing_back(
    tmp_path: Path, tickets: Path, ending: Any
) -> None:
    with serving(lambda asked: ending if stage_of(asked) == "" else proceed(asked)) as server:
        ended = run(tmp_path, tickets, server, "define")
        assert ended.code == 0, ended.err
        told = [event["text"] for event in ended.events if event["event"] == "message"]
        assert "All that was asked for is done. The brain" in told[-1]
        asked = with_key(tmp_path, "resume", "--until", "define", "--say", "What did you find?", "--json")
    assert asked.code == 1, "a question that it cannot answer is not answered"
