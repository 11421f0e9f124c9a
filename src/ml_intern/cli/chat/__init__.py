"""Command chat: the whole command line as a conversation, with a current run and words in between."""

from typing import Annotated

import typer

from ml_intern.cli.options import HomeOption, reporting_errors, run_ids
from ml_intern.records.errors import UsageProblem


def chat(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="The run to go on with.", autocompletion=run_ids)
    ] = None,
    brain: Annotated[
        str | None,
        typer.Option(envvar="ML_INTERN_BRAIN", metavar="NAME", help="Who decides what to do next."),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Converse on a terminal; so does ml-intern alone."""
    with reporting_errors(False):
        import sys

        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageProblem(
                "A chat needs a terminal.", 'Elsewhere use: ml-intern run "your task" --data FILE --json'
            )
        from ml_intern.app.brain import check_brain
        from ml_intern.app.home import open_home
        from ml_intern.app.talk import standing
        from ml_intern.cli.chat.session import Chat

        if brain:
            check_brain(brain)
        opened = open_home(home)
        Chat(opened, standing(opened, run).run if run else None, brain).talk()


COMMANDS = (chat,)
