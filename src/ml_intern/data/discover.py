"""Which files a location stands for, and which split each holds."""

import re
from pathlib import Path
from typing import Final

from ml_intern.data.readers import ENDINGS
from ml_intern.data.source import endless
from ml_intern.records.data import SplitName
from ml_intern.records.display import escape, listing
from ml_intern.records.errors import UsageProblem

_NAMES: Final = {
    "train": SplitName.TRAIN,
    "validation": SplitName.VALIDATION,
    "valid": SplitName.VALIDATION,
    "val": SplitName.VALIDATION,
    "dev": SplitName.VALIDATION,
    "test": SplitName.TEST,
}
_SHARD: Final = re.compile(r"-\d{5}-of-(\d{5})$")
_READABLE: Final = "CSV, TSV, JSON-lines (.jsonl) and Parquet files can be read."
_LAYOUT: Final = (
    "Name the files train, validation and test, such as train.csv and test.csv; or give one file."
)

Found = list[tuple[SplitName | None, Path]]


def find_files(location: Path) -> Found:
    """The data files at `location`, in the order train, validation, test.

    A file stands for itself and has no split. In a folder, only files named for a split count; where
    there is none, its subfolder `data` is tried, as repositories on the Hub lay it out.

    Raises:
        UsageProblem: there is nothing that can be read, or more than one file for a split.
    """
    try:
        return _find(location)
    except OSError as error:
        raise UsageProblem(
            f"'{escape(str(location))}' cannot be opened: {error.strerror}.", "Check its permissions."
        ) from error


def _find(location: Path) -> Found:
    if location.is_file():
        _need_reader(location)
        return [(None, location)]
    if not location.is_dir():
        if location.exists():
            raise endless(location)
        raise UsageProblem(
            f"There is no file or folder '{escape(str(location))}'.", "Check the path given as data."
        )
    found = _in_folder(location)
    if not found and (location / "data").is_dir():
        found = _in_folder(location / "data")
    if not found:
        raise _nothing(location)
    if SplitName.TRAIN not in (split for split, _ in found):
        raise UsageProblem(f"The folder '{escape(str(location))}' has no train file.", _LAYOUT)
    return found


def _in_folder(folder: Path) -> Found:
    by_split: dict[SplitName, list[Path]] = {}
    # By names first, as a folder may hold a million other files.
    for path in sorted(path for path in folder.iterdir() if _stem(path) in _NAMES):
        if path.is_file():
            by_split.setdefault(_NAMES[_stem(path)], []).append(path)
        elif path.exists() and not path.is_dir():
            raise endless(path)
    for split, paths in by_split.items():
        if len(paths) > 1:
            raise UsageProblem(
                f"There are {len(paths)} files for the {split} split: {listing([p.name for p in paths])}.",
                "Keep one file for each split; join shards into one.",
            )
        _need_reader(paths[0])
        _need_whole(paths[0])
    return [(split, by_split[split][0]) for split in SplitName if split in by_split]


def _stem(path: Path) -> str:
    return _SHARD.sub("", path.stem.casefold())


def _need_reader(path: Path) -> None:
    if path.suffix.lower() in ENDINGS:
        return
    ending = f"the ending '{escape(path.suffix)}'" if path.suffix else "no ending"
    raise UsageProblem(f"'{escape(path.name)}' has {ending}, which is not supported.", _READABLE)


def _need_whole(path: Path) -> None:
    shard = _SHARD.search(path.stem)
    if shard and int(shard[1]) != 1:
        raise UsageProblem(
            f"'{escape(path.name)}' is one of {int(shard[1])} shards; reading it alone would drop rows.",
            "Join the shards into one file.",
        )


def _nothing(folder: Path) -> UsageProblem:
    names = sorted(path.name for path in folder.iterdir())
    data = [name for name in names if Path(name).suffix.lower() in ENDINGS]
    there = f"It holds {listing(names)}." if names else "It is empty."
    hint = f"To use a single file, name it: '{escape(str(folder / data[0]))}'." if len(data) == 1 else _LAYOUT
    return UsageProblem(
        f"The folder '{escape(str(folder))}' has no train, validation or test file. {there}", hint
    )
