"""The system calls that a job may not make, as a filter for bubblewrap's `--seccomp`.

It closes what namespaces leave open: user namespaces (in which a job could mount memory that nobody
counts), kinds of socket that reach beyond the network namespace (a virtual machine's host through
vsock), io_uring (which makes calls past any filter), the kernel's keyrings, and memory that belongs
to no process.
"""

import errno
import struct

from ml_intern.records.errors import ComputeRefused

# Classic BPF: operation codes, offsets into struct seccomp_data, actions (linux/bpf_common.h, seccomp.h).
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_X32 = 0x40000000
_CLONE_NEWUSER = 0x10000000
_SOCKETS = (1, 2, 10, 16)  # unix, inet, inet6, netlink

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CALLS = {
    "x86_64": {"socket": 41, "clone": 56, "unshare": 272},
    "aarch64": {"socket": 198, "clone": 220, "unshare": 97},
}
# shmget, add_key, request_key, keyctl, perf_event_open, setns, bpf, userfaultfd; then those with one
# number everywhere: io_uring_setup, clone3 (whose flags a filter cannot see), memfd_secret.
_EVERYWHERE = (425, 435, 447)
_REFUSED = {
    "x86_64": (29, 248, 249, 250, 298, 308, 321, 323, *_EVERYWHERE),
    "aarch64": (194, 217, 218, 219, 241, 268, 280, 282, *_EVERYWHERE),
}


def program(machine: str) -> bytes:
    """The filter for a machine as `platform.machine()` calls it.

    Raises:
        ComputeRefused: the numbers of its system calls are not known here.
    """
    if machine not in _CALLS:
        raise ComputeRefused(f"The sandbox is not available on {machine}, only on {' and '.join(_CALLS)}.")
    calls = _CALLS[machine]
    missing = _FAIL | errno.ENOSYS  # what callers take as a reason to do without
    steps = [
        *(_step(_LOAD, _ARCHITECTURE), _step(_EQUAL, _ARCHITECTURES[machine], 1, 0), _step(_RETURN, missing)),
        *(_step(_LOAD, _NUMBER), _step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, missing)),
    ]
    for number in _REFUSED[machine]:
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, missing)]
    for name in ("clone", "unshare"):
        steps += _on_argument(calls[name], [_step(_ANY_BIT, _CLONE_NEWUSER, 0, 1)], errno.EPERM)
    known = [_step(_EQUAL, kind, len(_SOCKETS) - at, 0) for at, kind in enumerate(_SOCKETS)]
    steps += _on_argument(calls["socket"], known, errno.EAFNOSUPPORT)
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """One instruction; the last two say how many of the following to skip."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def _on_argument(number: int, tests: list[bytes], error: int) -> list[bytes]:
    """Fail call `number` with `error` unless `tests` on its first argument skip over the failure."""
    body = [_step(_LOAD, _FIRST_ARGUMENT), *tests, _step(_RETURN, _FAIL | error), _step(_LOAD, _NUMBER)]
    return [_step(_EQUAL, number, 0, len(body)), *body]
