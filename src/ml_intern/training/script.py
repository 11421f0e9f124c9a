"""The script folder of a run: a recipe's files and the config, pinned by hash."""

import difflib
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ml_intern.records.base import FileRef, canonical_json
from ml_intern.records.errors import InternError
from ml_intern.records.training import Repair, TrainingScript
from ml_intern.training.recipes import recipe_files

FOLDER = "script"
MOST_REPAIRS = 5
"""So many bugs of one script are mended; then it is given up."""
PACKAGES = "packages"
"""The folder of a run for packages that its script asked for."""


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


def read_scripts(script: TrainingScript, run_folder: Path) -> dict[str, str]:
    """The texts of the scripts by name."""
    return {Path(f.path).name: (run_folder / f.path).read_text(encoding="utf-8") for f in script.files}


def rewrite_script(
    script: TrainingScript,
    run_folder: Path,
    files: Mapping[str, str],
    config: Mapping[str, Any],
    packages: Sequence[str],
    repairs: Sequence[Repair],
) -> TrainingScript:
    """Write changed scripts and settings into the run's script folder and pin them all again."""
    folder = run_folder / FOLDER
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_config(script.config | dict(config), folder / "config.json")
    pinned = _pin(script.recipe, run_folder)
    return pinned.model_copy(update={"packages": tuple(packages), "repairs": tuple(repairs)})


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """A unified diff between two sets of files: texts, or settings as JSON."""
    lines: list[str] = []
    for name in sorted({*before, *after}):
        old, new = (_lines(files.get(name, "")) for files in (before, after))
        lines += difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _lines(content: Any) -> list[str]:
    text = content if isinstance(content, str) else json.dumps(content, indent=2, sort_keys=True)
    return text.splitlines()


def _pin(recipe: str, run_folder: Path) -> TrainingScript:
    folder = run_folder / FOLDER
    config = json.loads((folder / "config.json").read_text())
    scripts = tuple(file_ref(path, run_folder) for path in sorted(folder.glob("*.py")))
    return TrainingScript(
        recipe=recipe,
        files=scripts,
        script_sha256=combined_sha256(scripts),
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


def combined_sha256(files: Iterable[FileRef]) -> str:
    """One hash over the names and contents of files, in their order."""
    return hashlib.sha256("".join(f"{f.path}:{f.sha256}\n" for f in files).encode()).hexdigest()
