"""Ways out of the sandbox, each tried from inside a job and, as a control, in a job without a sandbox.

    python -m benchmarks.escape

A way that fails in both shows nothing, so the record counts it apart: it needs what is not there. None may
work inside. The ways that would harm the machine without a sandbox (a fork bomb, filling memory and disk, a
daemon, ignoring the time limit) are tried inside only, in `tests/compute/test_limits.py`.
"""

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import ml_intern
from benchmarks.command import keep
from ml_intern.compute.backends import open_backend
from ml_intern.records.jobs import LOCAL, UNSANDBOXED, JobSpec, Limits

SECRET = "the-secret-of-the-host"
PACKAGE = Path(ml_intern.__file__).parent
TRY = """
import ctypes, fcntl, json, os, pathlib, socket, subprocess, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def read(path):
    return {secret!r} in pathlib.Path(path).read_text(errors="replace")
def write(path):
    with open(path, "a") as file:
        file.write("owned")
    return True
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as made:
        made.settimeout(2)
        made.connect(address)
        return made.send(b"out") == 3
def anywhere():
    for place in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if {secret!r}.encode() in place.read_bytes():
                return True
        except OSError:
            pass
    return False
def trace(pid):
    if libc.ptrace(16, pid, 0, 0):
        return False
    time.sleep(0.1)  # until it has stopped, it cannot be let go
    libc.ptrace(17, pid, 0, 0)
    return True
def mount():
    os.mkdir("mounted")
    return libc.mount(b"none", b"mounted", b"tmpfs", 0, 0) == 0 and libc.umount(b"mounted") == 0
def child(code):
    return subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL).returncode == 0
def open_for_writing(path):
    os.close(os.open(path, os.O_WRONLY))
    return True
found = {{}}
for name, way in json.loads({ways!r}).items():
    try:
        found[name] = bool(eval(way))
    except BaseException:
        found[name] = False
print(json.dumps(found))
"""


def ways(host: dict[str, Any]) -> dict[str, str]:
    """By name: an expression that is true where it got out."""
    home, pid, port, six = host["home"], host["pid"], host["port"], host["six"]
    return {
        "read the Hub's token in the home folder": f"read('{home}/.cache/huggingface/token')",
        "read a key of ssh": f"read('{home}/.ssh/id_ed25519')",
        "read the sealed test labels": f"read('{home}/runs/r/sealed/test.parquet')",
        "read the state database": f"read('{home}/state.db')",
        "read the files of another job": f"read('{home}/other-job/train.parquet')",
        "list the home folder": f"'runs' in os.listdir('{home}')",
        "read a token in our environment": f"'HF_TOKEN' in pathlib.Path('/proc/{pid}/environ').read_text()",
        "find a token in any process's environment": "anywhere()",
        "read a token in its own environment": f"{SECRET!r} in str(os.environ)",
        "read another process's memory map": f"bool(pathlib.Path('/proc/{pid}/maps').read_text())",
        "see another process's command line": f"b'sleep' in pathlib.Path('/proc/{pid}/cmdline').read_bytes()",
        "reach files through another process's root": f"read('/proc/{pid}/root{home}/state.db')",
        "reach files through another process's folder": f"os.listdir('/proc/{pid}/cwd')",
        "reach files through /proc/1/root": f"read('/proc/1/root{home}/state.db')",
        "read the shadow file": "bool(pathlib.Path('/etc/shadow').read_text())",
        "write into the home folder": f"write('{home}/written')",
        "write into the product": f"write('{host['package']}/owned-{pid}.txt')",
        "write beside temporary files of the host": f"write('{home}/../beside-{pid}')",
        "change a script of the run": f"write('{home}/runs/r/script/train.py')",
        "make a hard link to a secret": f"os.link('{home}/state.db', 'linked') or read('linked')",
        "follow a symbolic link to a secret": f"os.symlink('{home}/state.db', 'soft') or read('soft')",
        "connect to a port of the host": f"connect(socket.AF_INET, ('127.0.0.1', {port}))",
        "connect to a port over IPv6": f"connect(socket.AF_INET6, ('::1', {six}))" if six else "False",
        "connect to a socket file": f"connect(socket.AF_UNIX, '{home}/socket')",
        "connect to an abstract socket": f"connect(socket.AF_UNIX, chr(0) + {host['abstract']!r})",
        "open a raw socket": "bool(socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))",
        "open a packet socket": "bool(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3))",
        "see the host's network devices": "len(os.listdir('/sys/class/net')) > 1",
        "signal a process of the host": f"os.kill({pid}, 0) is None",
        "trace a process of the host": f"trace({pid})",
        "change its priority": f"os.setpriority(os.PRIO_PROCESS, {pid}, 5) is None",
        "take a file of another process": f"libc.syscall(438, libc.syscall(434, {pid}, 0), 1, 0) >= 0",
        "mount a file system": "mount()",
        "make a user namespace": "child('import ctypes; assert not ctypes.CDLL(None).unshare(0x10000000)')",
        "change the root folder": "child('import os; os.chroot(\"/tmp\")')",
        "make a device": "os.mknod('device', 0o600 | 0o020000, os.makedev(1, 3)) is None",
        "change a setting of the kernel": "open_for_writing('/proc/sys/kernel/core_pattern')",
        "type into the user's terminal": "fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x') == 0",
        "see many processes": "sum(name.isdigit() for name in os.listdir('/proc')) > 10",
    }


