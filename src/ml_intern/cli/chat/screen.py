"""What the chat shows while a run works: words as they come, each call in a line, no nested questions."""

from typing import Any

from ml_intern.app.home import Home
from ml_intern.app.shell import Shell
from ml_intern.app.talk import asked_event
from ml_intern.cli.options import show_error
from ml_intern.cli.terminal import Terminal, say
from ml_intern.records.base import Artifact
from ml_intern.records.runs import Approval


class ChatTerminal(Terminal):
    """A terminal whose approvals wait for the chat's own prompt, where all of its commands work, too."""

    def __init__(self) -> None:
        super().__init__(calls=True)
        self._shown: str | None = None

    def take_shown(self) -> str | None:
        """The run whose result was shown since this was asked last; None where none was."""
        shown, self._shown = self._shown, None
        return shown

    def shell(self) -> Shell:
        """What the app needs to reach this user."""
        return Shell(
            listen=self.listen,
            ask=self.ask,
            approve=self._later,
            interactive=True,
            streams=True,
            stop_it=self.stop_it,
        )

    def _later(self, subject: Artifact, sha256: str) -> Approval | None:
        return None

    def show_subject(self, home: Home, run: str) -> None:
        """Show what waits for an answer, or the plan that was answered."""
        event = asked_event(home, run)
        if event is None:
            show_error("There is no plan yet.", "See: /status")
        else:
            self.listen(event)

    def show_result(self, result: dict[str, Any]) -> None:
        """The end of a run, or of a part of it."""
        self._shown = result["run"]
        if result["status"] == "waiting":
            self.close()
            say("")
        else:
            super().show_result(result)
