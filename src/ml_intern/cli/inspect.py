"""Command inspect: the data audit alone."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ml_intern.cli.options import HomeOption, JsonOption, print_json, reporting_errors

if TYPE_CHECKING:
    from ml_intern.app.inspect import InspectRequest, Progress
    from ml_intern.records.data import DataReport


def inspect(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="A file, a folder of splits, or OWNER/NAME on the Hub.")
    ],
    text: Annotated[str | None, typer.Option(help="The column with the texts.")] = None,
    label: Annotated[str | None, typer.Option(help="The column with the labels.")] = None,
    page: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write all of it as one HTML page.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show small findings in full, too.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Audit a dataset: what in it would ruin a model, worst first, with the rows that prove it."""
    with reporting_errors(as_json):
        from ml_intern.app import inspect as app
        from ml_intern.cli.terminal import Terminal

        request = app.InspectRequest(data, text, label, page)
        app.check_page(request)
        with _progress() as progress:
            report = app.inspect_dataset(data, text, label, Terminal().ask, progress)
        written = app.write_audit(report, request)
        if as_json:
            print_json(app.as_json(report, written))
        else:
            _show(report, request, written, everything)


@contextmanager
def _progress() -> "Iterator[Progress]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from ml_intern.cli.terminal import CONSOLE

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal)
    task = bar.add_task("", total=None)

    def show(check: str, number: int, total: int) -> None:
        bar.start()  # not before the first check: until then a question may stand on the terminal
        bar.update(task, description=check.replace("_", " "), completed=number, total=total)

    try:
        yield show
    finally:
        bar.stop()


def _show(report: "DataReport", request: "InspectRequest", page: Path | None, everything: bool) -> None:
    from ml_intern.cli.audit import AuditView
    from ml_intern.cli.console import SafeConsole
    from ml_intern.records.display import escape

    if isinstance(sys.stdout, TextIOWrapper):  # an old encoding lacks the marks; their words say the same
        sys.stdout.reconfigure(errors="replace")
    # What was asked for goes to stdout, as with `runs`, `show` and `logs`, so that `| less` and `> file`
    # work; only progress, questions and errors are on stderr.
    AuditView(SafeConsole(highlight=False), report, everything).show()
    # On one line however long, to be copied.
    typer.echo(f"Next: open {escape(str(page))}" if page else f"Next: {request.next_step(report)}")


COMMANDS = (inspect,)
