"""A job whose supervisor is killed or hangs: nothing of it remains, and it can go on."""

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ml_intern.compute import local
from ml_intern.compute.held import HeldFolder
from ml_intern.compute.local import LocalBackend
from ml_intern.records.jobs import JobState
from tests.compute.host import RESUMABLE, alive, eventually, job, supervisor_of, token, wait

GONE_SECONDS = 1
"""The lock is free a moment before the kernel has ended what the sandbox still held."""


def test_a_job_whose_supervisor_is_killed_is_lost_and_goes_on_in_its_folder(backend: LocalBackend) -> None:
    mark = token()
    spec = job(RESUMABLE, mark)
    handle = backend.submit(spec)
    assert eventually(lambda: list(backend.logs(handle, 0)) == ["first"])
    os.kill(supervisor_of(mark), signal.SIGKILL)
    assert eventually(lambda: backend.status(handle).state is JobState.LOST)
    assert eventually(lambda: alive(mark) == [], GONE_SECONDS)
    assert backend.find(spec.intent_id) is None
    assert backend.submit(spec) == handle
    status = wait(backend, handle)
    assert (status.state, status.launches) == (JobState.SUCCEEDED, 2)
    assert list(backend.logs(handle, 0)) == ["first", "resumed"]


def test_a_job_whose_supervisor_hangs_can_be_stopped(
    backend: LocalBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "_STOP_SECONDS", 0.5)
    mark = token()
    handle = backend.submit(job("import time; print('up', flush=True); time.sleep(60)", mark))
    assert eventually(lambda: list(backend.logs(handle, 0)))
    os.kill(supervisor_of(mark), signal.SIGSTOP)
    backend.cancel(handle)
    assert backend.status(handle).state is JobState.CANCELLED
    assert alive(mark) == []


@pytest.mark.parametrize("delay", [0, 0.01, 0.02, 0.03, 0.05])
def test_a_supervisor_killed_while_it_starts_leaves_nothing(backend: LocalBackend, delay: float) -> None:
    mark = token()
    spec = job("import time; time.sleep(60)", mark)
    handle = backend.submit(spec)
    time.sleep(delay)
    for pid in alive(f"supervisor.py\0{backend._jobs / spec.intent_id}"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: backend.status(handle).state is JobState.LOST, 5)
    assert eventually(lambda: alive(mark) == [], GONE_SECONDS)


def test_a_sandbox_that_lost_its_supervisor_before_it_was_bound_to_it_is_ended(
    backend: LocalBackend, tmp_path: Path
) -> None:
    # Bubblewrap stops where it reports on its first process, which is not bound to it yet: its pipe is full.
    stopped = tmp_path / "stopped"
    code = """
import os, sys
end, pipe = os.pipe()
os.set_inheritable(end, True)
os.set_inheritable(pipe, True)
os.write(pipe, bytes(65536))
os.execvp("bwrap", ["bwrap", "--info-fd", str(pipe), *sys.argv[1:]])
"""
    stopped.write_text(f"#!{sys.executable}\n{code}")
    stopped.chmod(0o755)
    spec = job("print('ran')")
    held = backend._prepare(spec)
    assert held is not None
    os.close(held)
    prepared = backend._jobs / spec.intent_id / "job.json"
    with_its_tool = json.loads(prepared.read_text())
    usual, with_its_tool["command"][0] = with_its_tool["command"][0], str(stopped)
    prepared.write_text(json.dumps(with_its_tool))
    handle = backend.submit(spec)
    folder = HeldFolder(backend._jobs / spec.intent_id)
    assert eventually(
        lambda: len(folder.processes()) == 3
    )  # the supervisor, bubblewrap and its first process
    (supervisor,) = alive(f"supervisor.py\0{folder.path}")
    os.kill(supervisor, signal.SIGKILL)
    assert eventually(lambda: len(folder.processes()) == 1)
    time.sleep(0.3)
    assert folder.runs(), "the first process was bound to bubblewrap: this shows nothing"
    assert backend.status(handle).state is JobState.LOST
    assert folder.processes() == []
    prepared.write_text(json.dumps(with_its_tool | {"command": [usual, *with_its_tool["command"][1:]]}))
    assert wait(backend, backend.submit(spec)).state is JobState.SUCCEEDED
