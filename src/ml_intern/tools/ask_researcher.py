"""Tool: have a helper look something up in a conversation of its own, and check what it cites.

The helper is the brain's own model, within the same limits and costs. It has the tools that only look and no
other: it makes nothing, approves nothing, and sees no file. So whatever a page tells it to do, it can only
answer in words, and those come back as material.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic_ai import Agent, RunContext
from pydantic_ai.exceptions import UnexpectedModelBehavior, UsageLimitExceeded
from pydantic_ai.usage import UsageLimits

from ml_intern.records.display import escape, example
from ml_intern.records.runs import EventName
from ml_intern.research.citing import marked
from ml_intern.tools.read_card import read_card
from ml_intern.tools.read_paper import read_paper
from ml_intern.tools.read_web_docs import read_web_docs
from ml_intern.tools.search_code import search_code
from ml_intern.tools.search_hub import search_hub
from ml_intern.tools.search_papers import search_papers
from ml_intern.workflow.workbench import Done, Unfit, Workbench, make_lookups, tool

LOOKUPS: Final = (search_hub, read_card, search_papers, read_paper, search_code, read_web_docs)
INSTRUCTIONS: Final = Path(__file__).with_name("researcher.md").read_text(encoding="utf-8")
LIMITS: Final = UsageLimits(request_limit=12, tool_calls_limit=24)
LONGEST_QUESTION: Final = 600
LONGEST_ANSWER: Final = 3_000
RETRIES: Final = 3


def _has_helper(bench: Workbench) -> bool:
    return bench.helper is not None


@tool("research", fits=_has_helper, aside=True)
async def ask_researcher(bench: Workbench, question: str) -> Done:
    """Have a helper look something up and answer in a few sentences with sources. It knows only the question.

    Args:
        bench: Where the tool works.
        question: One question, with all that is needed to understand it.
    """
    if not question.strip() or len(question) > LONGEST_QUESTION:
        raise Unfit(f"ask one question of at most {LONGEST_QUESTION} characters")
    read: set[str] = set()

    def tell(done: Done) -> None:
        for name, data in done.news:
            bench.run.emit(name, **data)
            read.update(data.get("sources", ()))

    bench.run.emit(EventName.MESSAGE, text=f"A helper looks into: {example(question, LONGEST_QUESTION)}")
    agent = _agent(bench, tell)
    try:
        answer = (await agent.run(question, deps=bench, usage_limits=LIMITS)).output
    except (UsageLimitExceeded, UnexpectedModelBehavior) as problem:
        known = ", ".join(sorted(read)) or "nothing"
        return Done(f"The helper came to no answer ({escape(problem.message)[:200]}). It has read: {known}.")
    shown = answer if len(answer) <= LONGEST_ANSWER else f"{answer[:LONGEST_ANSWER]}…"
    return Done(marked(shown, read) or "The helper found nothing to say.")


def _agent(bench: Workbench, tell: Callable[[Done], None]) -> Agent[Workbench, str]:
    assert bench.helper is not None  # the tool is not offered otherwise
    last = (LIMITS.request_limit or 1) - 1

    agent = Agent(
        bench.helper(),
        deps_type=Workbench,
        toolsets=[make_lookups(LOOKUPS, tell).filtered(lambda ctx, each: ctx.usage.requests < last)],
        instructions=INSTRUCTIONS,
        retries=RETRIES,
    )

    @agent.instructions
    def what_is_left(ctx: RunContext[Workbench]) -> str:
        left = last + 1 - ctx.usage.requests
        return f"Requests left: {left}." if left > 1 else "This is the last request: answer now."

    return agent
