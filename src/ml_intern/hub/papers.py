"""The Hub's pages of papers: searching them, reading one, and what on the Hub is linked to it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from ml_intern.hub.access import HubAccess
from ml_intern.hub.errors import HubRefused, in_words
from ml_intern.hub.listing import Kind, Listed, find

LONGEST: Final = 2_000_000
"""Characters of a paper that are kept."""


@dataclass(frozen=True)
class HubPaper:
    """A paper as the Hub tells of it; `id` is arXiv's."""

    id: str
    title: str
    published: str
    authors: tuple[str, ...]
    abstract: str
    code: str


def search_papers(access: HubAccess, words: Sequence[str], most: int) -> list[HubPaper]:
    """Papers with a page on the Hub that fit the words, best first.

    Raises:
        HubDown: the Hub does not answer.
        HubRefused: it has no papers, or answers something else.
    """
    with in_words("search for papers"), _understood():
        access.knock()
        return [
            _told(each) for each in islice(access.api.list_papers(query=" ".join(words), limit=most), most)
        ]


def paper_page(access: HubAccess, paper: str) -> HubPaper:
    """The page of one paper.

    Raises:
        HubDown: the Hub does not answer.
        HubRefused: it has no such page, or answers something else.
    """
    with in_words(f"show the paper {paper}"), _understood():
        access.knock()
        return _told(access.api.paper_info(paper))


@lru_cache(maxsize=8)
def paper_text(access: HubAccess, paper: str) -> str:
    """The paper in Markdown; it is read section by section, and fetched once.

    Raises:
        HubDown: the Hub does not answer.
        HubRefused: it has no text of it.
    """
    with in_words(f"show the text of the paper {paper}"):
        return str(access.api.read_paper(paper))[:LONGEST]


def linked(access: HubAccess, kind: Kind, paper: str, most: int) -> list[Listed]:
    """Models or datasets whose cards name the paper, the most used first.

    Raises:
        HubDown: the Hub does not answer.
        HubRefused: it would not say.
    """
    return find(access, kind, (), (f"arxiv:{paper}",), most)


@contextmanager
def _understood() -> Iterator[None]:
    """Raise as ours what the client raises where an answer is not what it expects."""
    try:
        yield
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise HubRefused(
            f"The Hub's answer about papers is not understood ({type(error).__name__}).", "Go on without it."
        ) from error


def _told(paper: Any) -> HubPaper:
    published = paper.published_at
    return HubPaper(
        id=str(paper.id)[:40],
        title=" ".join(str(paper.title or "").split())[:300],
        published=published.date().isoformat() if published else "",
        authors=tuple(str(each.name)[:80] for each in (paper.authors or [])[:50]),
        abstract=" ".join(str(paper.summary or "").split())[:4_000],
        code=str(paper.github_repo or "")[:200],
    )
