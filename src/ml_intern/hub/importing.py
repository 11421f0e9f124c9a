"""From a local folder or file to the operations of one commit."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ml_intern.records.display import example
from ml_intern.records.errors import UsageProblem

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd

README = "README.md"
MOST_FILES = 20_000
MOST_CARD = 1 << 20
"""Bytes of a card."""


def operations(
    source: Path, repo_id: str, licence: str | None = None, card: Path | None = None
) -> list["CommitOperationAdd"]:
    """One addition for each file; hidden files and folders stay behind.

    Raises:
        UsageProblem: there is nothing, a link leads out of the folder, or a card cannot be read.
    """
    from huggingface_hub import CommitOperationAdd

    files = _files(source)
    added = [CommitOperationAdd(name, str(path)) for name, path in files.items() if name != README]
    if card is not None or README in files or licence is not None:
        text = _card(card or files.get(README), repo_id, licence)
        added.append(CommitOperationAdd(README, text.encode()))
    return added


def _files(source: Path) -> dict[str, Path]:
    if source.is_file():
        return {source.name: source}
    if not source.is_dir():
        raise UsageProblem(
            f"There is no file or folder {example(str(source))}.", "Name one that is on this machine."
        )
    found: dict[str, Path] = {}
    root = source.resolve()
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            path = Path(folder, name)
            if not path.resolve().is_relative_to(root):
                raise UsageProblem(
                    f"{example(str(path))} leads out of the folder.",
                    "Put the file itself there, or leave it out.",
                )
            if not path.is_file():
                raise UsageProblem(f"{example(str(path))} is not a file.", "Leave it out.")
            found[path.relative_to(source).as_posix()] = path
            if len(found) > MOST_FILES:
                raise UsageProblem(
                    f"There are more than {MOST_FILES:,} files in {example(str(source))}.",
                    "Pack them, or import a part.",
                )
    if not found:
        raise UsageProblem(f"There are no files in {example(str(source))}.", "Name another folder.")
    return found


def _card(path: Path | None, repo_id: str, licence: str | None) -> str:
    import yaml
    from huggingface_hub import RepoCard

    text = f"# {repo_id.partition('/')[2]}\n"
    if path is not None:
        try:
            with path.open(encoding="utf-8") as file:
                text = file.read(MOST_CARD + 1)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageProblem(
                f"The card {example(str(path))} cannot be read.", "It is a text file in UTF-8."
            ) from error
        if len(text) > MOST_CARD:
            raise UsageProblem(f"The card {example(str(path))} is longer than 1 MiB.", "Shorten it.")
    if licence is None:
        return text
    if not text.startswith("---"):
        return f"---\nlicense: {json.dumps(licence)}\n---\n{text}"  # JSON's strings are YAML's
    try:
        card = RepoCard(text, ignore_metadata_errors=False)
    except (ValueError, yaml.YAMLError) as error:
        raise UsageProblem(
            "The front matter of the card is not valid YAML.", "Mend it between its two lines of ---."
        ) from error
    card.data["license"] = licence
    return str(card)