@contextmanager
def a_host(folder: Path) -> Iterator[dict[str, Any]]:
    """Things worth reaching: secrets in a home folder, services, a process with a token."""
    home = folder / "home"
    secrets = (
        ".cache/huggingface/token", ".ssh/id_ed25519", "runs/r/sealed/test.parquet", "state.db",
        "other-job/train.parquet", "runs/r/script/train.py",
    )  # fmt: skip
    for name in secrets:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(SECRET)
    with ExitStack() as held:
        server = held.enter_context(socket.create_server(("127.0.0.1", 0)))
        six = held.enter_context(_six()) if _has_six() else None
        file, abstract = (held.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        name = f"ml-intern-escape-{os.getpid()}"
        file.bind(str(home / "socket"))
        abstract.bind("\0" + name)
        file.listen()
        abstract.listen()
        variables = {"PATH": os.environ["PATH"], "HF_TOKEN": SECRET}
        victim = subprocess.Popen(["sleep", "600"], env=variables, cwd=home)
        try:
            yield {
                "home": str(home), "pid": victim.pid, "port": server.getsockname()[1],
                "six": six.getsockname()[1] if six else 0, "abstract": name,
                "package": str(PACKAGE),
            }  # fmt: skip
        finally:
            victim.kill()
            victim.wait()
            (PACKAGE / f"owned-{victim.pid}.txt").unlink(missing_ok=True)


def _six() -> socket.socket:
    return socket.create_server(("::1", 0), family=socket.AF_INET6)


def _has_six() -> bool:
    try:
        _six().close()
    except OSError:
        return False
    return True


def tried(place: str, state: Path, host: dict[str, Any]) -> dict[str, bool]:
    """Which ways lead out of a job on the backend `place`, whose folder is `state`."""
    code = TRY.format(secret=SECRET, ways=json.dumps(ways(host)))
    backend = open_backend(place, state)
    job = JobSpec(
        intent_id=f"escape-{place}-{os.getpid()}", run="escape", purpose="escape",
        argv=("python", "-c", code), inputs={}, limits=Limits(seconds=120),
    )  # fmt: skip
    handle = backend.submit(job)
    try:
        while not backend.status(handle).state.ended:
            time.sleep(0.05)
        lines = list(backend.logs(handle, 0))
        found: dict[str, bool] = json.loads(lines[-1])
        return found
    finally:
        backend.forget(handle)


def compare(folder: Path) -> dict[str, dict[str, bool]]:
    """Each way, inside the sandbox and without one."""
    with a_host(folder) as host:
        inside = tried(LOCAL, folder / "inside", host)
        outside = tried(UNSANDBOXED, folder / "outside", host)
    return {name: {"sandbox": inside[name], "without": outside[name]} for name in inside}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="escape-") as folder:
        found = compare(Path(folder))
    for name, each in found.items():
        control = "control works" if each["without"] else "–"
        print(f"{'OUT' if each['sandbox'] else 'held':<5}{control:<15}{name}")
    keep("escape", {"ways": found, "as_root": os.geteuid() == 0})


if __name__ == "__main__":
    main()
