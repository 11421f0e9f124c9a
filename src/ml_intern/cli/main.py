"""The `ml-intern` command. Heavy parts are imported by the command that needs them, never for `--help`."""

import gc
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ml_intern import __version__
from ml_intern.cli import (
    agents,
    chat,
    costs,
    drive,
    explain,
    hub,
    improve,
    inspect,
    look,
    publish,
    stress,
    upkeep,
)
from ml_intern.cli.options import remember_home


class SentenceGroup(TyperGroup):
    """Takes `ml-intern "task in words"` for `ml-intern run "task in words"`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """A first word with a space in it is a task, not a command."""
        if args and args[0] not in self.commands and " " in args[0].strip():
            return "run", self.commands["run"], args
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="ml-intern",
    cls=SentenceGroup,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help='A junior machine-learning teammate: ml-intern "your task in words" --data FILE',
)
for command in (
    *drive.COMMANDS,
    *improve.COMMANDS,
    *inspect.COMMANDS,
    *stress.COMMANDS,
    *publish.COMMANDS,
    *look.COMMANDS,
    *explain.COMMANDS,
    *costs.COMMANDS,
    *chat.COMMANDS,
    *agents.COMMANDS,
    *upkeep.COMMANDS,
):
    app.command()(command)
app.add_typer(hub.group)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ml-intern {__version__}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder for all state; also after a command.")] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """The brain proposes, the code proves."""
    remember_home(home)
    if context.invoked_subcommand is not None:
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        chat.chat()
    else:
        typer.echo(context.get_help())


def main() -> None:
    """Entry point of the console script."""
    # A start makes a hundred thousand objects that stay: to look for rubbish among them takes a tenth of it.
    gc.set_threshold(100_000, 50, 50)
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
