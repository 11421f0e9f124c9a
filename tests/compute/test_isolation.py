"""What a job cannot see, reach or change, tried from inside."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ml_intern.compute.local import LocalBackend
from ml_intern.records.jobs import JobState
from tests.compute.host import SECRET, Host, job, token, wait

TRY = """
import os, socket, sys, ctypes, signal
def attempt(name, action):
    try:
        print(name, "->", "GOT", action())
    except (OSError, ValueError) as error:
        print(name, "->", "refused")
"""


def refused(host: Host, *attempts: str) -> None:
    """Each attempt, an expression, must raise inside the sandbox."""
    code = TRY + "\n".join(f"attempt({text!r}, lambda: {text})" for text in attempts)
    ended = host.run(job(code))
    assert ended.status.state is JobState.SUCCEEDED, ended.lines
    assert ended.lines == [f"{text} -> refused" for text in attempts]


def test_files_of_the_host(host: Host) -> None:
    sealed = host.folder / "run" / "sealed"
    sealed.mkdir(parents=True)
    (sealed / "test.parquet").write_text(SECRET)
    sealed.chmod(0o755)
    paths = [
        sealed / "test.parquet",
        Path("/root/.bashrc"),
        Path("/home"),
        Path("/etc/passwd"),
        Path("/etc/shadow"),
        Path("/proc/1/root/etc/passwd"),
        Path(f"/proc/1/root{sealed}/test.parquet"),
        Path("/proc/self/cwd/../../job.json"),
        Path("../job.json"),
        Path(f"/proc/{os.getpid()}/environ"),
        Path(__file__),
        Path("/var"),
        Path("/run"),
    ]
    # The interpreter is shown at its own place: the names of the folders above it are no secret to a job.
    paths = [path for path in paths if not Path(sys.prefix).is_relative_to(path)]
    refused(
        host,
        *(f"os.listdir({str(p)!r}) if os.path.isdir({str(p)!r}) else open({str(p)!r}).read()" for p in paths),
    )


def test_folders_on_the_way_to_the_interpreter_show_nothing_else(host: Host) -> None:
    above = [str(path) for path in Path(sys.base_prefix).parents if path != Path("/")]
    ended = host.run(job(f"import os; print([os.listdir(p) for p in {above!r} if os.path.isdir(p)])"))
    listings = eval(ended.lines[0])
    assert all(len(names) <= 2 or "bin" in names for names in listings), listings


def test_environment_and_other_processes(host: Host) -> None:
    code = """
import os, pathlib
print(sorted(os.environ))
pids = [pid for pid in os.listdir("/proc") if pid.isdigit()]
print(len(pids))
found = b""
for pid in pids:
    try:
        found += pathlib.Path("/proc", pid, "environ").read_bytes()
    except OSError:
        pass
