"""Runs a script in a process of its own, forked from one that has imported what such scripts need.

Importing torch and its friends takes seconds, a fork milliseconds. What fails in a fork fails as it would in
a fresh interpreter; its traceback only begins with the frames of multiprocessing.
"""

import multiprocessing
import os
import resource
import runpy
import subprocess
import sys
import warnings
from multiprocessing import forkserver
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

PRELOADED = ["polars", "safetensors.numpy", "sklearn.feature_extraction.text", "sklearn.linear_model"]
PRELOADED += ["sklearn.metrics", "torch", "transformers.models.auto.modeling_auto"]
PRELOADED += ["transformers.models.auto.tokenization_auto", "transformers.models.bert.modeling_bert"]
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "HF_HUB_OFFLINE": "1",
               "TOKENIZERS_PARALLELISM": "false"}  # fmt: skip
SECONDS = 100
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(PRELOADED)


def python(
    folder: Path, script: str, *arguments: str, room: int | None = None, strict: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run a script that lies in the folder. `room` are the bytes of memory it may take.

    If it is to be `strict`, it fails where it warns.
    """
    with patch.dict(os.environ, ENVIRONMENT):  # libraries read it when they are imported
        forkserver.ensure_running()
    with TemporaryDirectory() as place:
        streams = Path(place, "stdout"), Path(place, "stderr")
        how = (str(folder), (script, *arguments), streams, room, strict)
        process = FORKS.Process(target=_run, args=how)
        process.start()
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        said = [path.read_text() for path in streams]
        return subprocess.CompletedProcess((script, *arguments), process.exitcode or 0, *said)


def _run(
    folder: str, words: tuple[str, ...], streams: tuple[Path, Path], room: int | None, strict: bool
) -> None:
    os.chdir(folder)
    for number, path in enumerate(streams, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    if room:
        taken = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (taken + room, taken + room))
    sys.path.insert(0, folder)
    sys.argv = list(words)
    warnings.simplefilter("error" if strict else "default")
    runpy.run_path(words[0], run_name="__main__")
