"""Jobs on this machine, each in a sandbox and watched by a supervisor that outlives us."""

import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ml_intern.compute import lock, sandbox, seccomp
from ml_intern.compute.folder import count_lines, place_of
from ml_intern.compute.held import SUPERVISOR, HeldFolder, clean, discard, prepare
from ml_intern.compute.interpreter import inspect
from ml_intern.compute.machine import this_machine
from ml_intern.compute.outputs import copy_out
from ml_intern.records.errors import ComputeRefused, JobFailed, SandboxMissing
from ml_intern.records.jobs import LOCAL, Hardware, JobHandle, JobSpec, JobState, JobStatus, Limits

_STOP_SECONDS = 10.0


class LocalBackend:
    """A `Backend` that keeps each job in a folder named by its intent below `jobs`.

    `python` is the interpreter that jobs get, by default our own. A submitted job belongs to nobody:
    it goes on when the process that submitted it dies, and any other process can watch or stop it.
    """

    name = LOCAL
    account = ""
    longest_pause = 0.5

    def __init__(self, jobs: Path, python: Path | None = None) -> None:
        self._jobs = jobs.resolve()
        self._python = python
        self._works = False

    def offers(self) -> list[Hardware]:
        """This machine, for nothing."""
        return [this_machine()]

    def check(self) -> None:
        """See that the sandbox works here, by really using it.

        Raises:
            SandboxMissing: it does not.
        """
        self._try()

    def submit(self, job: JobSpec) -> JobHandle:
        """Start `job`, or go on with it where it was lost or cancelled.

        Starting an intent that already runs or ended returns that job's handle.

        Raises:
            ComputeRefused: there is no working sandbox, or the job asks for what it cannot have.
        """
        handle = JobHandle(backend=self.name, job_id=job.intent_id)
        folder = self._folder(handle)
        if not self._works:
            self._try()
            self._works = True
        self._jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        clean(self._jobs)
        held = None if folder.exists() else self._prepare(job)
        # Whoever holds the lock is the only one to start the job, and hands the lock on to it.
        held = lock.hold(folder.lock) if held is None else held
        if held is None:
            return handle
        try:
            end = folder.end()
            if end is None or end.state is JobState.CANCELLED:
                self._launch(folder, held)
        finally:
            os.close(held)
        return handle

    def find(self, intent_id: str) -> JobHandle | None:
        """The job of this intent if it runs or has ended, else None."""
        handle = JobHandle(backend=self.name, job_id=intent_id)
        gone = self.status(handle).state is JobState.LOST
        return None if gone else handle

    def status(self, handle: JobHandle) -> JobStatus:
        """Where the job stands now."""
        folder = self._folder(handle)
        if (end := folder.end()) is not None and end.state is not JobState.CANCELLED:
            return end
        folder.end_orphans()
        if folder.runs():
            begin = folder.launches.stat().st_mtime if folder.launches.exists() else time.time()
            seconds = max(0.0, time.time() - begin)
            return JobStatus(state=JobState.RUNNING, seconds=seconds, launches=count_lines(folder.launches))
        # It may have ended, and its supervisor gone, since the first look.
        return folder.end() or JobStatus(
            state=JobState.LOST, reason=self._lost(folder), launches=count_lines(folder.launches)
        )

    def logs(self, handle: JobHandle, seen: int) -> Iterator[str]:
        """The log lines after the first `seen`, made safe to print and at most 4000 characters long."""
        yield from self._folder(handle).lines(seen)

    def fetch(self, handle: JobHandle, into: Path) -> None:
        """Copy the regular files under the job's `outputs/` to `into`, which must not exist yet."""
        folder = self._folder(handle)
        most = folder.spec().limits.disk_bytes if folder.exists() else 0
        copy_out(folder.work, into, most)

    def cancel(self, handle: JobHandle) -> None:
        """Stop the job and wait until nothing of it runs; does nothing where it has ended.

        Raises:
            JobFailed: it does not stop.
        """
        folder = self._folder(handle)
        if folder.exists() and folder.end() is None:
            folder.stop.touch()
            held = _wait_for(folder)
            try:
                if folder.end() is None:  # it had no supervisor that could have recorded it
                    folder.cancelled()
            finally:
                os.close(held)

    def clear(self, run: str) -> None:
        """There is nothing: each job has a folder of its own."""

    def forget(self, handle: JobHandle) -> None:
        """Stop the job and delete its folder.

        Raises:
            JobFailed: it does not stop.
        """
        folder = self._folder(handle)
        if not folder.exists():
            return
        self.cancel(handle)
        held = _wait_for(folder)
        try:
            discard(folder)
        finally:
            os.close(held)

    def _folder(self, handle: JobHandle) -> HeldFolder:
        return HeldFolder(place_of(self._jobs, handle.job_id))

    def _prepare(self, job: JobSpec) -> int | None:
        if job.argv[:1] != ("python",):
            raise ComputeRefused("A job runs `python` and nothing else.")
        uid = _user(job.intent_id)
        box = sandbox.Sandbox(
            work=str(self._jobs / job.intent_id / "work"),
            argv=job.argv,
            mounts=job.mounts,
            limits=job.limits,
            uid=uid,
            links=job.links,
        )
        sandbox.check_view(box, inspect(self._python), self._jobs)
        return prepare(job, self._command(box), seccomp.program(platform.machine()), uid, self._jobs)

    def _command(self, box: sandbox.Sandbox) -> list[str]:
        tools = sandbox.find_tools(root=box.uid is not None)
        cpus = os.cpu_count() or 1
        return sandbox.command(box, inspect(self._python), tools, cpus, os.environ)

    def _launch(self, folder: HeldFolder, held: int) -> None:
        """Start the supervisor; it inherits the lock, so there is no moment in which nobody holds it."""
        folder.reopen()
        if os.geteuid() == 0:
            # bubblewrap enters the folder after it gave up root's right to; the folder around is closed.
            folder.work.chmod(0o711)
        program = [inspect(self._python).executable, "-I", "-S", str(SUPERVISOR)]
        with (folder.path / "supervisor.err").open("ab") as errors:
            subprocess.run(
                [*program, str(folder.path), str(held)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(held,),
                start_new_session=True,
                cwd="/",
                # The sandbox's first process keeps this environment readable for the job.
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                check=True,
            )

    def _try(self) -> None:
        """Run the interpreter in a sandbox.

        Raises:
            SandboxMissing: it does not run.
        """
        limits = Limits(seconds=20)
        argv = ("python", "-I", "-S", "-c", "pass")
        with tempfile.TemporaryDirectory() as work, tempfile.TemporaryFile() as calls:
            Path(work).chmod(0o711)
            calls.write(seccomp.program(platform.machine()))
            calls.seek(0)
            box = sandbox.Sandbox(work=work, argv=argv, mounts={}, limits=limits, uid=_user("check"))
            program, *arguments = self._command(box)
            try:
                tried = subprocess.run(
                    [program, "--seccomp", str(calls.fileno()), *arguments],
                    pass_fds=(calls.fileno(),),
                    input="go\n",
                    capture_output=True,
                    text=True,
                    timeout=limits.seconds,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                raise SandboxMissing(f"The sandbox cannot be started: {error}") from error
        if tried.returncode != 0:
            words = (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[-1]
            raise SandboxMissing(
                f"The sandbox does not work on this machine: {words}",
                "bubblewrap needs permission to create namespaces; containers and some systems forbid it.",
            )

    def _lost(self, folder: HeldFolder) -> str:
        if not folder.exists():
            return "nothing is known of this job"
        errors = folder.path / "supervisor.err"
        last = errors.read_text(errors="replace").splitlines()[-1:] if errors.exists() else []
        return ": ".join(["it was started and has disappeared", *last])


def _user(intent_id: str) -> int | None:
    if os.geteuid() != 0:
        return None
    return sandbox.user_for(intent_id, Path("/proc/self/uid_map").read_text())


def _wait_for(folder: HeldFolder) -> int:
    """Take the lock of a job that has been told to stop; one that does not is killed."""
    begin = time.monotonic()
    killed = False
    while (held := lock.hold(folder.lock)) is None:
        waited = time.monotonic() - begin
        if waited > _STOP_SECONDS and not killed:
            killed = True
            folder.kill(folder.processes())
        if waited > 2 * _STOP_SECONDS:
            raise JobFailed(f"The job in {folder.path} does not stop.")
        time.sleep(0.02)
    return held
