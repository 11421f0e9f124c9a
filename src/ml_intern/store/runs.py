"""Rows of the `runs` table."""

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import Row

from ml_intern.records.errors import UsageProblem
from ml_intern.records.runs import RunRecord, RunRequest, RunStatus
from ml_intern.store.database import now
from ml_intern.store.schema import ROWID, runs


def create(connection: Connection, run_id: str, request: RunRequest) -> None:
    """Add a run."""
    moment = now()
    values = {"id": run_id, "status": RunStatus.OPEN.value, "request": request.model_dump_json()}
    connection.execute(
        insert(runs).values(**values, created=moment, updated=moment, error="", hint="", exit_code=None)
    )


def _record(row: Row[tuple[str, ...]]) -> RunRecord:
    fields = dict(row._mapping)
    return RunRecord.model_validate(fields | {"request": RunRequest.model_validate_json(fields["request"])})


def every(connection: Connection) -> list[RunRecord]:
    """All runs, newest first."""
    return [_record(row) for row in connection.execute(select(runs).order_by(ROWID.desc()))]


def resolve(connection: Connection, prefix: str | None) -> RunRecord:
    """The run whose id starts with `prefix`; the latest where `prefix` is None.

    Raises:
        UsageProblem: there is none, or more than one.
    """
    known = every(connection)
    found = known[:1] if prefix is None else [run for run in known if run.id.startswith(prefix)]
    if not known:
        raise UsageProblem("There is no run yet.", 'Start one with: ml-intern "your task" --data FILE')
    if not found:
        raise UsageProblem(f"There is no run {prefix!r}.", "List the runs with: ml-intern runs")
    if len(found) > 1:
        names = ", ".join(run.id for run in found[:5])
        raise UsageProblem(f"More than one run starts with {prefix!r}: {names}.", "Give more letters.")
    return found[0]


def set_status(
    connection: Connection,
    run_id: str,
    status: RunStatus,
    error: str = "",
    hint: str = "",
    exit_code: int | None = None,
) -> None:
    """Record where the run stands and, where it ended, why."""
    values = {"status": status.value, "error": error, "hint": hint, "exit_code": exit_code, "updated": now()}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def set_request(connection: Connection, run_id: str, request: RunRequest) -> None:
    """Record what the user has changed about the request."""
    values = {"request": request.model_dump_json(), "updated": now()}
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def remove(connection: Connection, run_id: str) -> None:
    """Delete the run with all that belongs to it."""
    connection.execute(delete(runs).where(runs.c.id == run_id))
