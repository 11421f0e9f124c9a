"""Jobs without a sandbox: what still holds."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ml_intern.compute.unsandboxed import UnsandboxedBackend
from ml_intern.records.jobs import PACKAGES, JobState
from tests.compute.host import RESUMABLE, alive, eventually, job, token, wait

SLEEP = "import time; print('up', flush=True); time.sleep(60)"


@pytest.fixture
def backend(tmp_path: Path) -> UnsandboxedBackend:
    return UnsandboxedBackend(tmp_path / "home" / "jobs")


def keeper_of(backend: UnsandboxedBackend, intent: str) -> int:
    (pid,) = alive(f"keeper.py\0{backend._jobs / intent}")
    return pid


def test_a_job_gets_its_inputs_and_gives_back_outputs_and_log(backend, tmp_path):
    source = tmp_path / "words.txt"
    source.write_text("hello")
    code = """
import os, pathlib, sys, time
held = bytearray(50_000_000)
time.sleep(1)
pathlib.Path("outputs/deep").mkdir(parents=True)
pathlib.Path("outputs/deep/copy.txt").write_text(open("in/words.txt").read())
os.symlink("/etc/passwd", "outputs/link")
print("done \\x1b[31mred")
sys.exit(0)
"""
    handle = backend.submit(job(code, inputs={"in/words.txt": str(source)}))
    status = wait(backend, handle)
    assert (status.state, status.launches) == (JobState.SUCCEEDED, 1)
    assert status.peak_memory_bytes > 50_000_000
    assert list(backend.logs(handle, 0)) == ["done red"]
    backend.fetch(handle, tmp_path / "out")
    found = [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")]
    assert sorted(found) == ["deep", "deep/copy.txt"]


def test_no_credential_and_no_home_reach_it(backend, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    handle = backend.submit(job(code))
    assert wait(backend, handle).state is JobState.SUCCEEDED
    (line,) = backend.logs(handle, 0)
    seen = json.loads(line)
    assert not {name for name, value in seen.items() if "secret" in value}
    assert Path(seen["HOME"]).is_relative_to(backend._jobs)


def test_mounts_are_named_by_their_real_place(backend, tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "brought.py").write_text("WORD = 'brought'\n")
    (tmp_path / "config.json").write_text('{"base_model": "/models/base", "epochs": 1}')
    code = "import json, brought; print(brought.WORD, json.load(open('config.json'))['base_model'])"
    spec = job(code, inputs={"config.json": str(tmp_path / "config.json")})
    mounts = {"/models/base": str(tmp_path / "base"), PACKAGES: str(tmp_path / "packages")}
    handle = backend.submit(spec.model_copy(update={"mounts": mounts}))
    wait(backend, handle)
    assert list(backend.logs(handle, 0)) == [f"brought {tmp_path / 'base'}"]


@pytest.mark.parametrize(
    ("code", "limits", "state", "why"),
    [
        (SLEEP, {"seconds": 1}, JobState.TIMED_OUT, "1 s"),
        (
            "import time; held = bytearray(300_000_000); time.sleep(60)",
            {"memory_bytes": 150_000_000},
            JobState.OUT_OF_MEMORY,
            "150 MB",
        ),
        ("raise MemoryError", {}, JobState.OUT_OF_MEMORY, "memory"),
        (
            "import time; open('big', 'wb').write(bytes(3_000_000)); time.sleep(60)",
            {"disk_bytes": 1_000_000},
            JobState.DISK_FULL,
            "1 MB",
        ),
        ("open('big', 'wb').write(bytes(3_000_000))", {"disk_bytes": 1_000_000}, JobState.DISK_FULL, "1 MB"),
        (
            "import subprocess, sys\n"
            "for _ in range(9): subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            "import time; time.sleep(60)",
            {"processes": 5},
            JobState.FAILED,
            "5 processes",
        ),
        ("raise SystemExit(7)", {}, JobState.FAILED, "exit code 7"),
        ("import os; os.kill(os.getpid(), 9)", {}, JobState.FAILED, "signal 9"),
    ],
)
def test_limits_are_kept_and_nothing_remains(backend, code, limits, state, why):
    mark = token()
    handle = backend.submit(job(code, mark, **limits))
    status = wait(backend, handle)
    assert status.state is state
    assert why in status.reason
    assert alive(mark) == []
    assert eventually(lambda: alive(str(backend._jobs)) == [], 2)


def test_a_daemon_that_the_job_leaves_is_ended(backend):
    mark = token()
    code = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", {mark!r}], start_new_session=True,
                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
"""
    assert wait(backend, backend.submit(job(code))).state is JobState.SUCCEEDED
    assert eventually(lambda: alive(mark) == [], 1)


def test_a_job_outlives_the_process_that_submitted_it(backend):
    spec = job("import time; time.sleep(1); print('end')")
    program = (
        "import sys; from pathlib import Path\n"
        "from ml_intern.compute.unsandboxed import UnsandboxedBackend\n"
        "from ml_intern.records.jobs import JobSpec\n"
        "UnsandboxedBackend(Path(sys.argv[1])).submit(JobSpec.model_validate_json(sys.argv[2]))\n"
        "import os; os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(backend._jobs), spec.model_dump_json()], check=False)
    handle = backend.find(spec.intent_id)
    assert handle is not None
    assert backend.submit(spec) == handle
    status = wait(backend, handle)
    assert (status.state, status.launches) == (JobState.SUCCEEDED, 1)
    assert list(backend.logs(handle, 0)) == ["end"]


def test_a_killed_keeper_is_noticed_and_its_job_ended_before_it_starts_again(backend):
    mark = token()
    spec = job(RESUMABLE, mark)
    handle = backend.submit(spec)
    assert eventually(lambda: list(backend.logs(handle, 0)) == ["first"])
    os.kill(keeper_of(backend, spec.intent_id), signal.SIGKILL)
    assert eventually(lambda: backend.status(handle).state is JobState.LOST)
    (orphan,) = alive(mark)
    assert backend.submit(spec) == handle
    status = wait(backend, handle)
    assert (status.state, status.launches) == (JobState.SUCCEEDED, 2)
    assert list(backend.logs(handle, 0)) == ["first", "resumed"]
    assert orphan not in alive(mark)


@pytest.mark.parametrize("how", ["cancel", "terminate", "kill", "forget"])
def test_a_job_can_be_stopped(backend, how):
    mark = token()
    spec = job(SLEEP, mark)
    handle = backend.submit(spec)
    assert eventually(lambda: list(backend.logs(handle, 0)))
    if how == "terminate":
        os.kill(keeper_of(backend, spec.intent_id), signal.SIGTERM)
    elif how == "forget":
        backend.forget(handle)
        assert not (backend._jobs / spec.intent_id).exists()
    else:
        if how == "kill":
            os.kill(keeper_of(backend, spec.intent_id), signal.SIGKILL)
        backend.cancel(handle)
    if how != "forget":
        assert wait(backend, handle).state is JobState.CANCELLED
    assert alive(mark) == []
