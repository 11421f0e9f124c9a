"""Command inspect: the data audit alone."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ml_intern.cli.options import JsonOption, print_json, reporting_errors
from ml_intern.records.display import escape

if TYPE_CHECKING:
    from ml_intern.app.inspect import Progress
    from ml_intern.records.data import DataReport


def inspect(
    data: Annotated[str, typer.Argument(metavar="DATA", help="A file, or a folder of splits.")],
    text: Annotated[str | None, typer.Option(help="The column with the texts.")] = None,
    label: Annotated[str | None, typer.Option(help="The column with the labels.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Audit a dataset: what in it would ruin a model, worst first, with the rows that prove it."""
    with reporting_errors(as_json):
        from ml_intern.app import inspect as app
        from ml_intern.cli.terminal import Terminal

        with _progress() as progress:
            report = app.inspect_dataset(data, text, label, Terminal().ask, progress)
        if as_json:
            print_json(app.as_json(report))
        else:
            _show(report, data)


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


def _show(report: "DataReport", data: str) -> None:
    from rich.text import Text

    from ml_intern.cli.terminal import CONSOLE, SEVERITY_STYLE, say
    from ml_intern.records.display import escape

    parts = ", ".join(f"{name} {rows:,}" for name, rows in report.splits.items())
    say(f"{report.rows:,} rows ({parts}), {len(report.classes):,} classes, {report.seconds:.1f} s", "bold")
    say(f"Text: {escape(report.text.name)}. {report.text.reason}")
    say(f"Label: {escape(report.label.name)}. {report.label.reason}\n")
    for finding in report.findings:
        style = SEVERITY_STYLE.get(finding.severity, "")
        CONSOLE.print(Text(f"{finding.severity.value:<8} ", style=style) + Text(finding.message))
        rows = ", ".join(f"{row:,}" for row in finding.rows[:5])
        where = f"{finding.split} rows" if finding.split else "rows"
        say(f"         {where} {rows}{' …' if finding.count > 5 else ''}   {finding.action}", "dim")
    columns = _quoted([f"--text={report.text.name}", f"--label={report.label.name}"])
    say(f"\nNext: ml-intern run 'YOUR TASK' --data {_quoted([data])} {columns}")


def _quoted(words: list[str]) -> str:
    return escape(shlex.join(words))


COMMANDS = (inspect,)
