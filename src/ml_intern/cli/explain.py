"""Commands that look closer: diff, why, calls."""

from typing import Annotated, Any

import typer

from ml_intern.cli.options import HomeOption, JsonOption, RunArgument, print_json, reporting_errors
from ml_intern.records.errors import UsageProblem

DIFF_STYLE = {"+": typer.colors.GREEN, "-": typer.colors.RED, "@": typer.colors.CYAN}


def diff(run: RunArgument = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what differs from the recipe: the training script, its settings, and the plan."""
    with reporting_errors(as_json):
        from ml_intern.app.explain import changes
        from ml_intern.app.home import open_home
        from ml_intern.records.display import escape

        found = changes(open_home(home), run)
        if as_json:
            print_json(found)
            return
        for line in found["script"].splitlines():
            typer.secho(escape(line), fg=DIFF_STYLE.get(line[:1]))
        for each in found["plan"]:
            typer.echo(f"plan: {escape(each)}")
        if not found["script"]:
            typer.echo("The script and its settings are the recipe's own.")


def why(run: RunArgument = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say why a run does what it does: approach, model, settings, and what they rest on."""
    with reporting_errors(as_json):
        from rich.table import Table
        from rich.text import Text

        from ml_intern.app.explain import reasons
        from ml_intern.app.home import open_home
        from ml_intern.cli.console import SafeConsole
        from ml_intern.records.display import escape

        found = reasons(open_home(home), run)
        if as_json:
            print_json(found)
            return
        table = Table(show_header=False, box=None)
        table.add_column(style="dim", no_wrap=True)
        table.add_column()
        for each in found["reasons"]:
            table.add_row(Text(each["about"]), Text(escape(each["why"])))
        SafeConsole(highlight=False).print(table)


def calls(
    run: RunArgument = None,
    number: Annotated[
        int | None, typer.Option("--open", metavar="N", help="Show this call with all it was given.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what the run's brain called, or open one call."""
    with reporting_errors(as_json):
        from ml_intern.app.explain import calls as called
        from ml_intern.app.home import open_home

        found = called(open_home(home), run)
        made = found["calls"]
        if number is not None:
            if not 1 <= number <= len(made):
                raise UsageProblem(
                    f"There is no call {number}; there are {len(made)}.",
                    f"List them: ml-intern calls {found['run']}",
                )
            made = [made[number - 1]]
        if as_json:
            print_json(found | {"calls": made})
        elif number is not None:
            _open(made[0])
        else:
            for each in made:
                typer.echo(call_line(each["number"], each["tool"], each["arguments"]))


def call_line(number: int | None, tool: str, arguments: dict[str, str], width: int = 78) -> str:
    """One call in one line: its number, its tool, and as much of what it was given as fits."""
    from ml_intern.records.display import example

    given = ", ".join(f"{name}={value}" for name, value in arguments.items())
    head = f"{number:>3} {tool}" if number is not None else tool
    return f"{head}({example(given, max(10, width - len(head) - 2))})"


def _open(call: dict[str, Any]) -> None:
    from ml_intern.records.display import escape

    typer.secho(call["tool"], bold=True)
    for name, value in call["arguments"].items():
        lines = [escape(line) for line in value.splitlines()] or [""]
        typer.echo(f"  {name}: {lines[0]}")
        for line in lines[1:]:
            typer.echo(f"    {line}")
    said = call["result"]
    typer.echo("  → " + ("\n    ".join(map(escape, said.splitlines())) if said else "no answer yet"))


COMMANDS = (diff, why, calls)
