"""Jobs of this Hub: paid from credits, run one after another by whoever runs jobs on this machine.

A job's row is written before anything is started, and its own id names it to the runner, so a server that is
killed at any instant starts it once. Where a job stands is looked up when somebody asks.
"""

import json
import math
import secrets
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, select

from ml_intern.hub.server.bodies import Job
from ml_intern.hub.server.catalogue import Catalogue
from ml_intern.hub.server.database import CREDITS, JOBS
from ml_intern.hub.server.machines import MACHINES
from ml_intern.hub.server.refusals import Refused
from ml_intern.hub.server.values import now
from ml_intern.ports.backend import Backend
from ml_intern.records.errors import InternError
from ml_intern.records.jobs import JobHandle, JobSpec, JobState, Limits

SCHEDULING, RUNNING, COMPLETED, ERROR, CANCELED = "SCHEDULING", "RUNNING", "COMPLETED", "ERROR", "CANCELED"
OVER: Final = (COMPLETED, ERROR, CANCELED)
OUTPUTS: Final = "outputs"
"""The folder of a job that becomes its bucket's content."""
_STAGES = {JobState.SUCCEEDED: COMPLETED, JobState.CANCELLED: CANCELED}
_SECONDS_A_MINUTE = 60


@dataclass(frozen=True)
class JobRow:
    """A job as it is stored; seconds and micro-dollars count from its start, and for good from its end."""

    id: str
    owner: str
    spec: Job
    created: str
    started: str | None
    finished: str | None
    stage: str
    message: str
    seconds: int
    micro_usd: int

    @property
    def worst_micro_usd(self) -> int:
        """What it costs if it takes all of its time."""
        return cost(self.spec.flavor, self.spec.timeoutSeconds)


