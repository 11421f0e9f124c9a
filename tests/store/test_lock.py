"""Who drives a run, asked without getting in the way."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ml_intern.store.lock import driver, run_lock


def test_the_driver_is_the_living_process_that_holds_the_run(tmp_path: Path) -> None:
    assert driver(tmp_path) is None
    with run_lock(tmp_path, "r"):
        assert driver(tmp_path) == os.getpid()
    assert driver(tmp_path) is None


def test_neither_a_dead_process_nor_another_of_its_number_is_the_driver(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    owner = tmp_path / "owner"
    owner.write_text(str(process.pid))
    assert driver(tmp_path) == process.pid
    long_ago = time.time() - 1000
    os.utime(owner, (long_ago, long_ago))
    assert driver(tmp_path) is None, "that process began after the lock was taken"
    os.utime(owner)
    process.kill()
    process.wait()
    assert driver(tmp_path) is None
    owner.write_text("nonsense")
    assert driver(tmp_path) is None
