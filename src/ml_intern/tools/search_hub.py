"""Tool: search the Hub for models or datasets."""

from typing import Final

from ml_intern.hub.errors import HubDown, HubRefused
from ml_intern.hub.listing import Kind, Listed, find
from ml_intern.tools.lookups import looked_up, out_of_order, plain_words, quoted, tag
from ml_intern.workflow.workbench import Done, Workbench, tool

MOST: Final = 12


@tool("research", aside=True)
def search_hub(
    bench: Workbench, kind: Kind, query: str, task: str = "", licence: str = "", language: str = ""
) -> Done:
    """Search the Hub for models or datasets, the most used first. Use few words: all must fit.

    Args:
        bench: Where the tool works.
        kind: model or dataset.
        query: A word or two of the name.
        task: Only this task, such as text-classification.
        licence: Only this licence, such as apache-2.0.
        language: Only this language, such as en.
    """
    words = plain_words(query)
    tasks = [f"task_categories:{tag(task)}" if kind == "dataset" else tag(task)] if task else []
    tags = [*tasks, *([f"license:{tag(licence)}"] if licence else [])]
    tags += [f"language:{tag(language)}" if kind == "dataset" else tag(language)] if language else []
    what = f"searched for {kind}s by {quoted(words)}"
    try:
        with bench.hub() as access:
            found, place = find(access, kind, words, tags, MOST), access.place
    except (HubDown, HubRefused) as problem:
        return out_of_order(what, problem)
    lines = [line(each) for each in found] or ["Nothing fits: use fewer words or filters."]
    told = f"{what} on {place}: {len(found)} found"
    return looked_up(bench, told, "\n".join(lines), [each.name for each in found])


def line(each: Listed) -> str:
    """A repository in a line, by the name to cite it."""
    return f"- [{each.name}] task {each.task}; licence {each.licence}; {each.downloads:,} downloads"
