"""What runs have cost and have set aside."""

from typing import Any

from ml_intern.app.home import Home
from ml_intern.app.left import left_jobs
from ml_intern.records.costs import Entry, EntryState
from ml_intern.records.spec import TaskSpec
from ml_intern.store.ledger import entries, limit, set_limit
from ml_intern.workflow.run import Run

MICRO = 1_000_000


def costs(home: Home, prefix: str | None, every: bool = False) -> dict[str, Any]:
    """The ledger of one run, or of all runs of this home, removed ones included.

    Raises:
        UsageProblem: there is no such run.
    """
    budget = None
    if every:
        found = entries(home.engine)
    else:
        record = home.resolve(prefix)
        spec = Run(home.engine, record, home.folder(record.id), lambda event: None).get(TaskSpec)
        found = entries(home.engine, record.id)
        budget = spec.budget_micro_usd if spec else record.request.budget_micro_usd or 0
    most = limit(home.engine)
    return {
        "budget_usd": None if budget is None else budget / MICRO,
        "limit_usd": None if most is None else most / MICRO,
        "reserved_usd": _sum(found, EntryState.RESERVED),
        "spent_usd": _sum(found, EntryState.SETTLED),
        "entries": [_told(each) for each in found],
        "left": [each for each in left_jobs(home) if every or each["run"] == record.id],
    }


def limit_all(home: Home, micro_usd: int | None) -> None:
    """Set what all runs of this home may spend together; None takes the limit away."""
    set_limit(home.engine, micro_usd)


def _sum(found: list[Entry], state: EntryState) -> float:
    return sum(each.micro_usd for each in found if each.state is state) / MICRO


def _told(entry: Entry) -> dict[str, Any]:
    told = entry.model_dump(mode="json", exclude={"reserved_micro_usd", "micro_usd"})
    return told | {"reserved_usd": entry.reserved_micro_usd / MICRO, "usd": entry.micro_usd / MICRO}
