"""The loop: a brain proposes tool calls until every stage is done or a person must answer.

Brain and tools are passed in. What the loop itself guarantees: the conversation is stored at every
step, a run ends as done only when the stage table says so, and a request for approval that nobody
answers ends the loop instead of being granted.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic_ai import Agent, DeferredToolRequests, ModelRetry, RunContext
from pydantic_ai.models import Model
from pydantic_ai.toolsets import AbstractToolset
from pydantic_ai.usage import UsageLimits

from ml_intern.records.runs import Approval, RunStatus
from ml_intern.workflow.journal import Journal
from ml_intern.workflow.workbench import Workbench

INSTRUCTIONS = Path(__file__).with_name("instructions.md").read_text(encoding="utf-8")
MAX_RETRIES = 3
UNLIMITED = UsageLimits(request_limit=None)
"""A brain that costs or can go astray is limited where it is asked."""


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
            return "Every stage that was asked for is done: say so in one sentence."
        asked = ctx.deps.run.question()
        told = f" The current plan's hash: {asked.sha256}." if asked else ""
        return f"Current stage: {stage.name}. Open: {'; '.join(ctx.deps.run.objections(stage))}{told}"

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
) -> RunStatus:
    """Let the agent work until the run is done (`DONE`) or must wait for a person (`WAITING`)."""
    while True:
        history, results = journal.resume_point()
        task = None if history else bench.run.record.request.sentence
        async with agent.iter(
            task,
            message_history=history or None,
            deferred_tool_results=results,
            deps=bench,
            usage_limits=UNLIMITED,
        ) as steps:
            async for _ in steps:
                journal.save(steps.all_messages())
        outcome = steps.result
        assert outcome is not None  # the loop above ran to its end
        journal.save(outcome.all_messages())
        if isinstance(outcome.output, str):
            return RunStatus.DONE
        answer = decide()
        if answer is None:
            return RunStatus.WAITING
        bench.run.answer(answer)
