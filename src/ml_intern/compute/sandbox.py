"""The bubblewrap command line for one job.

Inside there is a read-only system and interpreter, no network, no home, no other process, a small
/tmp, and one writable folder, `/job`. Not protected: the kernel itself against exploits, the time
that other programs need (a job may use every core), and whatever lies in the interpreter's folders
and in mounts, which the job can read.
"""

import hashlib
import os
import re
import resource
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from pydantic import Field

from ml_intern.compute.interpreter import Interpreter
from ml_intern.records.base import Record
from ml_intern.records.errors import ComputeRefused, SandboxMissing
from ml_intern.records.jobs import PACKAGES, Limits

JOB = "/job"
SHARED_UID = 65534
_FIRST_UID, _UIDS = 1_900_000_000, 100_000_000  # a range that neither people nor containers are given
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_FILES = ("/etc/ld.so.cache", "/etc/alternatives", "/sys/devices/system/cpu")
_RESERVED = ("/usr", *_SYSTEM, "/etc", "/proc", "/sys", "/dev", "/tmp", JOB)
_PASSED_ON = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
)
# The job begins when it is sent a line, and never if the sender dies before.
_ON_COMMAND = ("/bin/sh", "-c", 'read -r _ && exec "$@" </dev/null', "job")
_NAMESPACES = ("ipc", "pid", "net", "uts")


class Tools(Record):
    """The programs that build a sandbox, as absolute paths; `setpriv` is needed by root only."""

    bwrap: str
    prlimit: str
    setpriv: str | None


class Sandbox(Record):
    """One job as the sandbox sees it; `uid` is the user it becomes, None where we are not root."""

    work: str
    argv: tuple[str, ...]
    mounts: dict[str, str]
    limits: Limits
    uid: int | None
    links: dict[str, str] = Field(default_factory=dict)


def find_tools(root: bool) -> Tools:
    """Find the programs on this machine.

    Raises:
        SandboxMissing: one is missing.
    """
    found = {name: shutil.which(name) for name in ("bwrap", "prlimit", "setpriv")}
    if found["bwrap"] is None:
        raise SandboxMissing(
            "Jobs run in a sandbox, and its program bubblewrap (bwrap) is not installed.",
            "Install it, for example with: apt-get install bubblewrap",
        )
    missing = [name for name in ("prlimit", "setpriv") if found[name] is None and (root or name == "prlimit")]
    if missing:
        raise SandboxMissing(
            f"The sandbox needs {' and '.join(missing)}, which is not installed.",
            "Install it, for example with: apt-get install util-linux",
        )
    return Tools.model_validate(found)


def user_for(intent_id: str, uid_map: str) -> int:
    """The user id for a job that root starts: one of its own, so that jobs do not share a count.

    `uid_map` is the text of `/proc/self/uid_map`; in a container with few ids all jobs share one.
    """
    own = _FIRST_UID + int(hashlib.sha256(intent_id.encode()).hexdigest(), 16) % _UIDS
    ranges = [[int(field) for field in line.split()] for line in uid_map.splitlines()]
    return own if any(first <= own < first + count for first, _, count in ranges) else SHARED_UID


def command(
    box: Sandbox, python: Interpreter, tools: Tools, cpus: int, environment: Mapping[str, str]
) -> list[str]:
    """The complete command line: bubblewrap, the limits, the change of user, the job.

    The job begins once a line is written to its standard input.
    """
    argv = [python.executable if box.argv[0] == "python" else box.argv[0], *box.argv[1:]]
    return [
        tools.bwrap,
        *_isolation(box.uid is not None),
        *_view(box, python),
        *_environment(python, environment, box.mounts),
        *("--chdir", JOB, "--"),
        *_limits(box.limits, tools, cpus),
        *_change_user(box.uid, tools),
        *_ON_COMMAND,
        *argv,
    ]


def _isolation(root: bool) -> list[str]:
    options = ["--die-with-parent", "--new-session", "--hostname", "job"]
    options += [f"--unshare-{name}" for name in _NAMESPACES] + ["--unshare-cgroup-try"]
    if not root:
        return [*options, "--unshare-user", "--disable-userns"]
    # In a user namespace root's job would keep root's identity on the host, and RLIMIT_NPROC would
    # not bind it. So there is none, and the three capabilities last just until setpriv has run.
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
    return [*options, "--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", name))]