def cost(flavour: str, seconds: int) -> int:
    """What a machine costs for so long, in micro-dollars, rounded up."""
    return -(-MACHINES[flavour].micro_usd * seconds // _SECONDS_A_MINUTE)


class Jobs:
    """The jobs of one Hub. `runner` runs them; at most `slots` at a time, the others wait."""

    def __init__(self, folder: Path, catalogue: Catalogue, runner: Backend, slots: int = 2) -> None:
        self._folder, self._catalogue, self._runner, self._slots = folder, catalogue, runner, slots
        self._lock = threading.Lock()

    # --- credits -----------------------------------------------------------------------------------

    def set_credits(self, owner: str, micro_usd: int) -> None:
        """What `owner` may spend from now on."""
        with self._catalogue.writing() as connection:
            connection.execute(CREDITS.delete().where(CREDITS.c.owner == owner))
            connection.execute(CREDITS.insert().values(owner=owner, micro_usd=micro_usd))

    def credits(self, owner: str) -> int:
        """What `owner` has left, in micro-dollars, before what its running jobs will cost."""
        with self._catalogue.reading() as connection:
            return _credits(connection, owner)

    # --- jobs --------------------------------------------------------------------------------------

    def submit(self, owner: str, spec: Job) -> JobRow:
        """Take a job, if `owner` can pay for all of its time.

        Raises:
            Refused: there is no such machine, or not enough credit.
        """
        if spec.flavor not in MACHINES:
            raise Refused(400, f"There is no flavor {spec.flavor}: {', '.join(MACHINES)}.")
        made = JobRow(secrets.token_hex(12), owner, spec, now(), None, None, SCHEDULING, "", 0, 0)
        with self._catalogue.writing() as connection:
            promised = sum(row.worst_micro_usd for row in _rows(connection, owner) if row.stage not in OVER)
            if made.worst_micro_usd + promised > _credits(connection, owner):
                raise Refused(402, f"Pre-paid credit balance is insufficient to run {spec.flavor}.")
            values = {"id": made.id, "owner": owner, "spec": spec.model_dump_json(), "created": made.created}
            rest = {"stage": SCHEDULING, "message": "", "seconds": 0, "micro_usd": 0}
            connection.execute(JOBS.insert().values(**values, **rest))
        self._advance()
        return self.job(owner, made.id)

    def job(self, owner: str, job_id: str) -> JobRow:
        """One job as it stands now.

        Raises:
            Refused: there is none.
        """
        self._advance()
        with self._catalogue.reading() as connection:
            found = [row for row in _rows(connection, owner) if row.id == job_id]
        if not found:
            raise Refused(404, "Job not found")
        return found[0]

    def every(self, owner: str) -> list[JobRow]:
        """All jobs of `owner`, newest first."""
        self._advance()
        with self._catalogue.reading() as connection:
            return _rows(connection, owner)[::-1]

    def cancel(self, row: JobRow) -> None:
        """Stop a job; does nothing where it has ended."""
        with self._lock:
            if row.started is not None:
                self._runner.cancel(_handle(self._runner, row.id))
            else:
                self._set(row, SCHEDULING, stage=CANCELED, finished=now())
        self._advance()

    def lines(self, row: JobRow, seen: int) -> Iterator[str]:
        """The lines of its log after the first `seen`."""
        yield from self._runner.logs(_handle(self._runner, row.id), seen)

    def outputs(self, row: JobRow) -> Path | None:
        """The folder of what it wrote to its bucket; None where it has none."""
        bucket = next((each for each in row.spec.volumes if each.type == "bucket"), None)
        return self._bucket(row, bucket.source, bucket.path or "") if bucket else None

    # --- going on ----------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Enter the ends of jobs, and start those that wait for a place."""
        with self._lock:
            with self._catalogue.reading() as connection:
                rows = [row for row in _rows(connection) if row.stage not in OVER]
            running = 0
            for row in rows:
                if row.stage == RUNNING:
                    running += not self._finish(row)
            for row in rows:
                if row.stage == SCHEDULING and running < self._slots:
                    running += self._start(row)

    def _start(self, row: JobRow) -> bool:
        try:
            self._runner.submit(self._spec(row))  # its id makes that happen once
        except (InternError, Refused) as refused:
            self._set(row, SCHEDULING, stage=ERROR, message=refused.message, finished=now())
            return False
        except (OSError, ValueError) as error:  # a name that no disk takes, say: the other jobs go on
            message = f"Its files cannot be laid out: {type(error).__name__}."
            self._set(row, SCHEDULING, stage=ERROR, message=message, finished=now())
            return False
        self._set(row, SCHEDULING, stage=RUNNING, started=now())
        return True

    def _finish(self, row: JobRow) -> bool:
        """Enter a running job's end; False while it runs."""
        status = self._runner.status(_handle(self._runner, row.id))
        seconds = min(math.ceil(status.seconds), row.spec.timeoutSeconds)  # nobody pays for our own delay
        if not status.state.ended:
            self._set(row, RUNNING, seconds=seconds)
            return False
        self._keep_outputs(row)
        spent = cost(row.spec.flavor, seconds)
        stage = _STAGES.get(status.state, ERROR)
        message = "" if stage == COMPLETED else status.reason or status.state.value
        if status.state is JobState.TIMED_OUT:
            message = f"Job timeout: {message}"
        with self._catalogue.writing() as connection:
            mine = (JOBS.c.id == row.id) & (JOBS.c.stage == RUNNING)
            ended = {"stage": stage, "message": message, "finished": now()}
            changed = connection.execute(
                JOBS.update().where(mine).values(**ended, seconds=seconds, micro_usd=spent)
            )
            if changed.rowcount:  # nobody else has entered it
                paid = CREDITS.update().where(CREDITS.c.owner == row.owner)
                connection.execute(paid.values(micro_usd=CREDITS.c.micro_usd - spent))
        return True

    def _set(self, row: JobRow, before: str, **values: Any) -> None:
        with self._catalogue.writing() as connection:
            mine = (JOBS.c.id == row.id) & (JOBS.c.stage == before)
            connection.execute(JOBS.update().where(mine).values(**values))

    def _spec(self, row: JobRow) -> JobSpec:
        mounts, links, inputs = {}, {}, {}
        for number, volume in enumerate(row.spec.volumes):
            if volume.type == "bucket":
                links[volume.mountPath] = OUTPUTS
                inputs[OUTPUTS] = str(self._bucket(row, volume.source, volume.path or ""))
                continue
            place = self._folder / "volumes" / row.id / str(number)
            self._lay_out(row, volume.type, volume.source, volume.revision or "main", volume.path, place)
            mounts[volume.mountPath] = str(place)
        return JobSpec(
            intent_id=row.id,
            run=row.owner,
            purpose="job",
            argv=program([*row.spec.command, *row.spec.arguments]),
            inputs=inputs,
            mounts=mounts,
            links=links,
            limits=Limits(seconds=row.spec.timeoutSeconds),
        )

    def _bucket(self, row: JobRow, source: str, path: str) -> Path:
        """The folder of a bucket of the job's owner.

        Raises:
            Refused: it is somebody else's, or the path leaves it.
        """
        owner, _, name = source.partition("/")
        parts = [name, *filter(None, path.split("/"))]
        if (
            owner != row.owner
            or not all(part.strip(".") and "\\" not in part for part in parts)
            or "/" in name
        ):
            raise Refused(403, f"A job may only write to a bucket of {row.owner}.")
        found = self._folder / "buckets" / owner / Path(*parts)
        found.mkdir(parents=True, exist_ok=True, mode=0o700)
        return found

    def _keep_outputs(self, row: JobRow) -> None:
        if (bucket := self.outputs(row)) is None:
            return
        fetched = self._folder / "volumes" / row.id / "fetched"
        shutil.rmtree(fetched, ignore_errors=True)
        fetched.parent.mkdir(parents=True, exist_ok=True)
        self._runner.fetch(_handle(self._runner, row.id), fetched)
        shutil.copytree(fetched, bucket, dirs_exist_ok=True)
        shutil.rmtree(fetched.parent)

    def _lay_out(
        self, row: JobRow, kind: str, source: str, revision: str, path: str | None, place: Path
    ) -> None:
        """Put the files of a repository into a folder.

        Raises:
            Refused: there is no such thing, or the job's owner may not see it.
        """
        owner, _, name = source.partition("/")
        repo = self._catalogue.repo(kind, owner, name)
        if (repo.private or repo.gated) and owner != row.owner:
            raise Refused(404, "Repository not found", "RepoNotFound")
        start = f"{path.strip('/')}/" if path else ""
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for name, entry in self._catalogue.commit(repo, revision).tree.items():
            if name.startswith(start):
                target = place / name[len(start) :]
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._folder / "blobs" / entry.sha256[:2] / entry.sha256, target)


