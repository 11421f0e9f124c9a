"""Tool: search for papers on the Hub's pages and, online, at arXiv."""

from typing import Final

from ml_intern.hub.papers import HubPaper
from ml_intern.hub.papers import search_papers as search_hub_papers
from ml_intern.records.errors import InternError
from ml_intern.research import arxiv
from ml_intern.tools.lookups import has_papers, looked_up, out_of_order, paper_hub, plain_words, quoted
from ml_intern.workflow.workbench import Done, Workbench, tool

MOST: Final = 8
"""Papers that each place may bring."""
ABSTRACT: Final = 220
"""Characters of an abstract in a list."""


@tool("research", fits=has_papers, aside=True)
def search_papers(bench: Workbench, query: str) -> Done:
    """Search for papers by a few words. Read one with read_paper before you rely on it.

    Args:
        bench: Where the tool works.
        query: A few words, such as the names of a method and a benchmark.
    """
    words = plain_words(query)
    what = f"searched for papers by {quoted(words)}"
    found: dict[str, str] = {}
    troubles: list[InternError] = []
    try:
        with paper_hub(bench) as access:
            found |= {each.id: _line(each) for each in search_hub_papers(access, words, MOST)}
    except InternError as problem:
        troubles.append(problem)
    if bench.online:
        try:
            found |= {each.id: _line(each) for each in arxiv.search(words, MOST) if each.id not in found}
        except InternError as problem:
            troubles.append(problem)
    if not found and troubles:
        return out_of_order(what, troubles[0])
    lines = list(found.values()) or ["Nothing fits: use fewer or other words."]
    lines += [f"(Not all places were asked: {each.message})" for each in troubles]
    return looked_up(
        bench, f"{what}: {len(found)} found", "\n".join(lines), [f"arxiv:{each}" for each in found]
    )


def _line(each: HubPaper | arxiv.Paper) -> str:
    abstract = each.abstract if len(each.abstract) <= ABSTRACT else f"{each.abstract[:ABSTRACT]}…"
    return f"- [arxiv:{each.id}] {each.published[:4]}: {each.title[:160]}. {abstract}"
