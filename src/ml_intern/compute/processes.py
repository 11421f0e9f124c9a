"""Finding and ending all processes of a job that has no sandbox."""

import contextlib
import os
from pathlib import Path

import psutil


def processes_of(work: Path, root: psutil.Process | None) -> list[psutil.Process]:
    """The job's processes: the tree below `root`, and whatever else works in its folder."""
    found: dict[int, psutil.Process] = {}
    if root is not None:
        with contextlib.suppress(psutil.Error):
            found = {each.pid: each for each in (root, *root.children(recursive=True))}
    for each in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if each.pid != os.getpid() and Path(each.cwd()).is_relative_to(work):
                found[each.pid] = each
    return list(found.values())


def end_processes(work: Path, root: psutil.Process | None) -> None:
    """Kill all of the job, again and again until nothing of it is left."""
    for _ in range(100):
        left = [each for each in processes_of(work, root) if each.status() != psutil.STATUS_ZOMBIE]
        if not left:
            return
        for each in left:
            with contextlib.suppress(psutil.Error):
                each.kill()
        psutil.wait_procs(left, timeout=1)
