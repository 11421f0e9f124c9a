"""Every limit ends the whole job, names itself, and leaves nothing running."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ml_intern.compute import measure
from ml_intern.records.jobs import JobState
from tests.compute.host import Host, alive, job, token

MB = 1_000_000

HOG = """
import time
held = []
while True:
    held.append(bytearray(10_000_000))
    time.sleep(0.005)
"""
MANY_HOGS = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        held = bytearray(120_000_000)
        time.sleep(60)
time.sleep(60)
"""
MEMFD_HOG = """
import os, time
files = [os.memfd_create(f"f{n}") for n in range(40)]
for file in files:
    os.write(file, bytes(20_000_000))
    time.sleep(0.02)
time.sleep(60)
"""
TMP_HOG = """
import time
for n in range(2):
    for folder in ("/tmp", "/dev/shm"):
        with open(f"{folder}/{n}", "wb") as file:
            file.write(bytes(30_000_000))
held = bytearray(220_000_000)
time.sleep(60)
"""
TMP_FULL = """
with open("/tmp/x", "wb") as file:
    while True:
        file.write(bytes(10_000_000))
"""
FORK_BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(0.2)
"""
DISK = """
n = 0
while True:
    n += 1
    with open(f"file{n}", "wb") as file:
        file.write(bytes(5_000_000))
"""
ONE_FILE = """
import time
try:
    with open("file", "wb") as file:
        while True:
            file.write(bytes(1_000_000))
except OSError:
    time.sleep(60)
"""
HIDDEN_FILES = """
import os, time
files = []
for n in range(10):
    files.append(open("file", "wb", buffering=0))
    os.unlink("file")
    files[-1].write(bytes(10_000_000))
os.mkdir("closed")
os.chmod("closed", 0)
time.sleep(60)
"""
CLOSED_FOLDER = """
import os, time
os.mkdir("closed")
for n in range(10):
    with open(f"closed/{n}", "wb") as file:
        file.write(bytes(10_000_000))
    os.chmod("closed", 0)
    os.chmod("closed", 0o700)
os.chmod("closed", 0)
time.sleep(60)
"""


def check(host: Host, code: str, state: JobState, reason: str, **limits: int) -> None:
    mark = token()
    ended = host.run(job(code, mark, **limits))
    assert (ended.status.state, ended.status.reason) == (state, reason), ended.lines
    assert alive(mark) == []
    assert ended.status.seconds < 20


def test_time(host: Host) -> None:
    reason = "did not end within 1 s"
    check(host, "import time; time.sleep(60)", JobState.TIMED_OUT, reason, seconds=1)


def test_time_of_a_job_that_closes_its_output_and_ignores_signals(host: Host) -> None:
    code = """
import os, signal, time
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_IGN)
os.closerange(0, 3)
time.sleep(60)
"""
    check(host, code, JobState.TIMED_OUT, "did not end within 1 s", seconds=1)


def test_memory_of_one_process(host: Host) -> None:
    reason = "asked for more than the 300 MB of memory it may use"
    check(host, HOG, JobState.OUT_OF_MEMORY, reason, memory_bytes=300 * MB)


@pytest.mark.parametrize("code", [MANY_HOGS, MEMFD_HOG, TMP_HOG], ids=["processes", "memfd", "tmpfs"])
def test_memory_of_the_whole_job(host: Host, code: str) -> None:
    check(host, code, JobState.OUT_OF_MEMORY, "used more than 300 MB of memory", memory_bytes=300 * MB)


def test_temporary_files_are_bounded(host: Host) -> None:
    ended = host.run(job(TMP_FULL, memory_bytes=300 * MB))
    assert ended.status.state is JobState.FAILED
    assert "No space left on device" in ended.lines[-1]


def test_a_fork_bomb(host: Host) -> None:
    check(host, FORK_BOMB, JobState.FAILED, "started more than 30 processes", processes=30)


def test_a_daemon_ends_with_its_job(host: Host) -> None:
    check(host, DAEMON, JobState.SUCCEEDED, "")


@pytest.mark.parametrize(
    "code",
    [DISK, ONE_FILE, HIDDEN_FILES, CLOSED_FOLDER],
    ids=["many files", "one file", "deleted files", "closed folder"],
)
def test_disk(host: Host, code: str) -> None:
    reason = "wrote more than 50 MB to its folder"
    check(host, code, JobState.DISK_FULL, reason, disk_bytes=50 * MB)


def test_disk_used_in_the_last_moment(host: Host) -> None:
    code = "for n in range(2): open(f'f{n}', 'wb').write(bytes(30_000_000))"
    check(host, code, JobState.DISK_FULL, "wrote more than 50 MB to its folder", disk_bytes=50 * MB)


def test_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the sum itself: to make a hundred thousand files takes long."""
    monkeypatch.setattr(measure, "MOST_FILES", 20)
    for number in range(15):
        (tmp_path / f"folder{number}").mkdir()
    disk = measure.Disk(tmp_path, most=1 << 30)
    assert disk.excess(0, 10) == ""
    assert disk.excess(1 << 31, 10) == "wrote more than 1 GiB to its folder"
    for number in range(6):
        (tmp_path / "folder3" / f"file{number}").touch()
    disk.restart()
    assert disk.excess(0, 10) == "made more than 20 files, or folders 64 deep"


def test_a_large_folder_is_added_up_a_little_at_a_time(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"file{number}").write_bytes(bytes(1000))
    disk = measure.Disk(tmp_path, most=100_000)
    answers = [disk.excess(0, seconds=0) for _ in range(100)]
    assert answers[0] == ""
    assert "wrote more than 100000 bytes to its folder" in answers


def test_two_jobs_do_not_share_a_count_of_processes(host: Host) -> None:
    """Together they have more tasks than the kernel lets one user have under either's limit."""
    code = """
import os, threading, time
tasks = int(os.popen("prlimit --nproc --noheadings --output SOFT").read()) * 2 // 3
threads = [threading.Thread(target=time.sleep, args=(1.5,)) for _ in range(tasks)]
for thread in threads:
    thread.start()
"""
    jobs = [job(code, processes=20, memory_bytes=8_000_000_000) for _ in range(2)]
    with ThreadPoolExecutor() as pool:
        states = [ended.status.state for ended in pool.map(host.run, jobs)]
    assert states == [JobState.SUCCEEDED] * 2
