"""What both watchers of jobs share: the bounded log, and how a job ended; standard library only."""

import json
from pathlib import Path
from typing import Final

MOST_LOG_BYTES: Final = 16 << 20
OUT_OF_MEMORY: Final = (b"MemoryError", b"bad_alloc", b"allocate memory", b"out of memory")


class Log:
    """The job's output, bounded: what comes after the bound is dropped, and the log says so."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)
        self._size = self._file.tell()
        self.end = b"\n"
        if self._size and not path.read_bytes().endswith(b"\n"):
            self._write(b"\n")  # the line that was cut off when an earlier launch was lost

    def add(self, output: bytes) -> None:
        """Append what still fits."""
        self.end = (self.end + output)[-8192:]
        room = MOST_LOG_BYTES - self._size
        if room <= 0:
            return
        self._write(output[:room])
        if len(output) >= room:
            self._write(b"\n[output beyond %d MiB is not kept]\n" % (MOST_LOG_BYTES >> 20))

    def close(self) -> None:
        """End the last line."""
        if not self.end.endswith(b"\n") and self._size < MOST_LOG_BYTES:
            self._write(b"\n")
        self._file.close()

    def _write(self, output: bytes) -> None:
        self._size += self._file.write(output)


def natural_end(code: int, last_words: bytes, memory_bytes: int) -> tuple[str, str]:
    """State and reason of a job that ended by itself with `code` after it printed `last_words`.

    A negative code, or one above 128 from a shell, is a signal.
    """
    if code == 0:
        return "succeeded", ""
    if any(sign in last_words for sign in OUT_OF_MEMORY):
        return "out_of_memory", f"asked for more than the {in_words(memory_bytes)} of memory it may use"
    if code < 0 or code > 128:
        return "failed", f"was ended by signal {abs(code) & 127}"
    return "failed", f"ended with exit code {code}"


def write_status(
    folder: Path, verdict: tuple[str, str], code: int | None, seconds: float, peak_memory: int
) -> None:
    """Record how the job in `folder` ended, all at once: `verdict` is state and reason, memory in bytes."""
    status = {
        "state": verdict[0],
        "reason": verdict[1],
        "exit_code": code,
        "seconds": round(seconds, 3),
        "peak_memory_bytes": peak_memory,
        "launches": len((folder / "launches").read_text().splitlines()),
    }
    partial = folder / "status.partial"
    partial.write_text(json.dumps(status))
    partial.replace(folder / "status.json")


def in_words(size: int) -> str:
    """A number of bytes as people wrote it: `400 MB`, `300 MiB`."""
    units = ((10**9, "GB"), (10**6, "MB"), (1 << 30, "GiB"), (1 << 20, "MiB"))
    return next((f"{size // unit} {name}" for unit, name in units if size % unit == 0), f"{size} bytes")
