"""A person at a terminal of 80 columns and 24 lines, as far as programs can tell."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

from tests.runs import ML_INTERN, environment

COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def _own_terminal() -> None:
    """Make our end the controlling terminal, so that Ctrl-C is a signal."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Typist:
    """Runs `ml-intern` on a terminal of its own, reads the screen and types."""

    def __init__(self, home: Path, *arguments: str, **variables: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._process = subprocess.Popen(
            [ML_INTERN, *arguments],
            env=environment(home) | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | variables,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=_own_terminal,
        )
        os.close(theirs)
        self.screen = ""
        self._seen = 0

    def wait_for(self, words: str, seconds: float = 120) -> str:
        """Read on until the words are on the screen; all that came since what was waited for before."""
        began, start = time.monotonic(), self._seen
        while words not in self.screen[start:]:
            assert time.monotonic() - began < seconds, self.screen[-3000:]
            if not self._read():
                break
        shown = self.screen[start:]
        assert words in shown, shown[-3000:]
        self._seen = start + shown.index(words) + len(words)
        return self.screen[start : self._seen]

    def type(self, text: str) -> None:
        os.write(self._ours, f"{text}\n".encode())

    def press(self, keys: str) -> None:
        """Send keys without Enter, such as \\x03 for Ctrl-C."""
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=60)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], 1)[0]:
            return self._process.poll() is None
        try:
            chunk = os.read(self._ours, 1 << 16)
        except OSError:  # how Linux says that the other side of a terminal was closed
            return False
        self.screen += COLOURS.sub("", chunk.decode(errors="replace"))
        return bool(chunk)
