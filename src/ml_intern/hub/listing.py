"""Models and datasets that the Hub lists for some words, and what it says of one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ml_intern.hub.access import HubAccess
from ml_intern.hub.card_text import card_text
from ml_intern.hub.errors import in_words
from ml_intern.hub.models import TIMEOUT

Kind = Literal["model", "dataset"]
_MOST_TAGS: Final = 100


@dataclass(frozen=True)
class Listed:
    """A repository as a list of the Hub shows it; "unknown" where it does not say."""

    name: str
    downloads: int
    licence: str
    task: str


@dataclass(frozen=True)
class Described:
    """A repository at one commit, with the text of its card."""

    listed: Listed
    commit: str
    gated: bool
    tags: tuple[str, ...]
    card: str


def find(access: HubAccess, kind: Kind, words: Sequence[str], tags: Sequence[str], most: int) -> list[Listed]:
    """What the Hub finds for the words that has all the tags, the most used first.

    Raises:
        HubDown: the Hub does not answer.
        HubRefused: it would not say.
    """
    asked: dict[str, Any] = {"filter": list(tags) or None, "sort": "downloads", "limit": most}
    with in_words(f"search for {kind}s"):
        access.knock()
        search = access.api.list_models if kind == "model" else access.api.list_datasets
        return [_listed(kind, each) for each in search(search=" ".join(words) or None, **asked)]


def describe_repo(access: HubAccess, kind: Kind, repo: str) -> Described:
    """What the Hub says of a repository.

    Raises:
        UsageProblem: there is no such repository.
        HubRefused: it may not be read.
        HubDown: the Hub does not answer.
    """
    with in_words(f"show the {kind} {repo}"):
        info: Any = access.api.repo_info(repo, repo_type=kind, files_metadata=True, timeout=TIMEOUT)
    size = next((each.size or 0 for each in info.siblings or [] if each.rfilename == "README.md"), 0)
    commit = str(info.sha)
    return Described(
        listed=_listed(kind, info),
        commit=commit,
        gated=bool(info.gated),
        tags=_tags(info),
        card=card_text(access, kind, repo, commit, size),
    )


def _tags(info: Any) -> tuple[str, ...]:
    return tuple(str(tag)[:80] for tag in (info.tags or [])[:_MOST_TAGS])


def _listed(kind: Kind, info: Any) -> Listed:
    tags = _tags(info)
    tasks = [tag.partition(":")[2] for tag in tags if tag.startswith("task_categories:")]
    task = getattr(info, "pipeline_tag", None) if kind == "model" else ", ".join(tasks[:3])
    licences = [tag.partition(":")[2] for tag in tags if tag.startswith("license:")]
    return Listed(
        name=str(info.id)[:200],
        downloads=info.downloads or 0,
        licence=", ".join(licences[:3]) or "unknown",
        task=str(task)[:80] if task else "unknown",
    )
