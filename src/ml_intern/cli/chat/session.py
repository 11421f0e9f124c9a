"""The chat's loop: what was typed is a command, an answer to what waits, or words for the intern."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import typer

from ml_intern import __version__
from ml_intern.app.brain import check_brain
from ml_intern.app.home import Home
from ml_intern.app.talk import Standing, change_brain, kept_words, standing
from ml_intern.cli.chat import dispatch
from ml_intern.cli.chat.line import make_line
from ml_intern.cli.chat.screen import ChatTerminal
from ml_intern.cli.options import reporting_errors, show_error
from ml_intern.cli.terminal import say
from ml_intern.records.display import escape, example
from ml_intern.records.errors import UsageProblem
from ml_intern.records.words import dollars

PLAYBOOK: Final = "playbook"
STANDS_FOR: Final = {"status": "show", "cost": "costs", "undo": "improve --undo"}
OWN: Final = {
    "help": "List all commands.",
    "status": "Where the run stands.",
    "plan": "Show what waits for a yes, or the plan that was approved.",
    "cost": "What the run has spent and set aside.",
    "undo": "Go back to the model before the last change.",
    "brain": "Show or choose who decides what to do next.",
    "tell": "Say something to the brain of a run and let it go on.",
    "use": "Choose the run that the other commands are about.",
    "new": "Let go of the current run: what is typed next is a new task.",
    "quit": "Leave; nothing is lost.",
}
ANSWERS: Final = "yes, no, edit, why or later; or say what to change"
LIKE_YES: Final = frozenset(
    ("approve", "approved", "do it", "fine", "go", "go ahead", "ok", "okay", "start", "sure", "yes please")
)
"""Words that may mean yes. They approve nothing, and they are no wish for another plan either."""


class Chat:
    """One conversation; the runs it is about are in the store."""

    def __init__(self, home: Home, run: str | None, brain: str | None) -> None:
        self._home, self._run, self._brain = home, run, brain
        self._terminal = ChatTerminal()
        self._leaving = False
        self._own: dict[str, Callable[[str], None]] = {
            "help": self._help, "plan": self._plan, "brain": self._choose_brain, "tell": self._tell,
            "use": self._use, "new": self._new,
        }  # fmt: skip
        path = home.path / "chat-history"
        self._bar = ""
        self._line = make_line(path, kept_words, self._words, lambda: self._bar)

    def talk(self) -> None:
        """Take lines until the user leaves."""
        with suppress(KeyboardInterrupt):  # the second one, wherever it arrives
            self._greet()
            while True:
                try:
                    if not self._turn():
                        break
                except KeyboardInterrupt:
                    if self._leaving:
                        break
                    self._leaving = True
                    say("Ctrl-C once more leaves.", "dim")
        say("Nothing is lost. Come back with: ml-intern", "dim")

    def _turn(self) -> bool:
        """Take one line; False where the user wants to leave."""
        try:
            self._bar = self._told()
            text = self._line.prompt("> ").strip()
        except EOFError:
            return False
        self._leaving = False
        if text in ("/quit", "/exit"):
            return False
        if text:
            self._take(text)
        return True

    def _take(self, text: str) -> None:
        with suppress(typer.Exit), reporting_errors(False):  # what goes wrong is said, and the chat goes on
            if text.startswith("/"):
                self._command(text[1:])
            else:
                self._hear(text)

    def _command(self, text: str) -> None:
        name, _, rest = text.partition(" ")
        if name in self._own:
            self._own[name](rest.strip())
        elif name == "run":
            self._call(["run", *dispatch.task_words(rest)])
        elif name in STANDS_FOR or name in dispatch.commands():
            self._call([*STANDS_FOR.get(name, name).split(), *dispatch.split(rest)])
        else:
            show_error(f"There is no command /{escape(name)}.", "See: /help")

    def _call(self, arguments: list[str]) -> None:
        code = dispatch.call(arguments, self._terminal, self._run, self._brain)
        self._leaving = code == 130  # a second Ctrl-C leaves
        shown = self._terminal.take_shown()
        if shown is not None:
            self._run = shown
            self._ask()

    def _hear(self, text: str) -> None:
        """Words that are no command: an answer, a task, or something for the brain."""
        stands = self._standing()
        if stands is None:
            self._call(["run", *dispatch.task_words(text)])
        elif stands.waits:
            self._answer(text, stands)
        elif stands.brain == PLAYBOOK:
            show_error(
                "The built-in procedure does not converse.",
                "Begin another task with /new, or let a model take over: /brain NAME, then /resume",
            )
        else:
            self._tell(text)

    def _answer(self, text: str, stands: Standing) -> None:
        word = text.lower().rstrip(".!")
        if word in ("yes", "y"):
            self._call(["approve"])
        elif word in ("no", "n"):
            self._call(["deny"])
        elif word in ("later", "l"):
            say(f"It waits. Come back to it with /use {stands.run}, or: ml-intern approve {stands.run}")
        elif word in ("why", "why?") and stands.about_plan:
            self._call(["why"])
            self._ask()
        elif word in ("edit", "e") and stands.about_plan:
            self._edit(stands)
        elif word in LIKE_YES:
            show_error("That may be a yes, but only yes is one.", "Answer yes, no or later.")
        elif text.endswith("?") and stands.brain != PLAYBOOK:
            self._tell(text)
        elif not stands.about_plan:
            show_error(
                "A publication is not changed by words.", "Answer yes, no or later; see /publish --help"
            )
        else:
            self._change(text)

    def _change(self, text: str) -> None:
        if text.endswith("?"):  # a question is no wish: it would deny the plan
            say("The built-in procedure does not converse. What the plan rests on:")
            self._call(["why"])
            self._ask()
            return
        self._call(["deny", f"--reason={text}"])

    def _edit(self, stands: Standing) -> None:
        for name, value in stands.settings.items():
            say(f"  {name} = {value}")
        try:
            wish = self._line.prompt("Settings to change, such as epochs=3; empty changes nothing: ").strip()
        except (KeyboardInterrupt, EOFError):
            return
        if wish:
            self._call(["deny", f"--reason={wish}"])

    def _tell(self, words: str) -> None:
        if not words:
            show_error("/tell needs words.", "Write it like: /tell try with fewer epochs")
            return
        self._call(["resume", f"--say={words}"])

    def _use(self, run: str) -> None:
        self._run = standing(self._home, run or None).run
        self._ask(always=True)

    def _new(self, _: str) -> None:
        self._run = None
        say("Say what to train.")

    def _choose_brain(self, name: str) -> None:
        stands = self._standing()
        if not name:
            say(f"The brain is {escape(stands.brain if stands else self._brain or PLAYBOOK)}.")
            return
        check_brain(name)
        if stands is not None:
            change_brain(self._home, stands.run, name)
        self._brain = name
        say(f"The brain is {escape(name)}.")

    def _plan(self, _: str) -> None:
        stands = self._standing()
        if stands is None:
            show_error("There is no run yet.", "Say what to train.")
            return
        self._terminal.show_subject(self._home, stands.run)
        self._ask()

    def _help(self, _: str) -> None:
        told = dispatch.commands() | OWN | {"diff": "What differs from the recipe, and in the plan."}
        for name, does in sorted(told.items()):
            say(f"  /{name:<10} {does}")
        say("Words without a slash are a task, an answer to what waits, or for the brain of the run.")
        say("Ctrl-C stops a step, twice leaves. Alt+Enter begins a line, Ctrl-R searches what was typed.")

    def _ask(self, always: bool = False) -> None:
        """Say what waits for an answer."""
        stands = self._standing()
        if stands is not None and stands.waits:
            said = "Train this?" if stands.about_plan else f"{stands.question}"
            say(f"{said} {ANSWERS if stands.about_plan else 'yes, no or later'}", "bold")
        elif stands is not None and always:
            say(f"Run {stands.run}: {stands.stage}, {stands.status.value}. Go on with /resume, or /status.")

    def _standing(self) -> Standing | None:
        """Where the current run stands; None where there is none, or it was deleted meanwhile."""
        try:
            return standing(self._home, self._run) if self._run else None
        except UsageProblem:
            self._run = None
            return None

    def _greet(self) -> None:
        say(f"ML Intern {__version__}. Say what to train, such as:", "bold")
        say("  Label support tickets by issue type, report macro F1 --data tickets.csv")
        say("/help lists the commands, /quit leaves.")
        if self._run:
            self._ask(always=True)
            return
        open_still = [
            each for each in self._home.every_run() if each.status.value in ("waiting", "interrupted")
        ]
        for record in open_still[:3]:
            task = example(record.request.sentence, 40)
            say(f"Run {record.id} is {record.status.value}: {task}  /use {record.id}")

    def _words(self) -> dict[str, str]:
        return dispatch.commands() | OWN

    def _told(self) -> str:
        """Where things stand, for the line at the bottom; looked up once for each line that is typed."""
        stands = self._standing()
        if stands is None:
            return f" no run · {self._brain or PLAYBOOK}"
        spent = dollars(round(stands.spent_usd * 1_000_000))
        told = f" run {stands.run} · {stands.stage} {stands.done}/{stands.stages} · {stands.status.value}"
        return f"{told} · {spent} · {escape(stands.brain)[:30]}"
