"""Command stress: the behavioural suite alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ml_intern.cli.drive import NoSandboxOption
from ml_intern.cli.options import HomeOption, JsonOption, print_json, reporting_errors

if TYPE_CHECKING:
    from rich.console import Console

    from ml_intern.app.stress import StressRequest, Tried

SHOWN = 5


def stress(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A model's folder, a run or “latest”, or OWNER/NAME on the Hub."
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            metavar="DATA",
            help="Rows with the model's own classes to make cases from: a path, or OWNER/NAME on the Hub.",
        ),
    ] = None,
    text: Annotated[str | None, typer.Option(help="The column with the texts.")] = None,
    label: Annotated[str | None, typer.Option(help="The column with the labels.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the cases.")] = 0,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write all of it as one HTML page.")
    ] = None,
    no_sandbox: NoSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try a text classifier on negation, typos, nonsense and more, and say where it would fail users."""
    with reporting_errors(as_json):
        from ml_intern.app import stress as app
        from ml_intern.cli.terminal import Terminal

        request = app.StressRequest(model, data, text, label, seed, no_sandbox, page)
        with waiting() as wait:
            tried = app.stress_model(request, Terminal().ask, wait)
        written = app.write_stress_page(tried, request)
        if as_json:
            print_json(app.as_json(tried) | ({"page": str(written)} if written else {}))
        else:
            _show(tried, request)
            if written:
                typer.echo(f"The page: {written}")


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """A line with a clock while there is nothing else to show."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from ml_intern.cli.terminal import CONSOLE

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    bar = Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal)
    task = bar.add_task("opening the model", total=None)

    def wait(what: str) -> None:
        if what == "reading the data":  # a question may stand on the terminal
            bar.stop()
        elif what:
            bar.start()
            bar.update(task, description=what)

    try:
        yield wait
    finally:
        bar.stop()


def _show(tried: "Tried", request: "StressRequest") -> None:
    from ml_intern.cli.console import SafeConsole
    from ml_intern.records.display import escape
    from ml_intern.records.shell import command_line

    if isinstance(sys.stdout, TextIOWrapper):  # an old encoding lacks some letters
        sys.stdout.reconfigure(errors="replace")
    console = SafeConsole(highlight=False, width=None)
    console.print(tried.shown.verdict, style="bold", markup=False)
    rows = len(tried.suite.material.texts)
    made = f"{rows:,} rows and the names of its classes" if rows else "the names of its classes alone"
    said = f"{escape(tried.model.name)}: {len(tried.suite.texts):,} texts from {made}, {tried.seconds:.0f} s."
    if tried.left_out:
        said += f" {tried.left_out:,} rows were left out: the model does not know their class."
    console.print(said, style="dim", markup=False)
    _table(console, tried)
    _worst(console, tried)
    if rows:
        typer.echo("Next: train on data that holds such texts; --json has every figure")
    else:
        more = command_line(["ml-intern", "stress", request.model], {"--data": "FILE"})
        typer.echo(f"Next: {more} (rows to make cases from)")


def _table(console: "Console", tried: "Tried") -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("capability")
    table.add_column("failed", justify="right")
    table.add_column("rate [95 % interval]", justify="right", no_wrap=True)
    ran = [each for each in tried.shown.capabilities if each.rate is not None]
    for each in sorted(ran, key=lambda each: -(each.rate.value if each.rate else 0)):
        rate = each.rate
        assert rate is not None
        shown = f"{rate.value:.2f} [{rate.low:.2f}, {rate.high:.2f}]"
        table.add_row(each.title, f"{each.failures} of {each.cases}", shown)
    console.print(table)
    reasons: dict[str, list[str]] = {}
    for each in tried.shown.capabilities:
        if each.reason:
            reasons.setdefault(each.reason, []).append(each.title.lower())
    for reason, titles in reasons.items():
        which = ", ".join(titles) if len(titles) <= SHOWN else f"{len(titles)} capabilities"
        console.print(f"Not tried: {which}. {reason}", style="dim", markup=False)


def _worst(console: "Console", tried: "Tried") -> None:
    from ml_intern.records.display import example

    failed = [each for each in tried.shown.capabilities if each.failures and each.rate]
    failed.sort(key=lambda each: -(each.rate.value if each.rate else 0))
    for each in failed[:SHOWN]:
        case = each.examples[0]
        console.print()
        console.print(f"{each.title}: {each.expectation}", markup=False)
        console.print(f"  “{example(case.text, 200)}”", markup=False)
        console.print(
            f"  {example(case.answer)} ({case.confidence:.2f}): {example(case.why, 200)}", markup=False
        )
    console.print()


COMMANDS = (stress,)
