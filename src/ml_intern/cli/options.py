"""Options that several commands share, and how commands end."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import Annotated, Any

import typer

from ml_intern.records.display import told
from ml_intern.records.errors import InternError


def remember_home(home: Path | None) -> Path | None:
    """Make the folder known to all that works for this command."""
    if home is not None:
        os.environ["ML_INTERN_HOME"] = str(home)
    return home


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        envvar="ML_INTERN_HOME",
        help="Folder for all state.",
        show_default=False,
        callback=remember_home,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else there.")]


def run_ids(incomplete: str) -> list[tuple[str, str]]:
    """The runs that a shell may complete `incomplete` to, with their tasks."""
    try:
        from ml_intern.app.home import open_home

        records = open_home().every_run()
    except Exception:  # a shell that completes must never be disturbed
        return []
    return [(each.id, each.request.sentence) for each in records if each.id.startswith(incomplete)]


RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[RUN]",
        help="A run's id or its first letters; default: the latest.",
        autocompletion=run_ids,
    ),
]


@contextmanager
def reporting_errors(as_json: bool) -> Iterator[None]:
    """Turn an error that a user can meet into its message, its hint and its exit code."""
    try:
        yield
    except InternError as error:
        raise _end(error, as_json) from None
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:  # nobody thought of it: one line for the user, a traceback on request
        if os.environ.get("ML_INTERN_DEBUG"):
            raise
        raise _end(_in_words(error), as_json) from None


def _end(error: InternError, as_json: bool) -> typer.Exit:
    if as_json:
        told = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
        print_json({"event": "error", **told})
    show_error(error.message, error.hint)
    return typer.Exit(error.exit_code)


def _in_words(error: Exception) -> InternError:
    from ml_intern.app.home import explain_here

    return explain_here(error) or InternError(
        f"{type(error).__name__}: {error}",
        "That should not happen. ML_INTERN_DEBUG=1 before the command shows where it comes from.",
    )


def show_error(message: str, hint: str) -> None:
    """Say on stderr what is wrong and what to do about it."""
    typer.secho(f"Error: {told(message)}", fg="red", err=True)
    if hint:
        typer.echo(indent(told(hint), "  "), err=True)


def print_json(value: dict[str, Any] | list[Any]) -> None:
    """One JSON value on one line of stdout, flushed so that a reader sees it at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()
