"""Which files of a dataset repository hold rows, and which split each is: names and card, nothing is read.

Follows the conventions of the Hub's own documentation ("Data files configuration", "File names and
splits"): a
card may list configs with their files; otherwise the names of files and folders say the split, and files that
say none are training data.
"""

import fnmatch
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

ENDINGS: Final = (".parquet", ".csv", ".tsv", ".jsonl")
"""What is downloaded: tables without code, one kind of file in each config."""
DEFAULT: Final = "default"
MOST_CONFIGS: Final = 200
MOST_FILES: Final = 10_000
_SPLITS: Final = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_NAMED: Final = {
    split: re.compile(rf"(?:^|[\W_\d])(?:{'|'.join(words)})(?:$|[\W_\d])", re.I)
    for split, words in _SPLITS.items()
}
_CODE: Final = (".py",)
_PICKLED: Final = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".joblib", ".npy", ".npz", ".arrow")
_PACKED: Final = (".zip", ".gz", ".tar", ".tgz", ".7z", ".zst", ".bz2", ".xz", ".rar")


@dataclass(frozen=True)
class DataFile:
    """One file of a repository, with its size in bytes."""

    path: str
    bytes: int


@dataclass(frozen=True)
class Config:
    """One of the tables that a dataset offers: its files by split, in the order train, validation, test."""

    name: str
    splits: Mapping[str, tuple[DataFile, ...]]
    is_default: bool = False

    @property
    def files(self) -> tuple[DataFile, ...]:
        """All files."""
        return tuple(file for files in self.splits.values() for file in files)

    @property
    def bytes(self) -> int:
        """What downloading it takes."""
        return sum(file.bytes for file in self.files)


def configs(files: Sequence[DataFile], card: Mapping[str, Any]) -> tuple[Config, ...]:
    """What a dataset with these files and this card metadata offers; empty where it has no table we read."""
    tables = [file for file in files if is_safe(file.path) and _ending(file.path) in ENDINGS]
    listed = card.get("configs")
    found = []
    for entry in listed[:MOST_CONFIGS] if isinstance(listed, list) else []:
        if isinstance(entry, dict) and (made := _listed(entry, tables)):
            found.append(made)
    if found:
        return tuple(found)
    splits = _by_name(tables)
    return (Config(DEFAULT, splits, is_default=True),) if splits else ()


def why_not(files: Sequence[DataFile]) -> str:
    """Why a repository without a table that we read cannot be used, as half a sentence."""
    paths = [file.path for file in files]
    for endings, what in (
        (_CODE, "it is made by a loading script, and code of strangers is never run"),
        (_PICKLED, "its data is stored in a form that runs code or is no table (pickle, NumPy, Arrow)"),
        (_PACKED, "its data is packed into archives"),
    ):
        if any(path.lower().endswith(endings) for path in paths):
            return what
    return "it holds no Parquet, CSV, TSV or JSON-lines file"


def is_safe(path: str) -> bool:
    """Whether a file name of a repository stays inside a folder and shows as it is."""
    parts = PurePosixPath(path).parts
    return path.isprintable() and "\\" not in path and not path.startswith("/") and ".." not in parts


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _listed(entry: Mapping[str, Any], tables: Sequence[DataFile]) -> Config | None:
    name, chosen = str(entry.get("config_name", DEFAULT))[:100], entry.get("data_files")
    folder = str(entry.get("data_dir") or "").strip("/")
    inside = [file for file in tables if not folder or file.path.startswith(f"{folder}/")]
    if chosen is None:
        splits = _by_name(inside)
    elif isinstance(chosen, list) and all(isinstance(each, dict) for each in chosen):
        splits = {}
        for each in chosen[:20]:
            split = _split_called(str(each.get("split", "train")))
            if split and (matched := _matching(each.get("path"), inside, folder)):
                splits[split] = matched
    else:
        matched = _matching(chosen, inside, folder)
        splits = _by_name(list(matched)) if matched else {}
    ordered = {split: _one_kind(splits[split]) for split in _SPLITS if split in splits}
    return Config(name, ordered, is_default=entry.get("default") is True) if ordered else None


def _matching(patterns: object, files: Sequence[DataFile], folder: str) -> tuple[DataFile, ...]:
    """The files that one of the patterns names; a pattern is relative to the config's folder."""
    wanted = [patterns] if isinstance(patterns, str) else patterns if isinstance(patterns, list) else []
    full = [f"{folder}/{each}" if folder else str(each) for each in wanted[:50]]
    full = [each.removeprefix("./").replace("**/", "*")[:300] for each in full if each.count("*") < 10]
    return tuple(file for file in files if any(fnmatch.fnmatchcase(file.path, each) for each in full))


def _split_called(name: str) -> str | None:
    return next((split for split, words in _SPLITS.items() if name.lower() in words), None)


def _by_name(files: Sequence[DataFile]) -> dict[str, tuple[DataFile, ...]]:
    """Files by the split that their name, else a folder above, says; all are train where none says one."""
    found: dict[str, list[DataFile]] = {}
    for file in files:
        path = PurePosixPath(file.path)
        places = (path.stem, *reversed(path.parent.parts))
        hits = (split for place in places for split, words in _NAMED.items() if words.search(place))
        if split := next(hits, None):
            found.setdefault(split, []).append(file)
    if not found and files:
        found["train"] = list(files)
    return {split: _one_kind(tuple(found[split])) for split in _SPLITS if split in found}


def _one_kind(files: tuple[DataFile, ...]) -> tuple[DataFile, ...]:
    """The files of the kind we like best: repositories often hold the same rows in two formats."""
    best = min((ENDINGS.index(_ending(file.path)) for file in files), default=0)
    kept = sorted((file for file in files if _ending(file.path) == ENDINGS[best]), key=lambda file: file.path)
    return tuple(kept[:MOST_FILES])
