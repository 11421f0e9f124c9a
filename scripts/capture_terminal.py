"""Write the captures in docs/terminal.md: a conversation under tmux, on 80 columns and 24 lines."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml_intern.demo.tickets import write_tickets

PAGE = Path(__file__).parent.parent / "docs" / "terminal.md"
MARK = "<!-- captures -->\n"
SECONDS = 120.0
TASK = "Label support tickets by issue type, report macro F1 --data tickets.csv"
STEPS = (
    ("A task in words", TASK, "Is that the task?"),
    ("Its plan, after research, audit, baselines and a smoke test", "yes", "Train this?"),
    ("Why it is planned so", "why", "Train this?"),
    ("A change in words makes another plan", "C=1", "changed for"),
    ("What that changed", "/diff", "plan: C:"),
    ("What the brain called", "/calls", "12 request_approval"),
    ("Approved, trained, evaluated, stressed, packaged", "yes", "Next: read"),
    ("What could be better", "/improve", "Next: ml-intern improve"),
)
"""A title, what is typed, and the words that end the wait."""


def main() -> int:
    """Write the captures."""
    if shutil.which("tmux") is None:
        print("tmux is missing: install it (apt-get install tmux).", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        write_tickets(Path(folder) / "tickets.csv", rows=400)
        with _terminal(Path(folder)) as tmux:
            shown = list(_conversation(tmux, folder))
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(text[: text.index(MARK) + len(MARK)] + "\n" + "\n".join(shown), encoding="utf-8")
    return 0


class Tmux:
    """One terminal of a tmux server of its own."""

    def __init__(self, socket: Path) -> None:
        self._command = ["tmux", "-S", str(socket)]

    def do(self, *arguments: str) -> str:
        """Give tmux a command; what it prints."""
        done = subprocess.run([*self._command, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def type(self, text: str) -> None:
        """Type a line."""
        self.do("send-keys", "-t", "chat", "-l", text)
        self.do("send-keys", "-t", "chat", "Enter")

    def all(self) -> str:
        """All that was on the screen since it was cleared."""
        return self.do("capture-pane", "-p", "-t", "chat", "-S", "-2000")

    def screen(self) -> str:
        """The 24 lines that are on the screen now."""
        return self.do("capture-pane", "-p", "-t", "chat")

    def wait_for(self, words: str, count: int) -> None:
        """Wait until the words were shown more than `count` times.

        Raises:
            SystemExit: that took too long.
        """
        began = time.monotonic()
        while self.all().count(words) <= count:
            if time.monotonic() - began > SECONDS:
                raise SystemExit(f"{words!r} did not come:\n{self.all()[-3000:]}")
            time.sleep(0.3)
        time.sleep(1)  # the prompt follows


@contextmanager
def _terminal(folder: Path) -> Iterator[Tmux]:
    command = Path(sys.executable).with_name("ml-intern")
    variables = {"ML_INTERN_HOME": str(folder / "home"), "HF_HOME": str(folder / "none"), "NO_COLOR": "1"}
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in variables.items())
    unset = "unset HF_ENDPOINT HF_TOKEN HF_TOKEN_PATH TMUX"
    tmux = Tmux(folder / "tmux")
    line = f"{unset}; cd {shlex.quote(str(folder))} && {given} {shlex.quote(str(command))}; sleep 600"
    tmux.do("-f", os.devnull, "new-session", "-d", "-s", "chat", "-x", "80", "-y", "24", line)
    tmux.do("set-option", "-g", "history-limit", "5000")
    try:
        yield tmux
    finally:
        tmux.do("kill-server")


def _conversation(tmux: Tmux, folder: str) -> Iterator[str]:
    tmux.wait_for("/quit leaves", 0)
    yield _block("The first screen", tmux.screen(), folder)
    for title, typed, words in STEPS:
        count = tmux.all().count(words)
        tmux.type(typed)
        tmux.wait_for(words, count)
        yield _block(title, tmux.screen(), folder)


def _block(title: str, screen: str, folder: str) -> str:
    lines = [line.rstrip().replace(folder, "…") for line in screen.rstrip().splitlines()]
    return f"## {title}\n\n```text\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    sys.exit(main())
