"""Running a command of the command line from within the chat, about the current run if none is named."""

import shlex
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from ml_intern.cli.chat.screen import ChatTerminal
from ml_intern.cli.options import show_error
from ml_intern.cli.terminal import IN_CHARGE
from ml_intern.records.display import escape

LEFT_OUT = frozenset({"chat", "mcp"})
"""Commands that take the terminal, or standard output, for themselves."""
TAKES_BRAIN = frozenset({"run", "resume"})


def commands() -> dict[str, str]:
    """The commands that can be called, each with what it does."""
    found = _group().commands
    return {name: each.get_short_help_str(60) for name, each in found.items() if name not in LEFT_OUT}


def call(arguments: Sequence[str], terminal: ChatTerminal, run: str | None, brain: str | None) -> int:
    """Run a command; its exit code. What goes wrong is said on the terminal and goes no further."""
    name, *given = arguments
    try:
        given = _about(name, given, run)
        if brain and name in TAKES_BRAIN and not any(each.startswith("--brain") for each in given):
            given = [*given, f"--brain={brain}"]
        with _in_charge(terminal):
            ended = _group().main(args=[name, *given], prog_name="", standalone_mode=False)
    except KeyboardInterrupt:
        terminal.close()
        show_error("Interrupted.", "")
        return 130
    except (typer.Abort, EOFError):
        return 1
    except TyperException as error:  # what the parser of arguments raises
        show_error(escape(error.format_message()), f"See: /{name} --help")
        return 2
    finally:
        terminal.close()
    return ended if isinstance(ended, int) else 0


def split(text: str) -> list[str]:
    """Words as a shell would split them; text with an apostrophe in it as spaces do."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def task_words(text: str) -> list[str]:
    """A task in words, as one argument, and the options after it."""
    sentence, dashes, options = text.partition(" --")
    return [sentence.strip(), *(split(f"--{options}") if dashes else [])]


def _about(name: str, given: list[str], run: str | None) -> list[str]:
    """The arguments, with the current run where the command is about one and none is named."""
    command = _group().commands.get(name)
    # Where a run must be named, as to delete it, the current one is not meant by saying nothing.
    takes_run = command is not None and any(p.name == "run" and not p.required for p in command.params)
    if run is None or not takes_run or {"--help", "-h"} & set(given):
        return given
    context = command.make_context(name, list(given), resilient_parsing=True)
    return given if context.params.get("run") else [run, *given]


@contextmanager
def _in_charge(terminal: ChatTerminal) -> Iterator[None]:
    """A command that drives shows what happens on our terminal, and leaves the signals as they were."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    token = IN_CHARGE.set(terminal)
    try:
        yield
    finally:
        IN_CHARGE.reset(token)
        for each, handler in handlers.items():
            signal.signal(each, handler)


def _group() -> Any:
    from ml_intern.cli.main import app  # which imports us

    return get_command(app)
