"""The script folder of a run: a recipe's files and the config, pinned by hash."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ml_intern.records.base import FileRef, canonical_json
from ml_intern.records.errors import InternError
from ml_intern.records.training import TrainingScript
from ml_intern.training.recipes import recipe_files

FOLDER = "script"


def file_ref(path: Path, root: Path) -> FileRef:
    """Pin the file at `path` by content, named relative to `root`."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return FileRef(path=path.relative_to(root).as_posix(), sha256=sha256, bytes=path.stat().st_size)


def tree_refs(folder: Path, root: Path) -> tuple[FileRef, ...]:
    """Pin every regular file below `folder`, in order of path."""
    return tuple(file_ref(p, root) for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())


def write_script(recipe: str, config: dict[str, Any], run_folder: Path) -> TrainingScript:
    """Copy the recipe's files and `config` into the run's script folder and pin them."""
    folder = run_folder / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, source in recipe_files(recipe).items():
        (folder / name).write_bytes(source.read_bytes())
    write_config(config, folder / "config.json")
    return _pin(recipe, run_folder)


def write_config(config: dict[str, Any], path: Path) -> Path:
    """Write a config as readable JSON and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    return path


def _pin(recipe: str, run_folder: Path) -> TrainingScript:
    folder = run_folder / FOLDER
    config = json.loads((folder / "config.json").read_text())
    scripts = tuple(file_ref(path, run_folder) for path in sorted(folder.glob("*.py")))
    return TrainingScript(
        recipe=recipe,
        files=scripts,
        script_sha256=_combined(scripts),
        config=config,
        config_sha256=hashlib.sha256(canonical_json(config).encode()).hexdigest(),
    )


def script_inputs(script: TrainingScript, run_folder: Path) -> dict[str, Path]:
    """The files a job needs to run the script, by their name in the job.

    Raises:
        InternError: the folder no longer holds what was pinned.
    """
    found = _pin(script.recipe, run_folder)
    if (found.script_sha256, found.config_sha256) != (script.script_sha256, script.config_sha256):
        raise InternError(
            "The script folder was changed after the script was drafted.",
            f"Restore {run_folder / FOLDER}, or start a new run.",
        )
    names = [*(Path(file.path).name for file in script.files), "config.json"]
    return {name: run_folder / FOLDER / name for name in names}


def _combined(files: Iterable[FileRef]) -> str:
    return hashlib.sha256("".join(f"{f.path}:{f.sha256}\n" for f in files).encode()).hexdigest()
