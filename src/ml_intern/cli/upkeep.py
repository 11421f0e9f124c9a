"""Commands for upkeep: rm, doctor."""

from pathlib import Path
from typing import Annotated

import typer

from ml_intern.cli.options import HomeOption, JsonOption, print_json, reporting_errors, run_ids


def rm(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id or its first letters.", autocompletion=run_ids)
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a run's jobs and delete all that is kept of it."""
    with reporting_errors(as_json):
        from ml_intern.app.compute import remove
        from ml_intern.app.home import open_home

        record = remove(open_home(home), run)
        if as_json:
            print_json({"removed": record.id})
        else:
            typer.echo(f"Run {record.id} is gone.")


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Save what a damaged state database still says.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what works on this machine, what is missing and how to get it."""
    with reporting_errors(as_json):
        from ml_intern.app.doctor import examine

        if repair:
            _repair(home, as_json)
            return
        checks = examine(home)
        ok = all(check["ok"] for check in checks if check["needed"])
        if as_json:
            print_json({"ok": ok, "checks": checks})
        else:
            for check in checks:
                mark = "✓" if check["ok"] else ("✗" if check["needed"] else "–")
                typer.echo(f"{mark} {check['id']:<12} {check['message']}")
                for line in check["hint"].splitlines():
                    typer.echo(f"{'':<15}{line}")
            if ok:
                typer.echo("\nAll that a run needs works. Next: ml-intern demo")
            else:
                typer.echo("\nMend what is marked with ✗, then look again: ml-intern doctor")
        raise typer.Exit(0 if ok else 1)


def _repair(home: Path | None, as_json: bool) -> None:
    from ml_intern.app.doctor import repair

    saved = repair(home)
    if as_json:
        print_json({"repaired": saved is not None, **(saved.model_dump() if saved else {})})
    elif saved is None:
        typer.echo("The state database is sound: there is nothing to repair. Next: ml-intern doctor")
    else:
        runs = "1 run was" if saved.runs == 1 else f"{saved.runs} runs were"
        typer.echo(f"{runs} saved. The damaged database was put aside as {saved.old}")
        if saved.damaged:
            typer.echo(f"Something is lost of: {', '.join(saved.damaged)}. What a run lacks, it does again.")
        if saved.spent_in_full:
            typer.echo("What was spent is not known in full, so the budget of each run counts as used up.")
        if "settings" in saved.damaged:
            typer.echo("What all runs may spend together is $0 until you say it: ml-intern costs --limit USD")
        typer.echo("Next: ml-intern runs")


COMMANDS = (rm, doctor)
