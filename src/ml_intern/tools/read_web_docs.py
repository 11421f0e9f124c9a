"""Tool: read a page of online documentation."""

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from ml_intern.data.masking import mask
from ml_intern.records.display import example
from ml_intern.research.sections import Section, find, from_html, outline, part_of
from ml_intern.research.sites import docs
from ml_intern.research.web import HostRefused, Site, WebTrouble, fetch
from ml_intern.tools.lookups import is_online, looked_up, out_of_order
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

LONGEST_PATH: Final = 150
"""Characters of an address after the host: enough for documentation, little to smuggle anything out in."""
BEGINNING: Final = 1_500
"""Characters of the first section that are shown above the list of all."""


@tool("research", "draft", "smoke", fits=is_online, aside=True)
def read_web_docs(bench: Workbench, url: str, section: str = "", part: int = 1) -> Done:
    """Read a page of documentation, such as https://docs.python.org/3/library/csv.html; few hosts are open.

    Args:
        bench: Where the tool works.
        url: The address of the page.
        section: The number or words of the title of a section; without it the sections are listed.
        part: Which part of a long section, from 1.
    """
    plain = _plain(url)
    what = f"read {plain}"
    try:
        site, address = docs(plain)
        sections = _sections(site, address)
    except HostRefused as problem:
        raise Unfit(f"{problem.message} {problem.hint}") from problem
    except WebTrouble as problem:
        return out_of_order(what, problem)
    if not sections:
        return looked_up(bench, what, "The page has no text.", [])
    if not section:
        begin = f"[{plain}] {sections[0].title}\n{sections[0].text[:BEGINNING]}"
        return looked_up(bench, what, f"{begin}\n\nSections:\n{outline(sections)}", [plain])
    chosen = find(sections, section)
    if chosen is None:
        raise Unfit(f"there is no section {example(section)!r}; there are:\n{outline(sections)[:2_000]}")
    return looked_up(bench, what, f"[{plain}] {part_of(chosen, part)}", [plain])


def _plain(url: str) -> str:
    """The address without query and fragment, in which anything could leave."""
    try:
        parts = urlsplit(url.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise Unfit(f"{example(url)!r} is no address") from error
    if len(parts.path) > LONGEST_PATH or mask(parts.path) != parts.path or "@" in parts.netloc:
        raise Unfit(f"an address has at most {LONGEST_PATH} characters after the host, and no personal data")
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


@lru_cache(maxsize=8)
def _sections(site: Site, address: str) -> tuple[Section, ...]:
    """A page is read section by section, and fetched once."""
    return tuple(from_html(fetch(site, address, ("text/html", "application/xhtml+xml")).text))
