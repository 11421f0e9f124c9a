"""One MCP server: started late, given its own credentials alone, with a limit to every wait, and ended.

A server that is a program runs as the user, with a minimal environment, in a folder of its own that is also
its home. It is no job and is not sandboxed: what it is for (a network, files, a browser) its user has chosen.
On Linux it dies with us, however we end. A server at an address gets its own headers, and no redirect takes
them to another host.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT

from mcp import Client, MCPError, types
from ml_intern.research.web import is_loopback
from ml_intern.tools.servers.config import Server
from ml_intern.tools.servers.wording import cleaned

START_SECONDS: Final = 60.0
"""A launcher such as npx may have to download the server first."""
LIST_SECONDS: Final = 20.0
END_SECONDS: Final = 10.0
MOST_STARTS: Final = 3
_MOST_PAGES: Final = 20
_DIES_WITH_US: Final = (
    "import ctypes,os,sys\n"
    "ctypes.CDLL(None).prctl(1, 9)\n"  # PR_SET_PDEATHSIG, SIGKILL: it stays over exec
    "try: os.execvp(sys.argv[1], sys.argv[1:])\n"
    "except OSError as error: sys.exit(f'{sys.argv[1]}: {error.strerror}')\n"
)


Answer = TypeVar("Answer")


class ServerLost(Exception):
    """The server is not there, or does not answer; the message says so to a brain and to a person."""


class Connection:
    """A server with its state: not started, running, or lost. Calls come one at a time."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._folder = folder
        self._environment, self.credentials = server.filled(os.environ)
        self._starts = 0
        self._client: Client | None = None
        self._held: asyncio.Task[None] | None = None
        self._enough = asyncio.Event()

    async def tools(self) -> list[types.Tool]:
        """What it offers just now; starts it where that has not happened.

        Raises:
            ServerLost: it cannot be had.
        """
        client = await self._running()
        return await self._within(LIST_SECONDS, "did not list its tools within {} s", _all_pages(client))

    async def call(self, tool: str, arguments: dict[str, Any]) -> types.CallToolResult:
        """Call a tool, once.

        Raises:
            ServerLost: no answer came; whether the call took effect is not known.
        """
        client = await self._running()
        late = "did not answer within {} s: whether the call took effect is not known"
        return await self._within(self.server.timeout, late, client.call_tool(tool, arguments))

    async def close(self) -> None:
        """End it, at last by force; it can be started again."""
        held, started, self._held, self._client = self._held, self._client is not None, None, None
        if held is None:
            return
        self._enough.set()
        done, _ = await asyncio.wait({held}, timeout=END_SECONDS if started else 0)
        if not done:
            held.cancel()
            await asyncio.wait({held}, timeout=END_SECONDS)

    async def _within(self, seconds: float, late: str, answer: Awaitable[Answer]) -> Answer:
        """The answer. A server that is late or gone is ended: what it did afterwards nobody would expect."""
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            await self.close()
            said = late.format(f"{seconds:.0f}")
            raise ServerLost(f"The MCP server {self.server.name} {said}.") from None
        except MCPError as error:
            if error.code not in (CONNECTION_CLOSED, REQUEST_TIMEOUT):  # it lives, and says no
                said = cleaned(str(error), self.credentials, 300)
                raise ServerLost(f"The MCP server {self.server.name} refused: {said}") from error
            raise await self._gone(error) from error
        except Exception as error:  # whatever a stranger's server makes of the protocol
            raise await self._gone(error) from error

    async def _gone(self, error: Exception) -> ServerLost:
        await self.close()
        said = cleaned(str(error) or type(error).__name__, self.credentials, 300)
        return ServerLost(f"The MCP server {self.server.name} is gone: {said}. {self._last_words()}".strip())

    async def _running(self) -> Client:
        if self._client is not None and self._held is not None and not self._held.done():
            return self._client
        await self.close()
        if self._starts >= MOST_STARTS:
            raise ServerLost(
                f"The MCP server {self.server.name} is out of order and not started again in this run: "
                "go on without it."
            )
        self._starts += 1
        self._enough = asyncio.Event()
        ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._held = asyncio.create_task(self._hold(ready, self._enough))
        client = self._client = await self._within(START_SECONDS, "did not start within {} s", ready)
        return client

    async def _hold(self, ready: "asyncio.Future[Client]", enough: asyncio.Event) -> None:
        """The connection from beginning to end in one task, as the protocol's client wants it."""
        try:
            async with AsyncExitStack() as stack:
                transport = await self._transport(stack)
                client = await stack.enter_async_context(Client(transport, cache=None))
                if not ready.done():
                    ready.set_result(client)
                await enough.wait()
        except Exception as error:  # it ends here; whoever waits for the start, or asks next, is told
            if not ready.done():
                ready.set_exception(error)

    async def _transport(self, stack: AsyncExitStack) -> Any:
        if self.server.url:
            # A proxy has no business between us and this machine.
            http = httpx2.AsyncClient(
                headers=self._environment,
                follow_redirects=False,
                timeout=httpx2.Timeout(self.server.timeout + 5, connect=10),
                trust_env=not is_loopback(httpx2.URL(self.server.url).host),
            )
            return streamable_http_client(self.server.url, http_client=await stack.enter_async_context(http))
        assert self.server.command is not None
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        errors = stack.enter_context(self._log.open("w", encoding="utf-8"))
        command, *arguments = (self.server.command, *self.server.args)
        if sys.platform == "linux":
            arguments = ["-I", "-S", "-c", _DIES_WITH_US, command, *arguments]
            command = sys.executable
        own = {"HOME": str(self._folder), "LANG": os.environ.get("LANG", "C.UTF-8")} | self._environment
        started = StdioServerParameters(command=command, args=arguments, env=own, cwd=self._folder)
        return stdio_client(started, errors)

    @property
    def _log(self) -> Path:
        return self._folder / "errors.log"

    def _last_words(self) -> str:
        """The last line that a program wrote to its standard error."""
        if self.server.url or not self._log.exists():
            return ""
        with self._log.open("rb") as file:
            file.seek(max(0, self._log.stat().st_size - 2_000))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
        return f"Its last line: {cleaned(lines[-1], self.credentials, 200)}" if lines else ""


async def _all_pages(client: Client) -> list[types.Tool]:
    found: list[types.Tool] = []
    cursor = None
    for _ in range(_MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        cursor = page.next_cursor
        if cursor is None:
            break
    return found
