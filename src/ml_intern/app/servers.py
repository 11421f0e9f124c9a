"""The MCP servers that a user has configured: looking at them, and giving a run those that it asks for."""

import asyncio
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ml_intern.app.home import Home
from ml_intern.records.errors import UsageProblem
from ml_intern.tools.servers.config import FILE, Server, chosen, read_servers
from ml_intern.workflow.run import Run

if TYPE_CHECKING:  # the protocol's client takes a second to import, which runs without servers need not pay
    from ml_intern.tools.servers.connection import Connection
    from ml_intern.tools.servers.toolset import ServerTools

OWN_FOLDERS: Final = "mcp"
"""The folder in a home where each server has one of its own."""


def check_servers(home: Path, names: tuple[str, ...]) -> list[Server]:
    """The configured servers of these names, with all that they need to be started.

    Raises:
        UsageProblem: one does not exist, lacks a variable, or the client is not installed.
    """
    if not names:
        return []
    _require_client()
    path = home / FILE
    servers = chosen(read_servers(path), names, path)
    for each in servers:
        each.filled(os.environ)
    return servers


def _require_client() -> None:
    if find_spec("mcp") is None:
        raise UsageProblem(
            "The package mcp is not installed.", "Install it with: pip install 'ml-intern[mcp]'"
        )


def servers_of(home: Path, run: Run) -> "ServerTools | None":
    """The tools of the servers that the run asks for.

    Raises:
        UsageProblem: one of them cannot be used.
    """
    wanted = check_servers(home, run.record.request.mcp)
    if not wanted:
        return None
    from ml_intern.tools.servers.permission import Permissions
    from ml_intern.tools.servers.toolset import ServerTools

    return ServerTools([_connection(home, each) for each in wanted], Permissions(run.events()))


def look_at_servers(home: Home) -> list[dict[str, Any]]:
    """All configured servers with their tools; each is started, or asked, and ended again.

    Raises:
        UsageProblem: the configuration cannot be understood, or the client is not installed.
    """
    _require_client()
    return [asyncio.run(_look(home.path, each)) for each in read_servers(home.path / FILE).values()]


async def _look(home: Path, server: Server) -> dict[str, Any]:
    from ml_intern.tools.servers.connection import ServerLost
    from ml_intern.tools.servers.wording import offer

    found: dict[str, Any] = {
        "server": server.name, "place": server.place, "stages": list(server.stages), "tools": [], "error": "",
    }  # fmt: skip
    try:
        connection = _connection(home, server)
    except UsageProblem as problem:  # a variable is missing: the other servers can be looked at all the same
        return found | {"error": f"{problem.message} {problem.hint}"}
    try:
        listed = await connection.tools()
    except ServerLost as lost:
        return found | {"error": str(lost)}
    finally:
        await connection.close()
    for each in listed:
        fit = offer(server.name, each)
        if isinstance(fit, str):
            found["tools"].append({"name": "", "description": fit, "offered": False, "asks": True})
        else:
            told = {"name": fit.name, "description": fit.own_words, "offered": True}
            found["tools"].append(told | {"asks": fit.tool not in server.allow})
    return found


def _connection(home: Path, server: Server) -> "Connection":
    from ml_intern.tools.servers.connection import Connection

    return Connection(server, home / OWN_FOLDERS / server.name)
