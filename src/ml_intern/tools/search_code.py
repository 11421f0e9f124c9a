"""Tool: search public code on GitHub."""

from typing import Final

from ml_intern.research.github import Hit, search
from ml_intern.research.sites import TOKEN, github
from ml_intern.research.web import WebTrouble
from ml_intern.tools.lookups import is_online, looked_up, out_of_order, plain_words, quoted, repo_name, tag
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

MOST: Final = 8
EXCERPTS: Final = 2
LONGEST_EXCERPT: Final = 300
"""Characters, as many as GitHub gives at most in practice."""


@tool("research", "draft", "smoke", fits=is_online, aside=True)
def search_code(bench: Workbench, query: str, language: str = "python", repository: str = "") -> Done:
    """Search public code on GitHub for words such as the name of a function; shows excerpts, not whole files.

    Args:
        bench: Where the tool works.
        query: Words that must all stand in a file.
        language: Its language; empty for any.
        repository: Only in this repository, OWNER/NAME.
    """
    words = plain_words(query)
    asked = github()
    if asked is None:
        raise Unfit(
            f"GitHub searches code only with a token, and {TOKEN} is not set: go on without search_code"
        )
    narrow = [f"language:{tag(language)}"] if language else []
    narrow += [f"repo:{repo_name(repository)}"] if repository else []
    what = f"searched code by {quoted(words)}"
    try:
        found = search(*asked, " ".join([*words, *narrow]), MOST)
    except WebTrouble as problem:
        return out_of_order(what, problem)
    shown = "\n".join(map(_shown, found)) or "Nothing fits: use fewer or other words."
    return looked_up(bench, f"{what}: {len(found)} found", shown, [each.url for each in found])


def _shown(hit: Hit) -> str:
    excerpts = [f"    {each[:LONGEST_EXCERPT]}" for each in hit.excerpts[:EXCERPTS]]
    return "\n".join([f"- [{hit.url}]", *excerpts])
