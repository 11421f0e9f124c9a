"""Runs a script in a process of its own, forked from one that has imported what such scripts need.

Importing torch and its friends takes seconds, a fork milliseconds. What fails in a fork fails as it would in
a fresh interpreter; its traceback only begins with the frames of multiprocessing.
"""

import multiprocessing
import os
import resource
import runpy
import sys
from pathlib import Path

PRELOADED = ["polars", "sklearn.metrics", "torch", "transformers.models.bert.modeling_bert"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "HF_HUB_OFFLINE": "1",
               "TOKENIZERS_PARALLELISM": "false"}  # fmt: skip
SECONDS = 100
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(PRELOADED)


def launch(folder: Path, room: int | None = None) -> tuple[int, tuple[str, ...]]:
    """Run train.py in the folder; its exit code and its log. `room` are the bytes of memory it may take."""
    process = FORKS.Process(target=_run, args=(str(folder), room))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode or 0, tuple((folder / "log.txt").read_text().splitlines())


def _run(folder: str, room: int | None) -> None:
    os.chdir(folder)
    log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    if room:
        taken = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (taken + room, taken + room))
    sys.path.insert(0, folder)
    sys.argv = ["train.py", "config.json"]
    runpy.run_path("train.py", run_name="__main__")
