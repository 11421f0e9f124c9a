"""The write-ahead registry of jobs."""

from typing import Any

from sqlalchemy import Engine, Row, select, update
from sqlalchemy.dialects.sqlite import insert

from ml_intern.records.jobs import JobEntry, JobHandle, JobSpec, JobStatus
from ml_intern.store.database import now
from ml_intern.store.schema import ROWID, jobs


class JobTable:
    """A `JobRegistry` on the state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intend(self, job: JobSpec, backend: str, account: str) -> None:
        """Record that `job` is about to be submitted to `backend`, perhaps after another refused it.

        The handle of an earlier start is forgotten: it is not the job that may run from now on.
        """
        newest = {"backend": backend, "account": account, "handle": None}
        values = newest | {
            "intent_id": job.intent_id,
            "run_id": job.run,
            "purpose": job.purpose,
            "spec": job.model_dump_json(),
            "time": now(),
        }
        with self._engine.begin() as connection:
            connection.execute(
                insert(jobs).values(**values).on_conflict_do_update(index_elements=["intent_id"], set_=newest)
            )

    def accepted(self, intent_id: str, handle: JobHandle) -> None:
        """Record the backend's handle."""
        self._set(intent_id, handle=handle.model_dump_json())

    def ended(self, intent_id: str, status: JobStatus) -> None:
        """Record how the job ended."""
        self._set(intent_id, status=status.model_dump_json())

    def status(self, intent_id: str) -> JobStatus | None:
        """The recorded end of the job, or None while it has none."""
        query = select(jobs.c.status).where(jobs.c.intent_id == intent_id)
        with self._engine.begin() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else JobStatus.model_validate_json(found)

    def entries(self, run_id: str) -> list[JobEntry]:
        """All jobs of a run that a backend may know of, oldest first."""
        query = select(jobs).where(jobs.c.run_id == run_id).order_by(ROWID)
        with self._engine.begin() as connection:
            rows = list(connection.execute(query))
        return [_entry(row) for row in rows]

    def entry(self, intent_id: str) -> JobEntry | None:
        """What is recorded of the job; None where nothing is."""
        with self._engine.begin() as connection:
            row = connection.execute(select(jobs).where(jobs.c.intent_id == intent_id)).first()
        return None if row is None else _entry(row)

    def _set(self, intent_id: str, **values: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.intent_id == intent_id).values(**values))


def _entry(row: Row[Any]) -> JobEntry:
    return JobEntry(
        run=row.run_id,
        purpose=row.purpose,
        backend=row.backend,
        intent_id=row.intent_id,
        handle=JobHandle.model_validate_json(row.handle) if row.handle else None,
        account=row.account,
    )
