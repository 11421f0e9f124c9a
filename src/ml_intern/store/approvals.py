"""Rows of the `approvals` table: answers, each for exactly one artifact."""

from sqlalchemy import Connection, insert, select

from ml_intern.records.runs import Approval
from ml_intern.store.database import now
from ml_intern.store.schema import approvals


def append(connection: Connection, run_id: str, approval: Approval) -> None:
    """Record an answer; a later one for the same artifact replaces it."""
    fields = approval.model_dump(mode="json") | {"time": approval.time or now()}
    connection.execute(insert(approvals).values(run_id=run_id, **fields))


def history(connection: Connection, run_id: str) -> list[Approval]:
    """All answers, oldest first."""
    columns = [approvals.c[name] for name in Approval.model_fields]
    rows = connection.execute(select(*columns).where(approvals.c.run_id == run_id).order_by(approvals.c.id))
    return [Approval.model_validate(dict(row._mapping)) for row in rows]
