"""The write-ahead registry of jobs."""

from dataclasses import dataclass

from sqlalchemy import Engine, select, update
from sqlalchemy.dialects.sqlite import insert

from ml_intern.records.jobs import JobHandle, JobSpec, JobStatus
from ml_intern.store.database import now
from ml_intern.store.schema import ROWID, jobs


@dataclass(frozen=True)
class JobEntry:
    """What is recorded of a job; `handle` is None where we died before its start was recorded."""

    purpose: str
    backend: str
    intent_id: str
    handle: JobHandle | None


class JobTable:
    """A `JobRegistry` on the state database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intend(self, job: JobSpec, backend: str) -> None:
        """Record that `job` is about to be submitted to `backend`, perhaps after another refused it."""
        values = {
            "intent_id": job.intent_id,
            "run_id": job.run,
            "purpose": job.purpose,
            "backend": backend,
            "spec": job.model_dump_json(),
            "time": now(),
        }
        with self._engine.begin() as connection:
            newest = {"backend": backend}
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
        return [JobEntry(row.purpose, row.backend, row.intent_id, _handle(row.handle)) for row in rows]

    def _set(self, intent_id: str, **values: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.intent_id == intent_id).values(**values))


def _handle(recorded: str | None) -> JobHandle | None:
    return JobHandle.model_validate_json(recorded) if recorded else None
