"""Commands mcp and skill: for the coding agent that a person works with."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from ml_intern.cli.options import HomeOption, reporting_errors
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


COMMANDS = (mcp, skill)
