"""A workbench whose brain may call MCP servers, and what they were seen to do."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from pathlib import Path
from typing import Any

from pydantic_ai import RunContext
from pydantic_ai.models.test import TestModel
from pydantic_ai.usage import RunUsage

from ml_intern.app.brain import BrainWish, set_brain
from ml_intern.app.home import open_home
from ml_intern.app.servers import servers_of
from ml_intern.tools.servers.toolset import ServerTools
from ml_intern.workflow.workbench import Workbench
from tests.lookups.bench import opened

PROGRAM = str(Path(__file__).with_name("program.py"))
STAGES = ["define", "research"]


def program(**entry: Any) -> dict[str, Any]:
    return {"command": sys.executable, "args": [PROGRAM], "stages": STAGES} | entry


def configure(home: Path, **servers: dict[str, Any]) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "mcp.json").write_text(json.dumps({"mcpServers": servers}))


def done(notes: Path) -> list[list[Any]]:
    """What the server's tools did: tool, text, process."""
    return [json.loads(line) for line in notes.read_text().splitlines()] if notes.exists() else []


class Caller:
    """Calls tools as the loop does."""

    def __init__(self, bench: Workbench, tools: ServerTools) -> None:
        self.bench, self.tools, self._calls = bench, tools, 0

    def _context(self, call_id: str) -> RunContext[Workbench]:
        return RunContext(deps=self.bench, model=TestModel(), usage=RunUsage(), tool_call_id=call_id)

    async def offered(self) -> dict[str, Any]:
        return await self.tools.get_tools(self._context(""))

    async def call(self, name: str, arguments: dict[str, Any] | None = None, call_id: str = "") -> str:
        self._calls += 1
        context = self._context(call_id or f"call-{self._calls}")
        tool = (await self.offered())[name]
        return await self.tools.call_tool(name, arguments or {}, context, tool)


def with_servers(
    home: Path, names: tuple[str, ...], steps: Callable[[Caller], Coroutine[Any, Any, Any]], **changes: Any
) -> Any:
    """Do the steps in a new run that asks for these servers."""
    with opened(home, **changes) as bench:
        set_brain(open_home(home), bench.run, BrainWish(mcp=names))
        tools = servers_of(home, bench.run)
        assert tools is not None

        async def all_of_them() -> Any:
            async with aclosing(tools):
                return await steps(Caller(bench, tools))

        return asyncio.run(all_of_them())


def calls_of(bench: Workbench) -> list[dict[str, Any]]:
    return [each.data for each in bench.run.events() if each.event == "tool_called"]


class User:
    """Answers questions as told, and remembers them; without answers nobody is there."""

    def __init__(self, *answers: str | None) -> None:
        self.answers, self.questions = list(answers), list[str]()

    def __call__(self, question: str, options: tuple[str, ...]) -> str | None:
        self.questions.append(question)
        answer = self.answers.pop(0) if self.answers else None
        assert answer is None or answer in options
        return answer