def _view(box: Sandbox, python: Interpreter) -> list[str]:
    """Everything that exists inside."""
    part = str(box.limits.memory_bytes // 4)
    options = ["--ro-bind", "/usr", "/usr"]
    for path in map(Path, _SYSTEM):
        if path.is_symlink():
            options += ["--symlink", str(path.readlink()), str(path)]
        else:
            options += ["--ro-bind-try", str(path), str(path)]
    shown = {path: path for path in _FILES} | _interpreter_paths(python) | box.mounts
    # First the empty /tmp, so that an interpreter that lies below the real one can be shown in it.
    options += ["--perms", "1777", "--size", part, "--tmpfs", "/tmp"]
    options += _folders([*shown, JOB])
    options += [word for inside, outside in shown.items() for word in ("--ro-bind-try", outside, inside)]
    options += [word for inside, ours in box.links.items() for word in ("--symlink", f"{JOB}/{ours}", inside)]
    options += ["--proc", "/proc", "--dev", "/dev"]
    options += ["--perms", "1777", "--size", part, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    return [*options, "--bind", box.work, JOB, "--remount-ro", "/"]


def _interpreter_paths(python: Interpreter) -> dict[str, str]:
    """What to show of the interpreter; a link that lies elsewhere is shown as the file it leads to."""
    prefixes = [path for path in python.prefixes if not _below(path, ["/usr"])]
    links = [path for path in python.links if not _below(path, ["/usr", *_SYSTEM, *prefixes])]
    return {path: path for path in prefixes} | {path: os.path.realpath(path) for path in links}


def _folders(targets: Iterable[str]) -> list[str]:
    """Make the parents of each target: those that bubblewrap makes by itself are closed to others."""
    parents = {str(p): None for target in targets for p in reversed(PurePosixPath(target).parents)}
    made = [p for p in parents if p not in ("/", "/tmp") and not _below(p, ["/usr"])]
    return [word for p in made for word in ("--perms", "0755", "--dir", p)]


def _environment(python: Interpreter, outside: Mapping[str, str], mounts: Mapping[str, str]) -> list[str]:
    inside = {
        "PATH": f"{Path(python.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/tmp",
        "USER": "job",
        "LOGNAME": "job",
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # Threads that wait actively hold the core that the thread they wait for needs: beside one other
        # busy process, a small transformer trained 50 times slower so. Alone it makes no difference.
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    inside |= {"PYTHONPATH": PACKAGES} if PACKAGES in mounts else {}
    inside |= {name: outside[name] for name in _PASSED_ON if name in outside}
    words = [word for name, value in inside.items() for word in ("--setenv", name, value)]
    return ["--clearenv", *words]


def _limits(limits: Limits, tools: Tools, cpus: int) -> list[str]:
    """Limits that the kernel keeps per process; the supervisor watches the job as a whole.

    RLIMIT_NPROC counts threads too and numerical libraries start one per core, so it leaves room for
    them and only slows a fork bomb until the supervisor has counted.
    """
    wanted = {
        "core": (resource.RLIMIT_CORE, 0),
        "data": (resource.RLIMIT_DATA, limits.memory_bytes),
        # A little more than allowed in total, so that the supervisor sees the excess and can name it.
        "fsize": (resource.RLIMIT_FSIZE, limits.disk_bytes + (1 << 20)),
        "nproc": (resource.RLIMIT_NPROC, limits.processes * (2 + cpus)),
    }
    return [tools.prlimit, *(f"--{name}={_at_most(*limit)}" for name, limit in wanted.items())]


def _at_most(kind: int, wanted: int) -> int:
    """A limit, or the lower one that we are under ourselves: that cannot be raised again."""
    _, hard = resource.getrlimit(kind)
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _change_user(uid: int | None, tools: Tools) -> list[str]:
    if uid is None or tools.setpriv is None:
        return []
    user = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return [tools.setpriv, *user, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]


def check_view(box: Sandbox, python: Interpreter, private: Path) -> None:
    """See that nothing shown inside replaces the system or lays open the folder `private`.

    Raises:
        ComputeRefused: a mount is not possible, or the interpreter lies around our own state.
    """
    for inside, outside in box.mounts.items():
        if _forbidden(inside):
            raise ComputeRefused(f"A job cannot have a folder mounted at {inside}.")
        if not Path(outside).is_dir():
            raise ComputeRefused(f"The folder {outside}, which the job needs, does not exist.")
    for inside, ours in box.links.items():
        if _forbidden(inside) or inside in box.mounts or not re.fullmatch(r"[\w.-]+", ours) or ours[0] == ".":
            raise ComputeRefused(f"A job cannot have its folder {ours} at {inside}.")
    for shown in ("/usr", *python.prefixes, *box.mounts.values()):
        if _below(str(private.resolve()), [str(Path(shown).resolve())]):
            raise ComputeRefused(
                f"Jobs would be able to read {private}: it lies inside {shown}, which they are shown.",
                "Choose another place for the state with --home.",
            )


def _forbidden(inside: str) -> bool:
    """Whether nothing of a job's may be shown there."""
    path = PurePosixPath(inside)
    return not path.is_absolute() or ".." in path.parts or len(path.parts) < 2 or _below(inside, _RESERVED)


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)
