"""Commands mcp, skill and mcp-servers: for the agent that a person works with, and for its servers."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from ml_intern.cli.options import HomeOption, JsonOption, print_json, reporting_errors
from ml_intern.records.errors import InternError, UsageProblem


def mcp(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Answer over HTTP on this port of this machine, not over stdio."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Serve the gated tools to a coding agent, over the Model Context Protocol."""
    with reporting_errors(False):
        if find_spec("mcp") is None:
            raise UsageProblem(
                "The package mcp is not installed.", "Install it with: pip install 'ml-intern[mcp]'"
            )
        from ml_intern.mcp.server import make_server

        server = make_server(home)
        if port is None:
            server.run("stdio")
        else:
            typer.echo(f"Answering on http://127.0.0.1:{port}/mcp until Ctrl-C.", err=True)
            server.run("streamable-http", host="127.0.0.1", port=port)


def skill(
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write it as FOLDER/ml-intern/SKILL.md instead of printing it."),
    ] = None,
) -> None:
    """Write the skill that teaches a coding agent when and how to call ML Intern."""
    with reporting_errors(False):
        text = (Path(__file__).parent.parent / "mcp" / "SKILL.md").read_text(encoding="utf-8")
        if out is None:
            typer.echo(text, nl=False)
            return
        place = out.expanduser() / "ml-intern" / "SKILL.md"
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InternError(
                f"{place} cannot be written: {error.strerror}.", "Name another --out."
            ) from error
        typer.echo(f"Written: {place}")


def mcp_servers(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the MCP servers in mcp.json; each is started to ask for its tools, and ended."""
    with reporting_errors(as_json):
        from ml_intern.app.home import open_home
        from ml_intern.app.servers import look_at_servers

        opened = open_home(home)
        found = look_at_servers(opened)
        if as_json:
            print_json(found)
            return
        if not found:
            typer.echo(f"No MCP server is configured: {opened.path / 'mcp.json'} would name them.")
        for server in found:
            typer.echo(f"{server['server']}  {server['place']}  in {', '.join(server['stages'])}")
            if server["error"]:
                typer.echo(f"  {server['error']}")
            for tool in server["tools"]:
                typer.echo(f"  {_tool_line(tool)}")


def _tool_line(tool: dict[str, Any]) -> str:
    if not tool["offered"]:
        return f"not offered: {tool['description']}"
    how = "asks first" if tool["asks"] else "without asking"
    return f"{tool['name']}  ({how})  {tool['description'][:100]}"


COMMANDS = (mcp, mcp_servers, skill)
