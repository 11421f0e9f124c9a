"""Runs a job's program on a rented machine: `python launch.py INPUTS OUTPUTS PROGRAM ARGUMENTS…`.

INPUTS is a read-only folder, OUTPUTS one that outlives the machine. The program works in a folder of its
own with a copy of the inputs; what it leaves below `outputs/` is copied to OUTPUTS every minute and at its
end, so that a job that was stopped goes on from its last checkpoint when it is started again. Needs nothing
but Python.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

EVERY = 60.0


def copy_changed(source: Path, target: Path) -> None:
    """Copy the files below `source` that `target` lacks or has otherwise; each appears whole or not."""
    for found in sorted(source.rglob("*")):
        place = target / found.relative_to(source)
        if found.is_symlink() or not found.is_file():
            continue
        try:
            size, time = found.stat().st_size, found.stat().st_mtime
            if place.is_file() and place.stat().st_size == size and place.stat().st_mtime >= time:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            partial = place.with_name(f".{place.name}.partial")
            shutil.copy2(found, partial)
            partial.replace(place)
        except FileNotFoundError:  # the program has replaced it meanwhile
            continue


def main() -> int:
    """Run the program; its exit code is ours."""
    inputs, kept, *argv = sys.argv[1:]
    here = Path.cwd() if os.access(Path.cwd(), os.W_OK) else Path(tempfile.gettempdir())
    work = here / "work"
    shutil.copytree(inputs, work, dirs_exist_ok=True)
    outputs = work / "outputs"
    outputs.mkdir(exist_ok=True)
    if Path(kept).is_dir():
        copy_changed(Path(kept), outputs)
    argv = [sys.executable if word == "python" else word for word in argv]
    over = threading.Event()

    def keep() -> None:
        while not over.wait(EVERY):
            copy_changed(outputs, Path(kept))

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    ended = subprocess.run(argv, cwd=work, stdin=subprocess.DEVNULL, check=False)
    over.set()
    keeper.join()
    copy_changed(outputs, Path(kept))
    if ended.returncode < 0:
        print(f"the program was ended by signal {-ended.returncode}", flush=True)
        return 1
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
