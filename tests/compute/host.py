"""Running jobs in tests: as ourselves, or through a child process that is another user."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ml_intern.compute.local import LocalBackend
from ml_intern.records.jobs import JobHandle, JobSpec, JobStatus, Limits

DRIVE = Path(__file__).with_name("drive.py")
SOURCES = Path(__file__).parents[2] / "src"
OTHER_USER = 12345
SECRET = "hf_secret_of_the_host"
RESUMABLE = """
import os, time
again = os.path.exists("checkpoint")
open("checkpoint", "w")
print("resumed" if again else "first", flush=True)
if not again:
    time.sleep(60)
"""


def token() -> str:
    """A word that marks all processes of one job."""
    return f"mark-{uuid.uuid4().hex}"


def job(code: str, mark: str = "", *, inputs: dict[str, str] | None = None, **limits: int) -> JobSpec:
    return JobSpec(
        intent_id=uuid.uuid4().hex[:20],
        run="run",
        purpose="test",
        argv=("python", "-c", code, mark),
        inputs=inputs or {},
        limits=Limits(**{"seconds": 30, "memory_bytes": 1_000_000_000, **limits}),
    )


def alive(mark: str) -> list[int]:
    """The processes of the whole machine whose command line holds `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in words:
                found.append(int(entry.name))
    return found


def supervisor_of(mark: str) -> int:
    """The parent of the outermost process that carries `mark`."""
    return min(
        int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in alive(mark)
    )


def eventually(true: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def wait(backend: LocalBackend, handle: JobHandle, seconds: float = 30) -> JobStatus:
    assert eventually(lambda: backend.status(handle).state.ended, seconds), "the job does not end"
    return backend.status(handle)


def drive(
    jobs: Path, spec: JobSpec, *words: str, user: int | None = None, python: str = sys.executable
) -> "subprocess.Popen[str]":
    """Start another process that works on `spec`; `words` say what it does."""
    change = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    paths = [str(SOURCES), *(path for path in sys.path if path.endswith("site-packages"))]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(paths), "HF_TOKEN": SECRET}
    return subprocess.Popen(
        [*change, python, str(DRIVE), str(jobs), spec.model_dump_json(), *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )


@dataclass
class Ended:
    """A job that ran to its end."""

    status: JobStatus
    lines: list[str]
    folder: Path = field(default_factory=Path)


class Host:
    """A machine's user who runs jobs: us, or, where we are root, somebody without any rights."""

    def __init__(self, folder: Path, user: int | None, python: str) -> None:
        self.folder, self.user, self.python = folder, user, python
        self.jobs = folder / "home" / "jobs"

    def run(self, spec: JobSpec) -> Ended:
        child = drive(self.jobs, spec, "run", user=self.user, python=self.python)
        output, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors
        answer = json.loads(output)
        status = JobStatus.model_validate(answer["status"])
        return Ended(status, answer["lines"], self.jobs / spec.intent_id)


def python_for_others() -> str | None:
    """An interpreter of our version that a user without rights can start."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # `env`, because setpriv itself still has root's right to pass through closed folders.
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        if shutil.which(candidate) and shutil.which("setpriv"):
            change = ["setpriv", f"--reuid={OTHER_USER}", f"--regid={OTHER_USER}", "--clear-groups"]
            tried = subprocess.run(
                [*change, "env", candidate, "-c", "pass"], capture_output=True, check=False, cwd="/"
            )
            if tried.returncode == 0:
                return candidate
    return None
