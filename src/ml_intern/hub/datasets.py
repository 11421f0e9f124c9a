"""Datasets on the Hub: found, described, and downloaded as plain tables. Nothing of them is ever executed."""

import hashlib
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ml_intern.hub.access import HubAccess
from ml_intern.hub.card_text import card_text
from ml_intern.hub.errors import HubRefused, in_words
from ml_intern.hub.join import join
from ml_intern.hub.layout import DEFAULT, Config, DataFile, configs, is_safe, why_not
from ml_intern.records.display import escape, example, listing
from ml_intern.records.errors import UsageProblem

NAME: Final = re.compile(
    r"^(?P<repo>[A-Za-z0-9][\w.-]{0,95}/\w[\w.-]{0,95})(?::(?P<config>[\w.-]{1,100}))?"
    r"(?:@(?P<revision>[\w./-]{1,100}))?$"
)
TIMEOUT: Final = 10.0
"""Seconds for an answer of the Hub about a dataset."""
_FILE_ENDING: Final = re.compile(r"\.(csv|tsv|jsonl?|parquet|txt|xlsx?|zip|gz)$", re.I)
_SUMS: Final = "SHA256SUMS"
_TAG: Final = re.compile(r"^[\w:./+ -]{1,80}$")


@dataclass(frozen=True)
class HubDataset:
    """What the Hub tells about a dataset at one commit, before any row is read.

    `gated` is "auto" or "manual" where access has yet to be granted, else empty; `licence` is the card's,
    "unknown" where it names none. `text` is the card's prose. `trouble` says why it cannot be used, if so.
    """

    repo: str
    commit: str
    where: str
    licence: str
    gated: str
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    title: str
    modified: str
    downloads: int
    configs: tuple[Config, ...]
    trouble: str = ""
    text: str = ""
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class DatasetName:
    """`OWNER/NAME[:CONFIG][@REVISION]` taken apart."""

    repo: str
    config: str | None = None
    revision: str | None = None

    @classmethod
    def read(cls, name: str) -> "DatasetName | None":
        """The name, or None where it does not look like one: a path to a file of data does not."""
        found = NAME.match(name)
        if found is None or _FILE_ENDING.search(found["repo"]):
            return None
        return cls(found["repo"], found["config"], found["revision"])


def search(access: HubAccess, queries: Sequence[str], most: int, category: str = "") -> list[str]:
    """Names of datasets that the Hub finds for the queries, each query's most used first, taken in turns.

    With `category`, such as "text-classification", the most used of those so tagged are added last.

    Raises:
        HubDown: the Hub does not answer.
    """
    answers = []
    with in_words("search for datasets"):
        access.knock()
        for query in queries:
            found = access.api.list_datasets(search=query, sort="downloads", limit=most)
            answers.append([each.id for each in found if DatasetName.read(each.id)])
        if category:
            found = access.api.list_datasets(task_categories=category, sort="downloads", limit=most)
            answers.append([each.id for each in found if DatasetName.read(each.id)])
    turns = [answer[i] for i in range(most) for answer in answers[: len(queries)] if i < len(answer)]
    return list(dict.fromkeys([*turns, *(name for answer in answers[len(queries) :] for name in answer)]))


def is_empty(access: HubAccess) -> bool:
    """Whether the Hub has no dataset at all."""
    with in_words("list datasets"):
        return next(iter(access.api.list_datasets(limit=1)), None) is None


def describe(access: HubAccess, name: DatasetName, prose: bool = True) -> HubDataset:
    """What is known about a dataset; `prose` reads its card, too.

    Raises:
        UsageProblem: there is no such dataset or revision.
        HubRefused: it may not be read.
        HubDown: the Hub does not answer.
    """
    with in_words(f"show the dataset {name.repo}"):
        info = access.api.dataset_info(
            name.repo, revision=name.revision, files_metadata=True, timeout=TIMEOUT
        )
    card: dict[str, Any] = info.card_data.to_dict() if info.card_data else {}  # type: ignore[no-untyped-call]  # the client's
    files = [DataFile(each.rfilename, each.size or 0) for each in info.siblings or []]
    offered = configs(files, card)
    trouble = "" if offered else why_not(files)
    if info.disabled:
        trouble = "the Hub has disabled it"
    tags = tuple(tag for tag in (info.tags or [])[:100] if _TAG.match(str(tag)))
    gated = "" if _may_read(access, name.repo, info.gated) else str(info.gated)
    return HubDataset(
        repo=name.repo,
        commit=str(info.sha),
        where=access.place,
        licence=_licence(card, tags),
        gated=gated,
        languages=_languages(card),
        tags=tags,
        title=example(str(card.get("pretty_name") or ""), 200),
        modified=info.last_modified.date().isoformat() if info.last_modified else "",
        downloads=info.downloads or 0,
        configs=offered,
        trouble=trouble,
        text=_prose(access, name.repo, str(info.sha), files) if prose and not gated else "",
        card=card,
    )


def _may_read(access: HubAccess, repo: str, gated: object) -> bool:
    """Whether the files of a dataset may be read: where it is gated, the owner must have granted it."""
    if not gated:
        return True
    try:
        with in_words(f"show the files of {repo}"):
            access.api.auth_check(repo, repo_type="dataset")
    except HubRefused:
        return False
    return True


