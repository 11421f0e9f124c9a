"""Files going into a job's folder, and deleting what a job leaves."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ml_intern.records.errors import ComputeRefused


def files_below(path: Path) -> Iterator[tuple[str, Path]]:
    """The files of an input, with their names below it, in order; a file has the name "".

    Raises:
        ComputeRefused: `path` is missing, or holds something that is neither file nor folder.
    """
    if path.is_file():
        yield "", path
        return
    if not path.is_dir():
        raise ComputeRefused(f"The job needs {path}, which does not exist.")
    for found in sorted(path.rglob("*")):
        if found.is_symlink() or not (found.is_file() or found.is_dir()):
            raise ComputeRefused(
                f"{found} is not an ordinary file, and a job is only given ordinary files.",
                "Put the file itself in its place.",
            )
        if found.is_file():
            yield found.relative_to(path).as_posix(), found


def copy_in(inputs: dict[str, str], work: Path) -> None:
    """Copy each input to its place below `work`.

    Raises:
        ComputeRefused: a place lies outside, or an input cannot be given to a job.
    """
    for place, source in inputs.items():
        relative = PurePosixPath(place)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            raise ComputeRefused(f"A job cannot be given a file at {place}.")
        for name, file in files_below(Path(source)):
            target = work / relative / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        if Path(source).is_dir():
            (work / relative).mkdir(parents=True, exist_ok=True)


def copy_tree(source: Path, into: Path) -> None:
    """Copy the regular files below `source` to the new folder `into`; links are left out."""

    def links(folder: str, names: list[str]) -> list[str]:
        return [name for name in names if Path(folder, name).is_symlink()]

    shutil.copytree(source, into, ignore=links)


def remove(folder: Path) -> None:
    """Delete a folder whatever a job made of it: closed to us, or nested deeper than a path can be."""
    if not folder.exists():
        return
    if shutil.which("rm") is None:  # Windows, where jobs have no sandbox and nothing is closed to us
        shutil.rmtree(folder)
        return
    # Neither follows links, and both walk without ever building a long path.
    subprocess.run(["chmod", "-R", "u+rwx", "--", folder], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["rm", "-rf", "--", folder], check=True)
