"""The loop: a brain proposes tool calls until every stage is done or a person must answer.

Brain and tools are passed in. What the loop itself guarantees: the conversation is stored at every
step, a run ends as done only when the stage table says so, and a request for approval that nobody
answers ends the loop instead of being granted.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic_ai import Agent, AgentRun, DeferredToolRequests, ModelRequestNode, ModelRetry, RunContext
from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta
from pydantic_ai.models import Model
from pydantic_ai.toolsets import AbstractToolset
from pydantic_ai.usage import UsageLimits

from ml_intern.records.runs import Approval, RunStatus
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.material import material
from ml_intern.workflow.workbench import Workbench

os.environ.setdefault("PYDANTIC_AI_NO_BANNER", "1")  # its advertisement on terminals is not ours to show
INSTRUCTIONS = Path(__file__).with_name("instructions.md").read_text(encoding="utf-8")
MAX_RETRIES = 3
UNLIMITED = UsageLimits(request_limit=None)
"""A brain that costs or can go astray is limited where it is asked."""
NOTHING_WAITS = "Nothing waits for approval now: the plan is void. Go on with a tool of the current stage."


def make_agent(
    brain: Model, toolset: AbstractToolset[Workbench], guidance: str = ""
) -> Agent[Workbench, str | DeferredToolRequests]:
    """An agent that may only end when the stage table agrees; `guidance` is what this brain needs besides."""
    agent = Agent(
        brain,
        deps_type=Workbench,
        toolsets=[toolset],
        output_type=[str, DeferredToolRequests],
        instructions=f"{INSTRUCTIONS}\n{guidance}",
        retries=MAX_RETRIES,
    )

    @agent.instructions
    def where_things_stand(ctx: RunContext[Workbench]) -> str:
        stage = ctx.deps.run.stage()
        if stage is None or ctx.deps.finished():
            return "All that was asked for is done: say so in one sentence, or answer the user's question."
        asked = ctx.deps.run.question()
        told = f" The current plan's hash: {asked.sha256}." if asked else ""
        # An objection can quote a log's last line, which a script wrote: to a brain it is what the log is.
        still_open = material("\n".join(ctx.deps.run.objections(stage)), ctx.deps.rows_may_be_seen)
        return f"Current stage: {stage.name}.{told} Open:\n{still_open}"

    @agent.output_validator
    def only_when_done(ctx: RunContext[Workbench], output: Any) -> Any:
        if isinstance(output, str) and not ctx.deps.finished():
            raise ModelRetry("The run is not finished: go on with a tool of the current stage.")
        return output

    return agent


async def drive(
    agent: Agent[Workbench, str | DeferredToolRequests],
    bench: Workbench,
    journal: Journal,
    decide: Callable[[], Approval | None],
    stream: bool = False,
    words: str | None = None,
) -> RunStatus:
    """Let the agent work until the run is done (`DONE`) or must wait for a person (`WAITING`).

    With `stream`, what the brain says is told word by word. `words` are what the user has to say to it
    before it goes on; they are stored before the brain is asked, whatever becomes of that.
    """
    while True:
        history, results = journal.resume_point()
        said, unheard, words = words, words is not None, None
        if not history:
            said = "\n\n".join(filter(None, (bench.run.record.request.sentence, said)))
        async with agent.iter(
            said,
            message_history=history or None,
            deferred_tool_results=results,
            deps=bench,
            usage_limits=UNLIMITED,
        ) as steps:
            async for node in steps:
                if unheard and Agent.is_model_request_node(node):
                    journal.save([*steps.all_messages(), node.request], bench.may_hold_rows())
                    unheard = False
                if stream and Agent.is_model_request_node(node):
                    await _hear(node, steps, bench)
                journal.save(steps.all_messages(), bench.may_hold_rows())
        outcome = steps.result
        assert outcome is not None  # the loop above ran to its end
        journal.save(outcome.all_messages(), bench.may_hold_rows())
        if isinstance(outcome.output, str):
            return RunStatus.DONE
        if bench.run.question() is None:
            _nothing_waits(outcome.output, bench)
            continue
        answer = decide()
        if answer is None:
            return RunStatus.WAITING
        bench.run.answer(answer)


def _nothing_waits(asked: DeferredToolRequests, bench: Workbench) -> None:
    """Answer requests for approval whose plan another call of the same response has made void."""
    for call in asked.approvals:
        bench.run.commit(call.tool_call_id, call.tool_name, NOTHING_WAITS)


async def _hear(
    node: ModelRequestNode[Workbench, Any], steps: AgentRun[Workbench, Any], bench: Workbench
) -> None:
    """Tell what the brain says while it says it."""
    async with node.stream(steps.ctx) as events:
        async for event in events:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                bench.run.say(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                bench.run.say(event.delta.content_delta)
