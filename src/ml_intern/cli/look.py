"""Commands that look: runs, show, report, logs."""

import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ml_intern.cli.options import HomeOption, JsonOption, RunArgument, print_json, reporting_errors


def runs(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List all runs, newest first."""
    with reporting_errors(as_json):
        from ml_intern.app.home import open_home
        from ml_intern.app.left import left_jobs
        from ml_intern.cli.terminal import say
        from ml_intern.records.display import escape, example

        opened = open_home(home)
        records = opened.every_run()
        if as_json:
            print_json([record.model_dump(mode="json") for record in records])
            return
        # In a pipe nothing is cut: there it is searched, not read.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        for record in records:
            head = f"{record.id}  {record.created[:16]}  {record.status.value:<11}  "
            task = record.request.sentence
            typer.echo(head + (example(task, width - len(head)) if width else escape(task)))
        if not records:
            say('There is no run yet. Start one with: ml-intern "your task" --data FILE')
        for left in left_jobs(opened):
            say(f"{left['message']} {left['hint']}")


def show(
    run: RunArgument = None,
    artifact: Annotated[
        str | None, typer.Option(help="Print one stored artifact, such as data_report.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show where a run stands, or one of its artifacts."""
    with reporting_errors(as_json):
        from ml_intern.app.home import open_home
        from ml_intern.app.show import describe, stored_artifact
        from ml_intern.cli.terminal import Terminal
        from ml_intern.records.display import escape

        opened = open_home(home)
        if artifact:
            typer.echo(stored_artifact(opened, run, artifact))
            return
        description = describe(opened, run)
        if as_json:
            print_json(description)
            return
        for stage in description["stages"]:
            mark = {"done": "✓", "open": "·"}[stage["state"]]
            typer.echo(f"{mark} {stage['name']:<9} {', '.join(stage['artifacts'])}")
        for claim in description["claims"]:
            typer.echo(f"  The brain says: {escape(claim['claim'])} {_cited(claim)}")
        Terminal().show_result(description)


def _cited(claim: dict[str, str]) -> str:
    from ml_intern.records.display import escape
    from ml_intern.records.research import Standing

    doubt = Standing(claim["standing"]).words
    named = [f"[{escape(claim['source'])}]"] if claim["source"].strip() else []
    return " ".join([*named, *([f"({doubt})"] if doubt else [])])


def report(
    run: RunArgument = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; default: report.html in the run's folder.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what is known about a run as one HTML page, at whatever stage it is."""
    with reporting_errors(as_json):
        from ml_intern.app.home import open_home
        from ml_intern.app.report import write_report

        written = write_report(open_home(home), run, out)
        if as_json:
            print_json(written)
        else:
            typer.echo(written["report"])


def logs(
    run: RunArgument = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the run's jobs have ended.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what the run's jobs have printed."""
    with reporting_errors(as_json):
        from ml_intern.app.home import open_home
        from ml_intern.app.show import job_logs

        opened, seen = open_home(home), 0
        while True:
            lines, running = job_logs(opened, run)
            for purpose, line in lines[seen:]:
                if as_json:
                    print_json({"job": purpose, "line": line})
                else:
                    typer.echo(f"{purpose}: {line}")
            seen = len(lines)
            if not (follow and running):
                return
            time.sleep(0.5)


COMMANDS = (runs, show, report, logs)
