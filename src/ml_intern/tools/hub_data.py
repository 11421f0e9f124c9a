"""Data that a user names: a path, or a dataset on the Hub, which is downloaded and pinned."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ml_intern.data.load import fingerprint, resolve
from ml_intern.data.room import check_space
from ml_intern.hub.access import HubAccess
from ml_intern.hub.datasets import (
    DatasetName,
    HubDataset,
    check_usable,
    describe,
    download,
    pick_config,
)
from ml_intern.hub.errors import HubDown, in_words
from ml_intern.hub.layout import Config
from ml_intern.records.display import escape, example
from ml_intern.records.errors import UsageProblem
from ml_intern.records.spec import DataSource, HubOrigin

Ask = Callable[[str, tuple[str, ...]], str | None]
OpenHub = Callable[[], AbstractContextManager[HubAccess]]


@dataclass(frozen=True)
class HubShelf:
    """Where datasets come from and where downloaded ones are kept."""

    hub: OpenHub
    folder: Path


def is_on_hub(data: str) -> bool:
    """Whether what a user named as data is no file or folder and reads like a dataset on the Hub."""
    try:
        there = Path(data).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        there = False
    return not there and DatasetName.read(data) is not None


def named_data(data: str, licence: str, shelf: HubShelf, ask: Ask, words: str) -> tuple[DataSource, str]:
    """The data that a user named, pinned, and what there is to say about it.

    `licence` is the user's word and goes before the card's. `words` may decide between the tables of a
    dataset.

    Raises:
        UsageProblem: there is no such data, or it cannot be used, or nobody says which table is meant.
        HubRefused: it may not be read.
        NoRoom: it does not fit on the disk.
    """
    if not is_on_hub(data):
        path = resolve(data)
        return DataSource(location=str(path), sha256=fingerprint(path), licence=licence), ""
    name = DatasetName.read(data)
    assert name is not None  # is_on_hub has read it
    try:
        with shelf.hub() as own:
            access = reached(own, name.repo)
            found = describe(access, name)
            return fetched(access, found, name.config, licence, shelf.folder, ask, words)
    except HubDown as problem:
        raise UsageProblem(
            f"There is no file or folder '{example(data)}', and as a dataset it cannot be had: {problem}",
            "Try again with a network, or name a local file or folder.",
        ) from problem
    except UsageProblem as problem:
        if "it is not there" not in problem.message:
            raise
        raise UsageProblem(
            f"There is no file or folder '{example(data)}', and no dataset of that name that may be read.",
            f"{problem.hint} Find datasets by leaving --data out.",
        ) from problem


def reached(own: HubAccess, repo: str) -> HubAccess:
    """The Hub that has the dataset; see `HubAccess.holding`."""
    with in_words(f"say whether it has {repo}"):
        return own.holding("dataset", repo)


def fetched(
    access: HubAccess,
    found: HubDataset,
    config: str | None,
    licence: str,
    folder: Path,
    ask: Ask,
    words: str,
) -> tuple[DataSource, str]:
    """A dataset of the Hub, downloaded into `folder` and pinned, and what there is to say about it.

    Raises:
        UsageProblem: it cannot be used, or nobody says which table is meant.
        HubRefused: it may not be read.
        NoRoom: it does not fit on the disk.
    """
    check_usable(found)
    table, why = _table(found, config, ask, words)
    folder.mkdir(parents=True, exist_ok=True)
    check_space(f"{found.repo} on {found.where}", table.bytes, folder)
    place = download(access, found, table, folder)
    known = licence if licence != "unknown" else found.licence
    origin = HubOrigin(
        repo=found.repo,
        commit=found.commit,
        where=found.where,
        config=table.name if len(found.configs) > 1 else None,
    )
    source = DataSource(location=str(place), sha256=fingerprint(place), licence=known, hub=origin)
    told = f"Data: {found.repo} at {found.commit[:12]} from {found.where}, licence {escape(known)}."
    return source, f"{told} {why}".strip()


def _table(found: HubDataset, config: str | None, ask: Ask, words: str) -> tuple[Config, str]:
    table, why = pick_config(found, config, words)
    if table is not None:
        return table, why
    names = tuple(each.name for each in found.configs)
    answer = ask(f"{why} Which one?", names)
    if answer is None:
        raise UsageProblem(why, f"Name one with: --data {found.repo}:{escape(names[0])}")
    return next(each for each in found.configs if each.name == answer), "You chose the config."
