"""A job's log as it comes in, read by a thread so that nobody waits for a line."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ml_intern.compute.folder import printable

MOST_LINES: Final = 200_000
"""Lines of one job that are kept; what follows is only counted."""


class Follower:
    """Follows the log of one job. `stream` gives its lines until the job has ended."""

    def __init__(self, stream: Callable[[], Iterable[str]]) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._dropped = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def after(self, seen: int) -> Iterator[str]:
        """The lines after the first `seen` that have come in."""
        yield from self._lines[seen:]

    @property
    def reading(self) -> bool:
        """Whether more may come."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait until the log has ended, at most so long."""
        self._thread.join(seconds)

    def _read(self) -> None:
        try:
            for line in self._stream():
                if len(self._lines) < MOST_LINES:
                    self._lines.append(printable(str(line)))
                else:
                    self._dropped += 1
        except Exception as error:  # a log that cannot be read is no reason to lose the job
            self._lines.append(f"(the log broke off here: {type(error).__name__})")
        if self._dropped:
            self._lines.append(f"({self._dropped} more lines were not kept)")
