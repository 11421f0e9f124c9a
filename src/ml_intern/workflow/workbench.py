"""What tools work with, and how a tool call becomes a stored effect."""

import functools
import inspect
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic_ai import FunctionToolset, ModelRetry, RunContext
from pydantic_ai.models import Model
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.toolsets import AbstractToolset
from pydantic_core import to_jsonable_python

from ml_intern.data.masking import specimen
from ml_intern.hub.access import HubAccess
from ml_intern.ports.approver import Asker
from ml_intern.ports.compute import Compute
from ml_intern.ports.jobs import JobRunner
from ml_intern.records.base import Artifact
from ml_intern.records.data import DataReport
from ml_intern.records.runs import EventName
from ml_intern.records.training import TrainingPlan
from ml_intern.workflow.journal import APPROVAL_TOOL, Journal
from ml_intern.workflow.run import Run


@dataclass(frozen=True)
class Workbench:
    """Everything a tool may touch. `ask` reaches the user where there is one.

    `jobs` runs jobs on this machine, `compute` has the places where the training itself may run.
    `models` and `datasets` are where downloads from the Hub are kept; `hub` opens the Hub to work with.
    `rows_may_be_seen` holds where the brain runs on this machine, or the user agreed that rows are sent
    to it. `online` holds where the user agreed that lookups go beyond the Hub. `helper` opens the brain's own
    model for a helper with a conversation of its own; without a language model there is none.
    """

    run: Run
    journal: Journal
    jobs: JobRunner
    compute: Compute
    ask: Asker
    models: Path
    datasets: Path
    hub: Callable[[], AbstractContextManager[HubAccess]]
    interactive: bool = False
    until: str | None = None
    rows_may_be_seen: bool = False
    online: bool = False
    helper: Callable[[], Model] | None = None

    def finished(self) -> bool:
        """Whether every stage is done, or every stage up to and including `until`."""
        stage = self.run.stage()
        return stage is None or (self.until is not None and self.run.is_after(stage, self.until))

    def may_hold_rows(self) -> bool:
        """Whether the brain may have rows in mind: once the data was read, what it writes can hold some."""
        read = any(stored.kind == DataReport.kind for stored in self.run.history)
        return self.rows_may_be_seen and read


GOES_ON: Final = "goes_on"
"""In a tool's metadata: whether it can take the run further. The tools of other servers do not say so."""
AFTERWARDS: Final = "afterwards"
"""The stage, as far as tools are concerned, in which nothing is left to do but to answer the user."""


@dataclass(frozen=True)
class Done:
    """What a tool call achieved: `summary` goes to the brain, the rest into the store."""

    summary: str
    made: Sequence[Artifact] = ()
    news: Sequence[tuple[EventName, dict[str, Any]]] = ()


class Unfit(Exception):
    """The brain's proposal cannot be carried out as it is; the message says how to mend it."""


Result = TypeVar("Result", bound=Done | Awaitable[Done])


@dataclass(frozen=True)
class Tool(Generic[Result]):
    """A function offered to the brain in some stages. Its docstring is what the brain reads.

    It is offered only where `fits` holds: not every run may, or can, do what it does. One that is
    `aside` looks something up or keeps a note: no stage is done by it.
    """

    function: Callable[..., Result]
    stages: frozenset[str] = field(default_factory=frozenset)
    fits: Callable[[Workbench], bool] = lambda bench: True
    aside: bool = False

    @property
    def name(self) -> str:
        """The name the brain calls it by."""
        return self.function.__name__


def tool(
    *stages: str, fits: Callable[[Workbench], bool] = lambda bench: True, aside: bool = False
) -> Callable[[Callable[..., Result]], Tool[Result]]:
    """Declare a tool: `function(bench, …) -> Done`, or an async one, offered in `stages` where it `fits`."""
    return lambda function: Tool(function, frozenset(stages), fits, aside)


