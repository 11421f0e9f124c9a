"""Commands publish and verify."""

import sys
from typing import Annotated

import typer

from ml_intern.cli.drive import NoSandboxOption, finish
from ml_intern.cli.options import HomeOption, JsonOption, RunArgument, print_json, reporting_errors


def publish(
    run: RunArgument = None,
    to: Annotated[
        str | None, typer.Option(metavar="REPO", help="Where to: [OWNER/]NAME; as before unless named.")
    ] = None,
    public: Annotated[
        bool | None, typer.Option("--public/--private", help="Who may see it; private unless said.")
    ] = None,
    space: Annotated[
        bool | None,
        typer.Option("--space/--no-space", help="Also publish a Gradio demo as a Space beside the model."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", metavar="ID|data", help="Licence of the model; else that of the data."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish a run's packaged model: shows what and where, asks, uploads, and checks a fresh download."""
    with reporting_errors(as_json):
        from ml_intern.app import publish as app
        from ml_intern.app.home import open_home

        wish = app.PublishWish(to, public, space, licence)
        finish(lambda shell: app.publish(open_home(home), run, wish, shell), as_json)


def verify(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="OWNER/NAME[@REVISION] on the Hub, a folder, a run or “latest”."
        ),
    ],
    no_sandbox: NoSandboxOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Download a model afresh and see whether its card tells the truth."""
    with reporting_errors(as_json):
        from ml_intern.app import verify as app
        from ml_intern.cli.stress import waiting
        from ml_intern.cli.terminal import say

        with waiting() as wait:
            found = app.verify(model, home, no_sandbox, wait)
        if as_json:
            print_json(app.as_json(found))
        else:
            for check in found.checks:
                mark, style = {True: ("✓", ""), False: ("✗", "red"), None: ("?", "yellow")}[check.ok]
                say(f"{mark} {check.message}", style)
            say(_verdict(found.ok, any(check.ok is None for check in found.checks)), "bold")
        sys.stdout.flush()
        raise typer.Exit(0 if found.ok else 1)


def _verdict(ok: bool, partly: bool) -> str:
    if not ok:
        return "The card does not hold what it says."
    if partly:
        return "What could be checked holds; what is marked ? could not be checked here."
    return "The card holds what it says."


COMMANDS = (publish, verify)
