"""Jobs on this machine without a sandbox: for systems that have none, and only after the user agreed."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ml_intern.compute import transfer
from ml_intern.compute.folder import JobFolder, beside, count_lines, place_of
from ml_intern.compute.machine import this_machine
from ml_intern.compute.processes import end_processes
from ml_intern.records.errors import ComputeRefused, JobFailed
from ml_intern.records.jobs import PACKAGES, UNSANDBOXED, Hardware, JobHandle, JobSpec, JobState, JobStatus

_KEEPER = Path(__file__).with_name("keeper.py")
_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_keepers: list[subprocess.Popen[bytes]] = []  # kept, so that ended ones are not left as zombies


class UnsandboxedBackend:
    """A `Backend` that runs each job as an ordinary process, in a folder named by its intent below `jobs`.

    A keeper watches over time, memory, processes and disk, and outlives us. Nothing else of a sandbox
    is there: the job can reach the network and all that its user can.
    """

    name = UNSANDBOXED
    account = ""
    longest_pause = 0.5

    def __init__(self, jobs: Path) -> None:
        self._jobs = jobs.resolve()

    def offers(self) -> list[Hardware]:
        """This machine, for nothing."""
        return [this_machine()]

    def check(self) -> None:
        """Nothing can be missing."""

    def submit(self, job: JobSpec) -> JobHandle:
        """Start `job`, or go on with it where it was lost or cancelled.

        Raises:
            ComputeRefused: it is no Python job, or does not start.
        """
        handle = JobHandle(backend=self.name, job_id=job.intent_id)
        folder = self._folder(handle)
        if job.argv[:1] != ("python",):
            raise ComputeRefused("A job runs `python` and nothing else.")
        if not folder.exists():
            self._prepare(job, folder)
        end = folder.end()
        if not _runs(folder) and (end is None or end.state is JobState.CANCELLED):
            folder.reopen()
            self._launch(folder)
        return handle

    def find(self, intent_id: str) -> JobHandle | None:
        """The job of this intent if it runs or has ended, else None."""
        handle = JobHandle(backend=self.name, job_id=intent_id)
        return None if self.status(handle).state is JobState.LOST else handle

    def status(self, handle: JobHandle) -> JobStatus:
        """Where the job stands now."""
        for keeper in _keepers:
            keeper.poll()
        folder = self._folder(handle)
        if (end := folder.end()) is not None and end.state is not JobState.CANCELLED:
            return end
        launches = count_lines(folder.launches)
        if folder.exists() and _runs(folder):
            seconds = max(0.0, time.time() - folder.launches.stat().st_mtime) if launches else 0.0
            return JobStatus(state=JobState.RUNNING, seconds=seconds, launches=launches)
        return folder.end() or JobStatus(
            state=JobState.LOST, reason="it was started and has disappeared", launches=launches
        )

    def logs(self, handle: JobHandle, seen: int) -> Iterator[str]:
        """The log lines after the first `seen`, made safe to print."""
        yield from self._folder(handle).lines(seen)

    def fetch(self, handle: JobHandle, into: Path) -> None:
        """Copy the regular files under the job's `outputs/` to `into`, which must not exist yet."""
        outputs = self._folder(handle).work / "outputs"
        partial = beside(into.parent, into.name)
        partial.parent.mkdir(parents=True, exist_ok=True)
        if outputs.is_dir():
            transfer.copy_tree(outputs, partial)
        else:
            partial.mkdir()
        partial.rename(into)

    def cancel(self, handle: JobHandle) -> None:
        """Stop the job and wait until nothing of it runs; does nothing where it has ended.

        Raises:
            JobFailed: it does not stop.
        """
        folder = self._folder(handle)
        if not folder.exists() or folder.end() is not None:
            return
        folder.stop.touch()
        deadline = time.monotonic() + _STOP_SECONDS
        while _runs(folder):
            if time.monotonic() > deadline:
                raise JobFailed(f"The job in {folder.path} does not stop.")
            time.sleep(0.05)
        end_processes(folder.work, None)  # what a killed keeper left
        if folder.end() is None:  # it had no keeper that could have recorded it
            folder.cancelled()

    def clear(self, run: str) -> None:
        """There is nothing: each job has a folder of its own."""

    def forget(self, handle: JobHandle) -> None:
        """Stop the job and delete its folder."""
        folder = self._folder(handle)
        if folder.exists():
            self.cancel(handle)
            transfer.remove(folder.path)

    def _folder(self, handle: JobHandle) -> JobFolder:
        return JobFolder(place_of(self._jobs, handle.job_id))

    def _prepare(self, job: JobSpec, folder: JobFolder) -> None:
        """Make the complete folder under its name, or nothing."""
        draft = JobFolder(beside(self._jobs, "preparing"))
        draft.work.mkdir(parents=True)
        try:
            transfer.copy_in(job.inputs, draft.work)
            _localise(draft.work, job.mounts)
            about = {
                "spec": job.model_dump(mode="json"),
                "command": [sys.executable, *job.argv[1:]],
                "packages": job.mounts.get(PACKAGES),
            }
            (draft.path / "job.json").write_text(json.dumps(about, indent=1))
            draft.path.rename(folder.path)
        except BaseException:  # an interruption too must leave nothing
            transfer.remove(draft.path)
            raise

    def _launch(self, folder: JobFolder) -> None:
        before = count_lines(folder.launches)
        with (folder.path / "keeper.err").open("ab") as errors:
            keeper = subprocess.Popen(
                [sys.executable, str(_KEEPER), str(folder.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                **_detached(),
            )
        _keepers.append(keeper)
        deadline = time.monotonic() + _START_SECONDS
        while count_lines(folder.launches) == before and folder.end() is None:
            if keeper.poll() is not None or time.monotonic() > deadline:
                words = (folder.path / "keeper.err").read_text(errors="replace").strip().splitlines()
                raise ComputeRefused(f"The job could not be started: {(words or ['no reason given'])[-1]}")
            time.sleep(0.02)


def _detached() -> dict[str, Any]:
    """How a process is started that goes on when we end."""
    if os.name == "posix":
        return {"start_new_session": True}
    flags: int = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(
        subprocess, "CREATE_NEW_PROCESS_GROUP", 0
    )
    return {"creationflags": flags}


def _runs(folder: JobFolder) -> bool:
    """Whether a keeper watches the job; taking the lock for a moment is how one asks."""
    with contextlib.suppress(Timeout), FileLock(folder.path / "lock", timeout=0):
        return False
    return True


def _localise(work: Path, mounts: dict[str, str]) -> None:
    """Name the real folders in the job's JSON files, where a sandbox would show them under another path."""

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: replaced(each) for key, each in value.items()}
        if isinstance(value, list):
            return [replaced(each) for each in value]
        return mounts.get(value, value) if isinstance(value, str) else value

    for path in sorted(work.rglob("*.json")):
        with contextlib.suppress(ValueError):
            before = json.loads(path.read_text())
            if (after := replaced(before)) != before:
                path.write_text(json.dumps(after, indent=2))