print(b"HF_TOKEN" in found, b"SECRET".lower() in found, b"PYTHONPATH" in found)
"""
    ended = host.run(job(code))
    assert set(eval(ended.lines[0])) - {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS"} == {
        "HF_HUB_OFFLINE", "HOME", "LANG", "LOGNAME", "OMP_WAIT_POLICY", "PATH", "PWD",
        "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "TOKENIZERS_PARALLELISM", "USER",
    }  # fmt: skip
    assert int(ended.lines[1]) <= 3
    assert ended.lines[2] == "False False False"


def test_no_descriptor_of_ours_is_left_open(host: Host) -> None:
    ended = host.run(job("import os; print(sorted(os.listdir('/proc/self/fd')))"))
    assert ended.lines == ["['0', '1', '2', '3']"]  # the fourth is the listing itself


def test_writing(host: Host) -> None:
    places = [
        "/x",
        "/usr/x",
        "/etc/x",
        "/dev/x",
        "/bin/x",
        "/sys/x",
        sys.base_prefix + "/x",
        "/home",
        "/root/x",
    ]
    settings = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/kernel/hostname"]
    # Opening for writing is what counts: with the capability it would work even for root's files.
    refused(host, *(f"os.open({path!r}, os.O_WRONLY | os.O_CREAT)" for path in places + settings))


def test_processes_of_the_host_cannot_be_touched(host: Host) -> None:
    libc = "ctypes.CDLL(None, use_errno=True)"
    fails = "(_ for _ in ()).throw(OSError())"
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        refused(
            host,
            f"os.kill({victim.pid}, signal.SIGKILL)",
            f"{libc}.ptrace(16, {victim.pid}, 0, 0) == 0 or next({fails})",
            f"{libc}.mount(b'none', b'/tmp', b'tmpfs', 0, 0) == 0 or next({fails})",
            f"{libc}.unshare(0x10000000) == 0 or next({fails})",
            f"{libc}.syscall(435, 0, 0) == 0 or next({fails})",
            f"{libc}.chroot(b'/tmp') == 0 or next({fails})",
            f"{libc}.setuid(0) == 0 and os.getuid() == 0 or next({fails})",
            "os.mknod('device', 0o600 | 0o060000, 0x0800)",
        )
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


def test_no_capability_is_left(host: Host) -> None:
    ended = host.run(job("print(*(l for l in open('/proc/self/status') if l[:3] in ('Cap', 'NoN')), sep='')"))
    values = dict(line.split(":\t") for line in ended.lines if line)
    assert values.pop("NoNewPrivs") == "1"
    if host.user is None and os.geteuid() == 0:
        assert set(values.values()) == {"0000000000000000"}
    else:
        values.pop("CapBnd")  # of a user namespace in which nothing can be gained
        assert set(values.values()) == {"0000000000000000"}


def test_network(host: Host) -> None:
    name = token()
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.socket(socket.AF_UNIX) as abstract,
    ):
        abstract.bind("\0" + name)
        abstract.listen()
        port = server.getsockname()[1]
        refused(
            host,
            f"socket.create_connection(('127.0.0.1', {port}), 2)",
            "socket.create_connection(('1.1.1.1', 53), 2)",
            "socket.create_connection(('169.254.169.254', 80), 2)",
            "socket.getaddrinfo('huggingface.co', 443)",
            "socket.socket(socket.AF_VSOCK)",
            f"socket.socket(socket.AF_UNIX).connect({chr(0) + name!r})",
        )


def test_links_and_devices_among_the_outputs_are_not_followed(backend: LocalBackend, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "token").write_text(SECRET)
    code = f"""
import os, socket
os.makedirs("outputs/real")
open("outputs/real/kept", "w").write("kept")
os.symlink({str(secret / "token")!r}, "outputs/link")
os.symlink({str(secret)!r}, "outputs/real/folder")
os.symlink("/proc/self/environ", "outputs/environ")
os.mkfifo("outputs/fifo")
socket.socket(socket.AF_UNIX).bind("outputs/socket")
os.link("outputs/real/kept", "outputs/second")
"""
    handle = backend.submit(job(code))
    assert wait(backend, handle).state is JobState.SUCCEEDED
    backend.fetch(handle, tmp_path / "out")
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*"))
    assert names == ["real", "real/kept", "second"]
    assert (tmp_path / "out" / "second").stat().st_nlink == 1
    with pytest.raises(FileExistsError):
        backend.fetch(handle, tmp_path / "out")


def test_outputs_that_are_a_link_as_a_whole_are_not_followed(backend: LocalBackend, tmp_path: Path) -> None:
    handle = backend.submit(job("import os; os.symlink('/etc', 'outputs')"))
    wait(backend, handle)
    backend.fetch(handle, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_no_more_is_fetched_than_the_disk_limit_allows(backend: LocalBackend, tmp_path: Path) -> None:
    code = """
import os
os.mkdir("outputs")
for name in "abc":
    with open(f"outputs/{name}", "wb") as file:
        file.truncate(40_000_000)
"""
    handle = backend.submit(job(code, disk_bytes=100_000_000))
    assert wait(backend, handle).state is JobState.DISK_FULL
    backend.fetch(handle, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "b"]
