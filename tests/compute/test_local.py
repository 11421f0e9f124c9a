"""The life of a job: started once, followed, stopped, resumed, deleted."""

import os
import signal
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ml_intern.compute import transfer
from ml_intern.compute.local import LocalBackend
from ml_intern.records.jobs import JobHandle, JobState
from tests.compute.host import alive, drive, eventually, job, supervisor_of, token, wait

COUNT_UP = """
import pathlib, time
pathlib.Path("outputs").mkdir(exist_ok=True)
with open("outputs/starts", "a") as starts:
    starts.write("start\\n")
print("started", flush=True)
time.sleep({seconds})
"""


def test_a_job_gets_its_inputs_and_gives_back_outputs_and_log(backend: LocalBackend, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.txt").write_text("7")
    (tmp_path / "config.json").write_text("{}")
    code = """
import os, pathlib
os.makedirs("outputs/model")
pathlib.Path("outputs/model/weights").write_text(open("in/rows.txt").read() * 3)
os.chmod("outputs/model/weights", 0o700)
print(os.getcwd(), os.path.exists("config.json"))
"""
    inputs = {"in": str(tmp_path / "data"), "config.json": str(tmp_path / "config.json")}
    spec = job(code, inputs=inputs)
    handle = backend.submit(spec)
    status = wait(backend, handle)
    assert (status.state, status.exit_code, status.launches) == (JobState.SUCCEEDED, 0, 1)
    assert status.peak_memory_bytes > 5_000_000
    assert list(backend.logs(handle, 0)) == ["/job True"]
    assert list(backend.logs(handle, 1)) == []
    backend.fetch(handle, tmp_path / "out")
    weights = tmp_path / "out" / "model" / "weights"
    assert weights.read_text() == "777"
    assert (weights.stat().st_mode & 0o777, weights.stat().st_uid) == (0o644, os.geteuid())
    assert backend.find(spec.intent_id) == backend.submit(spec) == handle
    assert backend.status(handle).launches == 1
    backend.forget(handle)
    assert backend.find(spec.intent_id) is None
    assert backend.status(handle).state is JobState.LOST
    assert list((tmp_path / "home" / "jobs").iterdir()) == []


def test_a_failing_job_is_failed(backend: LocalBackend) -> None:
    handle = backend.submit(job("import sys; print('to stderr', file=sys.stderr); sys.exit(7)"))
    status = wait(backend, handle)
    assert (status.state, status.exit_code, status.reason) == (JobState.FAILED, 7, "ended with exit code 7")
    assert list(backend.logs(handle, 0)) == ["to stderr"]


def test_the_log_is_safe_to_read_and_to_print(backend: LocalBackend) -> None:
    code = r"""
import os
os.write(1, b"bad \xff byte\n" + b"x" * 100000 + b"\n" + b"10%\r50%\r100%\n")
os.write(1, b"\x1b[31mred\x1b[0m \x07bell\n")
os.write(1, b"no end of line")
"""
    handle = backend.submit(job(code))
    wait(backend, handle)
    lines = list(backend.logs(handle, 0))
    assert lines == ["bad � byte", "x" * 4000, "100%", "red bell", "no end of line"]


def test_a_job_that_prints_without_end_is_cut_but_goes_on(backend: LocalBackend) -> None:
    code = """
for _ in range(20):
    print("x" * (1 << 20))
import os; os.mkdir("outputs"); open("outputs/done", "w")
"""
    handle = backend.submit(job(code))
    assert wait(backend, handle).state is JobState.SUCCEEDED
    lines = list(backend.logs(handle, 0))
    assert len(lines) < 20
    assert lines[-1] == "[output beyond 16 MiB is not kept]"


def test_a_job_outlives_the_process_that_submitted_it(backend: LocalBackend, tmp_path: Path) -> None:
    spec = job(COUNT_UP.format(seconds=1))
    child = drive(tmp_path / "home" / "jobs", spec, "submit")
    assert child.stdout is not None
    assert [child.stdout.readline() for _ in range(2)] == ["ready\n", "submitted\n"]
    child.kill()
    child.communicate()
    handle = backend.find(spec.intent_id)
    assert handle is not None
    assert backend.status(handle).state is JobState.RUNNING
    assert backend.submit(spec) == handle
    status = wait(backend, handle)
    assert (status.state, status.launches) == (JobState.SUCCEEDED, 1)


@pytest.mark.parametrize("delay", [0, 0.01, 0.03, 0.05, 0.07, 0.09, 0.12])
def test_a_kill_at_any_moment_launches_once(backend: LocalBackend, tmp_path: Path, delay: float) -> None:
    spec = job(COUNT_UP.format(seconds=0))
    child = drive(tmp_path / "home" / "jobs", spec, "submit")
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(delay)
    child.kill()
    child.communicate()
    handle = backend.find(spec.intent_id) or backend.submit(spec)
    status = wait(backend, handle)
    assert (status.state, status.launches) == (JobState.SUCCEEDED, 1)
    backend.fetch(handle, tmp_path / "out")
    assert (tmp_path / "out" / "starts").read_text() == "start\n"


def test_simultaneous_submits_launch_once(backend: LocalBackend, tmp_path: Path) -> None:
    spec = job(COUNT_UP.format(seconds=0.5))
    children = [drive(tmp_path / "home" / "jobs", spec, "run") for _ in range(3)]
    with ThreadPoolExecutor() as pool:
        handles = set(pool.map(backend.submit, [spec] * 4))
    assert len(handles) == 1
    assert [child.wait(30) for child in children] == [0, 0, 0]
    for child in children:
        output, _ = child.communicate()
        assert '"succeeded"' in output
        assert '"launches": 1' in output
    assert wait(backend, handles.pop()).launches == 1


@pytest.mark.parametrize("how", ["cancel", "terminate", "forget"])
def test_a_job_can_be_stopped(backend: LocalBackend, how: str) -> None:
    mark = token()
    spec = job("import time; print('up', flush=True); time.sleep(60)", mark)
    handle = backend.submit(spec)
    assert eventually(lambda: list(backend.logs(handle, 0)))
    if how == "forget":
        backend.forget(handle)
        assert alive(mark) == []
        assert backend.find(spec.intent_id) is None
        return
    if how == "cancel":
        backend.cancel(handle)
        backend.cancel(handle)
    else:
        os.kill(supervisor_of(mark), signal.SIGTERM)
    assert wait(backend, handle).state is JobState.CANCELLED
    assert alive(mark) == []
    backend.submit(spec)
    assert backend.status(handle).state is JobState.RUNNING
    backend.forget(handle)
    assert alive(mark) == []


def test_a_prepared_job_that_never_started_can_be_cancelled(backend: LocalBackend) -> None:
    spec = job("pass")
    folder = backend._jobs / spec.intent_id
    backend._jobs.mkdir(parents=True)
    held = backend._prepare(spec)
    assert held is not None
    os.close(held)
    assert backend.find(spec.intent_id) is None
    handle = JobHandle(backend="local", job_id=spec.intent_id)
    backend.cancel(handle)
    assert backend.status(handle).state is JobState.CANCELLED
    assert not (folder / "launches").exists()


def test_leftovers_of_killed_processes_are_cleaned(backend: LocalBackend) -> None:
    old = backend._jobs / ".preparing-0123"
    (old / "work").mkdir(parents=True)
    os.utime(old, (0, 0))
    (backend._jobs / ".preparing-4567").mkdir()
    wait(backend, backend.submit(job("pass")))
    assert sorted(path.name for path in backend._jobs.glob(".*")) == [".preparing-4567"]


def test_a_folder_that_the_job_closed_or_nested_deeply_is_deleted(backend: LocalBackend) -> None:
    code = """
import os
os.makedirs("closed/inner")
open("closed/inner/file", "w")
os.chmod("closed/inner", 0)
os.chmod("closed", 0o500)
for _ in range(100):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
"""
    handle = backend.submit(job(code))
    assert wait(backend, handle).state is JobState.DISK_FULL
    backend.forget(handle)
    assert list(backend._jobs.iterdir()) == []


def test_an_environment_that_lies_in_tmp_is_seen_inside(sandbox_works: None) -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="ml-intern-test-"))
    folder.chmod(0o755)
    try:
        venv.create(folder / "env", with_pip=False, symlinks=True)
        backend = LocalBackend(folder / "home" / "jobs", python=folder / "env" / "bin" / "python")
        code = "import os, sys; print(sys.prefix); open('/tmp/x', 'w'); print(sorted(os.listdir('/tmp')))"
        handle = backend.submit(job(code))
        assert wait(backend, handle).state is JobState.SUCCEEDED
        lines = list(backend.logs(handle, 0))
        assert lines == [str(folder / "env"), str(sorted([folder.name, "x"]))]
    finally:
        transfer.remove(folder)
