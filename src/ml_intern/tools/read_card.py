"""Tool: read the card of a model or dataset."""

from ml_intern.hub.errors import HubDown, HubRefused
from ml_intern.hub.listing import Kind, describe_repo
from ml_intern.records.errors import UsageProblem
from ml_intern.research.sections import Section, part_of
from ml_intern.tools.lookups import looked_up, out_of_order, repo_name
from ml_intern.tools.search_hub import line
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


@tool("research", aside=True)
def read_card(bench: Workbench, kind: Kind, repo: str, part: int = 1) -> Done:
    """Read the card of a model or dataset on the Hub. What it claims was not checked by anybody.

    Args:
        bench: Where the tool works.
        kind: model or dataset.
        repo: Its name, OWNER/NAME.
        part: Which part of a long card, from 1.
    """
    name = repo_name(repo)
    what = f"read the card of the {kind} {name}"
    try:
        with bench.hub() as access:
            found = describe_repo(access, kind, name)
    except UsageProblem as problem:
        raise Unfit(f"{problem.message} {problem.hint}") from problem
    except (HubDown, HubRefused) as problem:
        return out_of_order(what, problem)
    gated = "; gated: its owner grants access" if found.gated else ""
    head = f"{line(found.listed)}; commit {found.commit}{gated}\ntags: {', '.join(found.tags[:20])}"
    card = part_of(Section("", 1, found.card.strip() or "It has no card."), part)
    return looked_up(bench, what, f"{head}\n{card}", [name])
