"""arXiv: searching by its Atom API, and papers as HTML where there is one."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from ml_intern.research.sections import Section, from_html
from ml_intern.research.sites import arxiv
from ml_intern.research.web import PageMissing, PageUnfit, Site, fetch

ID: Final = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,2})?")
"""New and old identifiers, with or without a version: https://info.arxiv.org/help/arxiv_identifier.html"""
_ATOM: Final = {"a": "http://www.w3.org/2005/Atom"}
_KINDS: Final = ("application/atom+xml", "application/xml", "text/xml")


@dataclass(frozen=True)
class Paper:
    """What a search tells of a paper; `id` has no version."""

    id: str
    title: str
    published: str
    authors: tuple[str, ...]
    abstract: str


def search(words: Sequence[str], most: int) -> list[Paper]:
    """Papers that hold all the words, the most relevant first.

    Raises:
        WebTrouble: arXiv does not answer, or what it answers is no feed.
    """
    query = " AND ".join(f"all:{word}" for word in words)
    return _feed({"search_query": query, "start": "0", "max_results": str(most), "sortBy": "relevance"})


def about(paper: str) -> Paper:
    """The paper of this id.

    Raises:
        PageMissing: there is none.
        WebTrouble: arXiv does not answer, or what it answers is no feed.
    """
    found = _feed({"id_list": paper, "max_results": "1"})
    if not found:
        raise PageMissing(f"arXiv has no paper {paper}.", "Check its id, which is like 1706.03762.")
    return found[0]


def read(paper: str) -> tuple[Section, ...]:
    """The sections of the paper, from the first place that has it as HTML.

    Raises:
        PageMissing: none has; many older papers exist as PDF alone.
        WebTrouble: it does not answer, or what it answers is of another kind.
    """
    site, _, places = arxiv()
    for place in places:
        try:
            return _sections(site, f"{place}/{paper}")
        except PageMissing:
            continue
    raise PageMissing(f"The paper {paper} is not there as HTML.", "Its abstract is what can be read.")


@lru_cache(maxsize=8)
def _sections(site: Site, address: str) -> tuple[Section, ...]:
    """A paper is read section by section, and fetched once."""
    page = fetch(site, address, ("text/html", "application/xhtml+xml"))
    if "/abs/" in page.url:  # ar5iv leads there where it has no text
        raise PageMissing(f"There is no text at {address}.", "Its abstract is what can be read.")
    return tuple(from_html(page.text))


def _feed(parameters: dict[str, str]) -> list[Paper]:
    site, address, _ = arxiv()
    page = fetch(site, f"{address}?{urlencode(parameters)}", _KINDS)
    entries = parsed(page.text).findall("a:entry", _ATOM)
    return [paper for each in entries if (paper := _paper(each)) is not None]


def parsed(text: str) -> ET.Element:
    """The root of an XML text without a document type: with none, nothing can be expanded or fetched.

    Raises:
        PageUnfit: it has one, or is broken.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise PageUnfit("The answer declares a document type, which is not read.", "Try again later.")
    try:
        return ET.fromstring(text)  # of a str: another encoding that it may claim to have is passed over
    except (ET.ParseError, ValueError) as error:
        raise PageUnfit(f"The answer is broken XML ({error}).", "Try again later.") from error


def _paper(entry: ET.Element) -> Paper | None:
    """What an entry tells; None where it is an error report, which comes as an entry, too."""
    address = _text(entry, "a:id")
    found = ID.search(address.partition("/abs/")[2])
    if found is None:
        return None
    return Paper(
        id=re.sub(r"v\d+$", "", found[0]),
        title=_text(entry, "a:title"),
        published=_text(entry, "a:published")[:10],
        authors=tuple(_text(each, "a:name") for each in entry.findall("a:author", _ATOM)),
        abstract=_text(entry, "a:summary"),
    )


def _text(element: ET.Element, path: str) -> str:
    return " ".join((element.findtext(path, "", _ATOM) or "").split())
