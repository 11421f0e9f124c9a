"""Tool: search the Hub for a dataset, look into the best candidates, and pin the one to use."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from ml_intern.data.room import check_room
from ml_intern.hub.access import HubAccess
from ml_intern.hub.datasets import DatasetName, describe, is_empty, search
from ml_intern.hub.errors import HubDown, HubTooBusy
from ml_intern.records.display import example
from ml_intern.records.errors import UsageProblem
from ml_intern.records.research import BY_CRITERIA, BY_USER, Candidate, DatasetChoice, Verdict
from ml_intern.records.runs import EventName
from ml_intern.records.spec import DataSource, TaskSpec
from ml_intern.research.queries import Wanted, queries, wanted
from ml_intern.research.ranking import choose, rank
from ml_intern.tools.hub_data import fetched
from ml_intern.tools.look_into import look_into, out_of_reach
from ml_intern.workflow.workbench import Done, Workbench, tool

MOST_FOUND: Final = 20
"""Datasets that each query may bring."""
MOST_LOOKED_INTO: Final = 12
NONE: Final = "none"
TOKEN_HINT: Final = (
    "Name data with --data FILE, --data FOLDER or --data OWNER/NAME; put datasets into the embedded Hub with "
    "ml-intern hub import; or set HF_TOKEN to search the Hugging Face Hub."
)


def _names_none(bench: Workbench) -> bool:
    spec = bench.run.get(TaskSpec)
    return spec is None or spec.data is None


@tool("research", fits=_names_none)
def find_dataset(bench: Workbench, queries_to_add: list[str] | None = None) -> Done:
    """Search the Hub for a public dataset that fits the locked task and pin the best.

    Args:
        bench: Where the tool works.
        queries_to_add: Up to five search terms of a word or two each, beside those that the task's words
        give.
    """
    spec = bench.run.need(TaskSpec)
    wish = wanted(spec.sentence, spec.target)
    asked = queries(wish, tuple(queries_to_add or ()))
    with bench.hub() as access:
        require_datasets(access)
        ranked = _candidates(bench, access, wish, asked, spec)
        name, by = _pick(bench, access, ranked, wish, asked)
        told = choose(ranked, name)
        winner = next(each for each in told if each.verdict is Verdict.CHOSEN)
        found = describe(access, DatasetName(name, revision=winner.revision))
        licence = bench.run.record.request.licence
        data, said = fetched(access, found, None, licence, bench.datasets, bench.ask, spec.sentence)
    check_room(Path(data.location), bench.run.folder)
    choice = _choice(data, told, winner, asked, by)
    text = f"{said} Chosen by {by} among {len(told)} that were looked into: {winner.reason}."
    news = [(EventName.MESSAGE, {"text": text, "candidates": shown(told)})]
    return Done(f"{text}\n{_lines(told)}", [choice], news)


def require_datasets(access: HubAccess) -> None:
    """See that there is a Hub with something to search.

    Raises:
        UsageProblem: it is our own, and empty.
    """
    if access.embedded and is_empty(access):
        raise UsageProblem(
            "No data was named, and there is no Hub to search: no endpoint and no token are configured, "
            "and the embedded Hub holds no dataset.",
            TOKEN_HINT,
        )


def _candidates(
    bench: Workbench, access: HubAccess, wish: Wanted, asked: tuple[str, ...], spec: TaskSpec
) -> tuple[Candidate, ...]:
    names = search(access, asked, MOST_FOUND, spec.task_type.value)
    if not names:
        raise UsageProblem(
            f"No data was named, and {access.place} has no dataset for any of: {', '.join(asked)}.",
            "Name one with --data OWNER/NAME, or a file or folder.",
        )
    promising = sorted(names, key=lambda name: -sum(word in name.lower() for word in wish.words))
    bench.run.emit(
        EventName.MESSAGE,
        text=f"Asked {access.place} for {len(asked)} terms ({', '.join(asked[:4])} …): {len(names)} found, "
        f"looking into {min(len(names), MOST_LOOKED_INTO)}.",
    )
    bench.datasets.mkdir(parents=True, exist_ok=True)
    facts, down = [], None
    for name in promising[:MOST_LOOKED_INTO]:
        try:
            facts.append(look_into(access, name, spec.target, spec.sentence, bench.datasets))
        except HubTooBusy:
            raise
        except HubDown as problem:
            facts.append(out_of_reach(name, problem.message))
            down = problem
    if down and all(each.trouble for each in facts):
        raise down  # nothing is known of any of them: that is no result of a search
    return rank(facts, wish, date.today())


def _pick(
    bench: Workbench, access: HubAccess, ranked: tuple[Candidate, ...], wish: Wanted, asked: tuple[str, ...]
) -> tuple[str, str]:
    """The name of the one to use and who says so: the user, else the criteria, if one meets them."""
    fit = [each for each in ranked if each.verdict is not Verdict.UNFIT]
    usable = [each for each in ranked if each.usable]
    best = fit[0].name if fit else ""
    if usable and bench.interactive:
        bench.run.emit(EventName.MESSAGE, text="What was found, best first:", candidates=shown(ranked))
        advice = f"I would take {best}." if best else "None meets what the task needs."
        names = tuple(each.name for each in (*fit, *usable) if each.usable)
        answer = bench.ask(f"Which dataset? {advice}", (*dict.fromkeys(names), NONE))
        if answer not in (None, NONE):
            return str(answer), BY_USER
        best = "" if answer == NONE else best
    if best:
        return best, BY_CRITERIA
    raise UsageProblem(
        f"No dataset that was found on {access.place} is fit for “{example(wish.about)}”, and none is taken "
        f"that is not:\n{_lines(ranked)}",
        f"Name one with --data OWNER/NAME to use it all the same (such as {ranked[0].name}), or name a file.",
    )


def _choice(
    data: DataSource, told: tuple[Candidate, ...], winner: Candidate, asked: tuple[str, ...], by: str
) -> DatasetChoice:
    assert data.hub is not None
    return DatasetChoice(
        name=data.hub.repo,
        revision=data.hub.commit,
        licence=data.licence,
        source=f"{data.hub.where}, found by searching",
        reason=winner.reason,
        private_use_only=data.licence == "unknown",
        data=data,
        queries=asked,
        candidates=told,
        accepted_by=by,
    )


def shown(candidates: tuple[Candidate, ...]) -> list[dict[str, Any]]:
    """The candidates as an event carries them."""
    return [
        each.model_dump(
            mode="json", include={"name", "verdict", "score", "reason", "licence", "rows", "classes"}
        )
        for each in candidates
    ]


def _lines(candidates: tuple[Candidate, ...]) -> str:
    return "\n".join(
        f"- {each.name} ({each.verdict}, {each.score:.2f}): {each.reason}" for each in candidates
    )