def program(command: list[str]) -> tuple[str, ...]:
    """The Python program within a command: `python …`, or `uv run … python …`, whose packages are our own.

    Raises:
        Refused: it is something else, which this Hub does not run.
    """
    words = list(command)
    if words[:2] == ["uv", "run"] and "python" in words:
        words = words[words.index("python") :]
    if words[0] in ("python", "python3"):
        return ("python", *words[1:])
    raise Refused(400, "This Hub runs `python …` and `uv run … python …`, and no other command.")


def _handle(runner: Backend, job_id: str) -> JobHandle:
    return JobHandle(backend=runner.name, job_id=job_id)


def _credits(connection: Connection, owner: str) -> int:
    found = select(func.coalesce(func.sum(CREDITS.c.micro_usd), 0)).where(CREDITS.c.owner == owner)
    return int(connection.execute(found).scalar_one())


def _rows(connection: Connection, owner: str | None = None) -> list[JobRow]:
    """The jobs of `owner`, or all, oldest first."""
    query = select(JOBS) if owner is None else select(JOBS).where(JOBS.c.owner == owner)
    rows = connection.execute(query.order_by(JOBS.c.created, JOBS.c.id))
    return [JobRow(**{**row._mapping, "spec": Job.model_validate(json.loads(row.spec))}) for row in rows]
