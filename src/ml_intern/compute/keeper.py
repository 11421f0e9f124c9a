"""Watches one job that has no sandbox, on any platform, until it has ended.

Run as `python keeper.py FOLDER`. It holds the file lock of the folder as long as it lives. Limits are
kept by asking the system a few times a second, so a job may exceed one for a moment; a process that
left the job's tree is found by its working folder.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psutil
from filelock import FileLock, Timeout

sys.path.append(str(Path(__file__).parents[2]))  # where the package is not installed but lies beside us

from ml_intern.compute.joblog import Log, in_words, natural_end, write_status
from ml_intern.compute.processes import end_processes

POLL_SECONDS: Final = 0.2
DISK_SECONDS: Final = 2.0
_PASSED_ON: Final = (
    *("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "PATHEXT", "COMSPEC"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV"),
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
)


def environment(work: Path, packages: str | None) -> dict[str, str]:
    """What the job may know of ours: nothing that could hold a credential, and no home to find one in."""
    ours = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    ours |= {"HOME": str(work), "USERPROFILE": str(work), "PYTHONUNBUFFERED": "1"}
    ours |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "OMP_WAIT_POLICY": "PASSIVE"}
    return ours | ({"PYTHONPATH": packages} if packages else {})


def folder_bytes(folder: Path) -> int:
    """The size of all files below, links not followed."""

    def walk(path: str) -> Iterator[int]:
        with contextlib.suppress(OSError), os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from walk(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False).st_size

    return sum(walk(str(folder)))


class Keeper:
    """One launch of the job in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.work = folder, folder / "work"
        self.job: dict[str, Any] = json.loads((folder / "job.json").read_text())
        self.limits: dict[str, int] = self.job["spec"]["limits"]
        self.log = Log(folder / "log")
        self.peak = 0
        self.disk_due = 0.0
        self.cancelled = False

    def run(self) -> None:
        """Launch the job, watch it, and leave a `status.json`."""
        signal.signal(signal.SIGTERM, self._cancel)
        end_processes(self.work, None)  # what an earlier keeper left when it was killed
        with (self.folder / "launches").open("a") as launches:
            launches.write(f"{time.time():.3f} {os.getpid()}\n")
        self.start = time.monotonic()
        job = subprocess.Popen(
            self.job["command"],
            cwd=self.work,
            env=environment(self.work, self.job["packages"]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=os.name == "posix",
        )
        reader = threading.Thread(target=self._read, args=(job,), daemon=True)
        reader.start()
        verdict = self._watch(job)
        end_processes(self.work, psutil.Process(job.pid) if job.poll() is None else None)
        code = job.wait()
        reader.join(timeout=5)
        self.log.close()
        late = None if verdict else self._too_much_disk(final=True)
        self._record(verdict or late or natural_end(code, self.log.end, self.limits["memory_bytes"]), code)

    def _read(self, job: subprocess.Popen[bytes]) -> None:
        assert job.stdout is not None
        while output := os.read(job.stdout.fileno(), 1 << 16):
            self.log.add(output)

    def _watch(self, job: subprocess.Popen[bytes]) -> tuple[str, str] | None:
        """Measure until the job has ended (None) or must end."""
        root = psutil.Process(job.pid)
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                job.wait(POLL_SECONDS)
                return None
            if verdict := self._verdict(root):
                return verdict

    def _verdict(self, root: psutil.Process) -> tuple[str, str] | None:
        if self.cancelled or (self.folder / "cancel").exists():
            return "cancelled", "it was cancelled"
        if time.monotonic() - self.start > self.limits["seconds"]:
            return "timed_out", f"did not end within {self.limits['seconds']} s"
        tree, held = [root], 0
        with contextlib.suppress(psutil.Error):
            tree += root.children(recursive=True)
        if len(tree) > self.limits["processes"]:
            return "failed", f"started more than {self.limits['processes']} processes"
        for each in tree:
            with contextlib.suppress(psutil.Error):
                held += each.memory_info().rss
        self.peak = max(self.peak, held)
        if held > self.limits["memory_bytes"]:
            return "out_of_memory", f"used more than {in_words(self.limits['memory_bytes'])} of memory"
        return self._too_much_disk()

    def _too_much_disk(self, final: bool = False) -> tuple[str, str] | None:
        if time.monotonic() < self.disk_due and not final:
            return None
        self.disk_due = time.monotonic() + DISK_SECONDS
        most = self.limits["disk_bytes"]
        if folder_bytes(self.work) <= most:
            return None
        return "disk_full", f"wrote more than the {in_words(most)} of disk it may use"

    def _record(self, verdict: tuple[str, str], code: int) -> None:
        write_status(self.folder, verdict, code, time.monotonic() - self.start, self.peak)

    def _cancel(self, *_: object) -> None:
        self.cancelled = True


def main() -> None:
    """Watch the job unless another keeper does."""
    folder = Path(sys.argv[1])
    with contextlib.suppress(Timeout), FileLock(folder / "lock", timeout=2):
        status = folder / "status.json"
        if not status.exists():
            Keeper(folder).run()


if __name__ == "__main__":
    main()