def _licence(card: Mapping[str, Any], tags: Sequence[str]) -> str:
    """As the card says it; of several, all, joined with a comma."""
    stated = card.get("license")
    names = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    names = names or [tag.partition(":")[2] for tag in tags if tag.startswith("license:")]
    kept = [str(each).lower()[:60] for each in names[:5] if re.fullmatch(r"[\w.+-]{1,60}", str(each))]
    return ", ".join(kept) or "unknown"


def _languages(card: Mapping[str, Any]) -> tuple[str, ...]:
    stated = card.get("language")
    names = [stated] if isinstance(stated, str) else stated if isinstance(stated, list) else []
    return tuple(str(each).lower()[:12] for each in names[:50] if isinstance(each, str))


def _prose(access: HubAccess, repo: str, commit: str, files: Sequence[DataFile]) -> str:
    """The card without its header; empty where there is none or it is far too long."""
    size = next((file.bytes for file in files if file.path == "README.md"), 0)
    return card_text(access, "dataset", repo, commit, size)


def pick_config(found: HubDataset, named: str | None, words: str) -> tuple[Config | None, str]:
    """The table to use and why; None where several could be meant.

    Raises:
        UsageProblem: there is no table of that name.
    """
    offered = {config.name: config for config in found.configs}
    if named is not None:
        if named not in offered:
            raise UsageProblem(
                f"{found.repo} has no config '{escape(named)}'. It has {listing(list(offered))}.",
                f"Write it like {found.repo}:{escape(next(iter(offered), DEFAULT))}",
            )
        return offered[named], "You named it."
    if len(offered) == 1:
        return found.configs[0], ""
    said = set(re.findall(r"[a-z0-9]+", words.lower()))
    fitting = [c for c in found.configs if set(re.findall(r"[a-z0-9]+", c.name.lower())) <= said]
    if len(fitting) == 1:
        return fitting[0], f"Of {len(offered)} configs, the request names '{escape(fitting[0].name)}'."
    marked = [c for c in found.configs if c.is_default] or [c for c in found.configs if c.name == DEFAULT]
    if len(marked) == 1:
        return marked[0], f"Of {len(offered)} configs, its owner marks '{escape(marked[0].name)}' as default."
    return None, f"{found.repo} has several configs: {listing(list(offered))}."


def check_usable(found: HubDataset) -> None:
    """See that the dataset can be used at all.

    Raises:
        HubRefused: its owner has to grant access first.
        UsageProblem: it holds no table that is read without running code.
    """
    if found.gated:
        raise HubRefused(
            f"The dataset {found.repo} on {found.where} is gated: its owner grants access ({found.gated}).",
            "Ask for it on its page and set HF_TOKEN, or name another dataset; nothing was put in its place.",
        )
    if found.trouble:
        raise UsageProblem(
            f"The dataset {found.repo} on {found.where} cannot be used: {found.trouble}.",
            "Name a dataset of Parquet, CSV, TSV or JSON-lines files with --data, or a local file.",
        )


def download(access: HubAccess, found: HubDataset, config: Config, folder: Path) -> Path:
    """Fetch the config's files and the card into a folder of their own below `folder`; gives that folder.

    Each split becomes one file, `train.parquet` and so on. The folder appears complete or not at all, and is
    fetched again only where somebody has changed it.

    Raises:
        HubRefused: the files may not be read, or are not as large as they were said to be.
        HubDown: the Hub does not answer.
        UsageProblem: the parts of a split do not fit together.
    """
    suffix = "" if config.name == DEFAULT else "--" + re.sub(r"[^\w.-]", "-", config.name)
    target = folder / f"{found.repo.replace('/', '--')}--{found.commit[:12]}{suffix}"
    if target.is_dir() and _is_as_fetched(target):
        return target
    shutil.rmtree(target, ignore_errors=True)
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        for split, files in config.splits.items():
            parts = [_fetch(access, found, file, draft / ".parts") for file in files]
            join(parts, draft / f"{split}{parts[0].suffix.lower()}")
        if found.text:
            _fetch(access, found, DataFile("README.md", 0), draft)
        shutil.rmtree(draft / ".parts", ignore_errors=True)
        shutil.rmtree(draft / ".cache", ignore_errors=True)
        (draft / _SUMS).write_text(_sums(draft), encoding="utf-8")
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _sums(folder: Path) -> str:
    """SHA-256 of each file in the folder, as sha256sum prints it."""
    lines = []
    for path in sorted(path for path in folder.iterdir() if path.is_file() and path.name != _SUMS):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    return "".join(lines)


def _is_as_fetched(folder: Path) -> bool:
    stated = folder / _SUMS
    return stated.is_file() and stated.read_text(encoding="utf-8") == _sums(folder)


def _fetch(access: HubAccess, found: HubDataset, file: DataFile, into: Path) -> Path:
    assert is_safe(file.path)  # layout keeps no other
    with in_words(f"give {file.path} of {found.repo}"):
        path = Path(
            access.api.hf_hub_download(
                found.repo, file.path, repo_type="dataset", revision=found.commit, local_dir=into
            )
        )
    if file.bytes and path.stat().st_size != file.bytes:
        raise HubRefused(
            f"The Hub gave {path.stat().st_size} bytes of {file.path} in {found.repo}, not {file.bytes}.",
            "Try again; if it stays so, name another dataset.",
        )
    return path