def make_toolset(tools: Sequence[Tool[Any]]) -> AbstractToolset[Workbench]:
    """All tools, each offered only in its stages, each call taking effect at most once."""
    by_name = {each.name: each for each in tools}
    toolset: FunctionToolset[Workbench] = FunctionToolset()
    for each in tools:
        toolset.add_function(
            _as_called(each, functools.partial(_once, each)),
            takes_ctx=True,
            name=each.name,
            sequential=True,
            metadata={GOES_ON: not each.aside},
        )

    def offered(ctx: RunContext[Workbench], definition: ToolDefinition) -> bool:
        bench, asked = ctx.deps, by_name[definition.name]
        stage = bench.run.stage()
        name = AFTERWARDS if stage is None or bench.finished() else stage.name
        if definition.name == APPROVAL_TOOL and bench.run.get(TrainingPlan) is None:
            return False  # there is nothing yet that could be approved
        return name in asked.stages and asked.fits(bench)

    return toolset.filtered(offered)


def shown(arguments: dict[str, Any]) -> dict[str, str]:
    """A call's arguments as a person sees them: bounded, escaped, without credentials or personal data."""
    return {
        name: specimen(
            value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
        )
        for name, value in to_jsonable_python(arguments).items()
        if value not in (None, "", [], {})
    }


def make_lookups(tools: Sequence[Tool[Any]], tell: Callable[[Done], None]) -> AbstractToolset[Workbench]:
    """Tools that only look, for a helper: in every stage where they fit, and nothing of them is stored.

    `tell` gets what each call has found.
    """
    by_name = {each.name: each for each in tools}
    toolset: FunctionToolset[Workbench] = FunctionToolset()

    async def look(each: Tool[Any], ctx: RunContext[Workbench], arguments: dict[str, Any]) -> str:
        done = await _result(each, ctx.deps, arguments)
        assert not done.made  # a tool that makes something is none that only looks
        tell(done)
        return done.summary

    for each in tools:
        called = _as_called(each, functools.partial(look, each))
        toolset.add_function(called, takes_ctx=True, name=each.name, sequential=True)
    return toolset.filtered(lambda ctx, definition: by_name[definition.name].fits(ctx.deps))


async def _once(each: Tool[Any], ctx: RunContext[Workbench], arguments: dict[str, Any]) -> str:
    bench, call_id = ctx.deps, ctx.tool_call_id or ""
    recorded = bench.journal.result(call_id)
    if recorded is not None:
        return recorded
    told = {"tool": each.name, "call": call_id, "arguments": shown(arguments)}
    try:
        done = await _result(each, bench, arguments)
    except ModelRetry as refused:
        bench.run.emit(EventName.TOOL_CALLED, **told, refused=specimen(refused.message))
        raise
    news = [(EventName.TOOL_CALLED, told), *done.news]
    bench.run.commit(call_id, each.name, done.summary, done.made, news)
    return done.summary


async def _result(each: Tool[Any], bench: Workbench, arguments: dict[str, Any]) -> Done:
    try:
        made = each.function(bench, **arguments)
        done: Done = await made if inspect.isawaitable(made) else made
    except Unfit as problem:
        raise ModelRetry(str(problem)) from problem
    return done


def _as_called(
    each: Tool[Any], answer: Callable[[RunContext[Workbench], dict[str, Any]], Awaitable[str]]
) -> Callable[..., Any]:
    """A function that pydantic-ai reads the tool's own arguments and docstring from."""

    @functools.wraps(each.function)
    async def call(ctx: RunContext[Workbench], **arguments: Any) -> str:
        return await answer(ctx, arguments)

    signature = inspect.signature(each.function)
    first, *rest = signature.parameters.values()
    context = first.replace(annotation=RunContext[Workbench])
    call.__signature__ = signature.replace(parameters=[context, *rest], return_annotation=str)  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in [context, *rest]} | {"return": str}
    del call.__wrapped__  # or the schema would be read from the original
    return call
