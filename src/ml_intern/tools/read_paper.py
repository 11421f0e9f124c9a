"""Tool: read a paper: what it is about, its sections, one of them, and what on the Hub is linked to it."""

from collections.abc import Sequence
from typing import Final

from ml_intern.hub.access import HubAccess
from ml_intern.hub.papers import HubPaper, linked, paper_page, paper_text
from ml_intern.records.display import example
from ml_intern.records.errors import InternError
from ml_intern.research import arxiv
from ml_intern.research.citing import key
from ml_intern.research.sections import Section, find, from_markdown, outline, part_of
from ml_intern.tools.lookups import has_papers, looked_up, out_of_order, paper_hub
from ml_intern.tools.search_hub import line
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

MOST_LINKED: Final = 6
"""Models, and as many datasets, that are listed."""
ABSTRACT: Final = 1_500


@tool("research", fits=has_papers, aside=True)
def read_paper(bench: Workbench, paper: str, section: str = "", part: int = 1) -> Done:
    """Read a paper: without a section its abstract, sections, and the models and datasets linked to it.

    Args:
        bench: Where the tool works.
        paper: Its arXiv id, such as 1706.03762.
        section: The number or words of the title of a section.
        part: Which part of a long section, from 1.
    """
    paper_id = _id(paper)
    what = f"read {'a section' if section else 'the abstract'} of the paper arxiv:{paper_id}"
    troubles: list[InternError] = []
    with paper_hub(bench) as access:
        sections = _sections(bench, access, paper_id, troubles)
        if section and sections:
            chosen = find(sections, section)
            if chosen is None:
                raise Unfit(f"there is no section {example(section)!r}; there are:\n{outline(sections)}")
            return looked_up(
                bench, what, f"[arxiv:{paper_id}] {part_of(chosen, part)}", [f"arxiv:{paper_id}"]
            )
        about = _about(bench, access, paper_id, troubles)
        if about is None:
            return out_of_order(what, troubles[-1])
        lines, names = _linked(access, paper_id)
    parts = [about, *lines, outline(sections) if sections else "Its text cannot be read here."]
    return looked_up(bench, what, "\n".join(parts), [f"arxiv:{paper_id}", *names])


def _id(paper: str) -> str:
    found = key(paper).removeprefix("arxiv:")
    if not arxiv.ID.fullmatch(found):
        raise Unfit(f"{example(paper)!r} is no id of arXiv, which is like 1706.03762")
    return found


def _sections(
    bench: Workbench, access: HubAccess, paper: str, troubles: list[InternError]
) -> Sequence[Section]:
    try:
        return from_markdown(paper_text(access, paper))
    except InternError as problem:
        troubles.append(problem)
    if not bench.online:
        return ()
    try:
        return arxiv.read(paper)
    except InternError as problem:
        troubles.append(problem)
        return ()


def _about(bench: Workbench, access: HubAccess, paper: str, troubles: list[InternError]) -> str | None:
    found: HubPaper | arxiv.Paper | None = None
    try:
        found = paper_page(access, paper)
    except InternError as problem:
        troubles.append(problem)
    if found is None and bench.online:
        try:
            found = arxiv.about(paper)
        except InternError as problem:
            troubles.append(problem)
    if found is None:
        return None
    code = f"\ncode: {found.code}" if isinstance(found, HubPaper) and found.code else ""
    authors = ", ".join(found.authors[:6])
    return f"[arxiv:{paper}] {found.title} ({authors}; {found.published})\n{found.abstract[:ABSTRACT]}{code}"


def _linked(access: HubAccess, paper: str) -> tuple[list[str], list[str]]:
    """Lines on what is linked, and the names; nothing is said where the Hub does not tell."""
    try:
        models = linked(access, "model", paper, MOST_LINKED)
        datasets = linked(access, "dataset", paper, MOST_LINKED)
    except InternError:
        return [], []
    lines = [f"Models that name it: {len(models)}", *map(line, models)]
    lines += [f"Datasets that name it: {len(datasets)}", *map(line, datasets)]
    return lines, [each.name for each in (*models, *datasets)]
