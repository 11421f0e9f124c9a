"""Command costs."""

from typing import Annotated, Any

import typer

from ml_intern.cli.options import HomeOption, JsonOption, RunArgument, print_json, reporting_errors
from ml_intern.records.errors import UsageProblem


def costs(
    run: RunArgument = None,
    every: Annotated[bool, typer.Option("--all", help="All runs, those that were removed included.")] = False,
    limit: Annotated[
        str | None,
        typer.Option(metavar="USD|none", help="Set what all runs may spend together, beside their budgets."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a run has spent and set aside, and its budget."""
    with reporting_errors(as_json):
        from ml_intern.app.costs import costs as app
        from ml_intern.app.costs import limit_all
        from ml_intern.app.home import open_home
        from ml_intern.cli.values import micro_dollars

        opened = open_home(home)
        if limit is not None:
            if run is not None:
                raise UsageProblem("--limit holds for all runs, not for one.", "Leave the run out.")
            limit_all(opened, None if limit == "none" else micro_dollars(limit, "--limit"))
            every = True
        told = app(opened, run, every)
        if as_json:
            print_json(told)
        else:
            _show(told)


def _show(told: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from ml_intern.cli.console import SafeConsole
    from ml_intern.cli.terminal import say

    if told["entries"]:
        table = Table(box=None)
        for name in ("what", "where", "state"):
            table.add_column(name)
        for name in ("set aside", "cost"):
            table.add_column(name, justify="right")
        table.add_column("basis")
        for each in told["entries"]:
            amounts = (_usd(each["reserved_usd"]), _usd(each["usd"]) if each["state"] == "settled" else "")
            cells = (each["what"], each["where"], each["state"], *amounts, each["basis"])
            table.add_row(*map(Text, cells))
        SafeConsole(highlight=False).print(table)
    spent = f"Spent {_usd(told['spent_usd'])}, set aside {_usd(told['reserved_usd'])}"
    budget = "" if told["budget_usd"] is None else f" of a budget of {_usd(told['budget_usd'])}"
    typer.echo(f"{spent}{budget}.")
    for left in told["left"]:
        say(f"{left['message']} {left['hint']}")
    if told["limit_usd"] is not None:
        typer.echo(f"All runs together may spend {_usd(told['limit_usd'])}.")
    if told["budget_usd"] == 0:
        say("Without --budget nothing is spent. To rent a machine: --compute hf-jobs:t4-small --budget 1.00")


def _usd(amount: float) -> str:
    from ml_intern.records.words import dollars

    return dollars(round(amount * 1_000_000))


COMMANDS = (costs,)
