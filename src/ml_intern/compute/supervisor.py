"""Watches one job until it has ended: a program of its own, so that the job outlives who started it.

Run as `python -I -S supervisor.py FOLDER LOCK`, needing nothing but the standard library. `LOCK` is
an inherited descriptor that holds the job's lock. The sandbox inherits it too, so the lock is free
only when nothing of the job runs any more. Without a `status.json` a free lock then means: lost.

Limits are kept by asking /proc ten times a second, so a job may exceed one for a moment. Not seen:
open files without a name in the middle of being passed over a socket. Where that matters, run the
whole product in a cgroup.
"""

import contextlib
import ctypes
import json
import math
import os
import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

sys.path.append(str(Path(__file__).parents[2]))  # an isolated interpreter does not know our package

from ml_intern.compute.joblog import Log, in_words, natural_end, write_status
from ml_intern.compute.measure import (
    Disk,
    call_filters,
    in_memory_files,
    nameless_files,
    proportional,
    resident,
    tree_below,
)

POLL_SECONDS: Final = 0.1
PR_SET_CHILD_SUBREAPER: Final = 36


class Verdict(NamedTuple):
    """How a job ended, in the words of `JobState`, and why."""

    state: str
    reason: str


def end_descendants() -> None:
    """Kill what is below us and wait: the sandbox's first process ends after all others in it."""
    while True:
        for pid in tree_below(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


class Supervisor:
    """One launch of the job in `folder`."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder, self.lock = folder, lock
        self.work = folder / "work"
        self.job: dict[str, Any] = json.loads((folder / "job.json").read_text())
        self.limits: dict[str, int] = self.job["spec"]["limits"]
        self.log = Log(folder / "log")
        self.peak = 0
        self.cancelled = False
        self.disk = Disk(self.work, self.limits["disk_bytes"])

    def run(self) -> None:
        """Launch the job, watch it, and leave a `status.json`."""
        signal.signal(signal.SIGTERM, self._cancel)
        with (self.folder / "launches").open("a") as launches:
            launches.write(f"{time.time():.3f} {os.getpid()}\n")
        self.start = time.monotonic()
        sandbox = self._launch()
        verdict = self._watch(sandbox)
        if verdict:
            sandbox.kill()
        code = sandbox.wait()
        end_descendants()
        with contextlib.suppress(BlockingIOError):
            for output in iter(lambda: os.read(self._output, 1 << 16), b""):
                self.log.add(output)
        self.log.close()
        self.peak = max(self.peak, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10)
        if verdict:
            self._record(verdict, None)
        else:
            self.disk.restart()
            self._record(
                self._too_much_disk(0, math.inf)
                or Verdict(*natural_end(code, self.log.end, self.limits["memory_bytes"])),
                code,
            )

    def _launch(self) -> subprocess.Popen[bytes]:
        """Start bubblewrap, and the job in it."""
        program, *arguments = self.job["command"]
        # What is left when bubblewrap has gone becomes our child, so that we can wait for its end.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        with (self.folder / "calls.bpf").open("rb") as calls:
            handed = {"--sync-fd": self.lock, "--seccomp": calls.fileno()}
            sandbox = subprocess.Popen(
                [program, *(word for name, fd in handed.items() for word in (name, str(fd))), *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(handed.values()),
            )
        assert sandbox.stdout is not None
        self._output = sandbox.stdout.fileno()
        os.set_blocking(self._output, False)
        self._begin(sandbox)
        return sandbox

    def _begin(self, sandbox: subprocess.Popen[bytes]) -> None:
        """Let the job begin as soon as nothing of the sandbox can outlive us.

        If we die earlier, the job reads the end of its input and never begins. The sandbox's first
        process asks to die with bubblewrap just before it takes on the filter of calls, and that can
        be seen. (Linux before 5.9 does not show it: we wait a second.)
        """
        deadline, ours = time.monotonic() + 1, call_filters(os.getpid())
        while sandbox.poll() is None and time.monotonic() < deadline:
            if any(call_filters(pid) > ours for pid in tree_below(sandbox.pid)[:1]):
                break
            time.sleep(0.002)
        assert sandbox.stdin is not None
        with contextlib.suppress(BrokenPipeError), sandbox.stdin as starting:
            starting.write(b"go\n")

    def _watch(self, sandbox: subprocess.Popen[bytes]) -> Verdict | None:
        """Copy output and measure until the job has ended (None) or must end."""
        due, silent = 0.0, False
        while sandbox.poll() is None:
            if silent:  # its output is closed, so only time can tell
                time.sleep(0.01)
            elif select.select([self._output], [], [], POLL_SECONDS / 2)[0]:
                output = os.read(self._output, 1 << 16)
                self.log.add(output)
                silent = not output
            now = time.monotonic()
            if now >= due:
                if verdict := self._verdict(sandbox.pid):
                    return verdict
                due = time.monotonic() + max(POLL_SECONDS, 2 * (time.monotonic() - now))
        return None

    def _verdict(self, sandbox: int) -> Verdict | None:
        """Whether the job must end now."""
        if self.cancelled or (self.folder / "cancel").exists():
            return Verdict("cancelled", "it was cancelled")
        if time.monotonic() - self.start > self.limits["seconds"]:
            return Verdict("timed_out", f"did not end within {self.limits['seconds']} s")
        pids = tree_below(sandbox)
        # The first is the sandbox's own init, and bubblewrap's set-up is not the job's doing either.
        if len(pids) - 1 > self.limits["processes"]:
            return Verdict("failed", f"started more than {self.limits['processes']} processes")
        nameless = nameless_files(pids, self.work.stat().st_dev)
        return self._too_much_memory(pids, nameless[1]) or self._too_much_disk(nameless[0])

    def _too_much_memory(self, pids: list[int], nameless: int) -> Verdict | None:
        held = nameless + (in_memory_files(pids[0], self.work) if pids else 0)
        # Exact numbers are dear (a walk over all pages) and only needed for a new peak.
        if held + sum(map(resident, pids)) > self.peak:
            self.peak = max(self.peak, held + sum(map(proportional, pids)))
        if self.peak <= self.limits["memory_bytes"]:
            return None
        return Verdict("out_of_memory", f"used more than {in_words(self.limits['memory_bytes'])} of memory")

    def _too_much_disk(self, nameless: int, seconds: float = 0.05) -> Verdict | None:
        excess = self.disk.excess(nameless, seconds)
        return Verdict("disk_full", excess) if excess else None

    def _record(self, verdict: Verdict, code: int | None) -> None:
        write_status(self.folder, verdict, code, time.monotonic() - self.start, self.peak)

    def _cancel(self, *_: object) -> None:
        self.cancelled = True


def main() -> None:
    """Leave the process that started us, then run the job."""
    if os.fork():
        os._exit(0)
    Supervisor(Path(sys.argv[1]), int(sys.argv[2])).run()


if __name__ == "__main__":
    main()
