"""The Jobs protocol over the jobs of this Hub."""

import asyncio
import json
import tarfile
import tempfile
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from ml_intern.hub.server.bodies import Job, read_body
from ml_intern.hub.server.context import Hub, hub_of, named, writer
from ml_intern.hub.server.infos import page
from ml_intern.hub.server.jobs import OVER, JobRow, Jobs, program
from ml_intern.hub.server.machines import MACHINES
from ml_intern.hub.server.names import repo_part
from ml_intern.hub.server.refusals import Refused
from ml_intern.hub.server.values import now

PAUSE: Final = 0.1
"""Seconds between looks for new lines of a log."""
KEEP_ALIVE: Final = 15.0
MOST_JOBS: Final = 100


def jobs_of(hub: Hub) -> Jobs:
    """The jobs of this Hub.

    Raises:
        Refused: it runs none.
    """
    if hub.jobs is None:
        raise Refused(503, "This Hub runs no jobs.")
    return hub.jobs


def _namespace(request: Request) -> str:
    """The address's owner, for whom who asks may run jobs.

    Raises:
        Refused: they may not.
    """
    who, owner = writer(request), repo_part(named(request, "owner"))
    if not who.owns(owner):
        raise Refused(403, f"You don't have the rights to run jobs in the namespace {owner}.")
    return owner


async def _named(request: Request) -> JobRow:
    owner = _namespace(request)
    return await run_in_threadpool(jobs_of(hub_of(request)).job, owner, named(request, "job"))


async def hardware(request: Request) -> Response:
    """GET /api/jobs/hardware."""
    jobs_of(hub_of(request))
    return JSONResponse([machine.told() for machine in MACHINES.values()])


async def submit(request: Request) -> Response:
    """POST /api/jobs/{owner}."""
    owner, spec = _namespace(request), await read_body(request, Job)
    program([*spec.command, *spec.arguments])
    if spec.environment or spec.secrets:
        raise Refused(400, "This Hub gives jobs neither environment nor secrets.")
    made = await run_in_threadpool(jobs_of(hub_of(request)).submit, owner, spec)
    return JSONResponse(told(made))


async def every(request: Request) -> Response:
    """GET /api/jobs/{owner}."""
    owner, query = _namespace(request), request.query_params
    labels = [pair.partition("=")[::2] for pair in query.getlist("label")]
    stages = query.getlist("stage")
    found = [
        row
        for row in await run_in_threadpool(jobs_of(hub_of(request)).every, owner)
        if all(row.spec.labels.get(key) == value for key, value in labels)
        and (not stages or row.stage in stages)
    ]
    return page(request, [told(row) for row in found], MOST_JOBS)


async def inspect(request: Request) -> Response:
    """GET /api/jobs/{owner}/{job}."""
    return JSONResponse(told(await _named(request)))


async def cancel(request: Request) -> Response:
    """POST /api/jobs/{owner}/{job}/cancel."""
    await run_in_threadpool(jobs_of(hub_of(request)).cancel, await _named(request))
    return JSONResponse(told(await _named(request)))


async def logs(request: Request) -> Response:
    """GET /api/jobs/{owner}/{job}/logs: events as they come, until the job has ended."""
    row = await _named(request)
    jobs = jobs_of(hub_of(request))
    tail = request.query_params.get("tail", "")
    return StreamingResponse(
        _events(jobs, row, int(tail) if tail.isdigit() else None), media_type="text/event-stream"
    )


async def _events(jobs: Jobs, row: JobRow, tail: int | None) -> AsyncIterator[str]:
    yield _event(f"===== Job started at {row.started or row.created} =====")
    seen, quiet = 0, 0.0
    while True:
        row = await run_in_threadpool(jobs.job, row.owner, row.id)  # before the lines, so that none is missed
        lines = await run_in_threadpool(list, jobs.lines(row, seen))
        seen += len(lines)
        for line in lines[-tail:] if tail else lines:
            yield _event(line)
        if row.stage in OVER:
            return
        tail = None
        quiet = 0.0 if lines else quiet + PAUSE
        if quiet > KEEP_ALIVE:
            quiet = 0.0
            yield ": keep-alive\n\n"
        await asyncio.sleep(PAUSE)


def _event(line: str) -> str:
    return f"data: {json.dumps({'data': line, 'timestamp': now()})}\n\n"


async def outputs(request: Request) -> Response:
    """GET /api/jobs/{owner}/{job}/outputs: what it wrote to its bucket, as a tar archive. Our own address."""
    row = await _named(request)
    folder = jobs_of(hub_of(request)).outputs(row)
    if folder is None:
        raise Refused(404, "This job has no bucket.")

    def packed() -> Any:
        file = tempfile.TemporaryFile()  # the answer closes it
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(folder, arcname=".")
        file.seek(0)
        return file

    file = await run_in_threadpool(packed)

    def chunks() -> Any:
        with file:
            while chunk := file.read(1 << 20):
                yield chunk

    return StreamingResponse(chunks(), media_type="application/x-tar")


def told(row: JobRow) -> dict[str, Any]:
    """A job as the protocol writes it."""
    spec = row.spec
    scheduled = row.seconds if row.started else None
    return {
        "id": row.id, "createdAt": row.created, "startedAt": row.started, "finishedAt": row.finished,
        "dockerImage": spec.dockerImage, "spaceId": spec.spaceId, "command": spec.command,
        "arguments": spec.arguments, "environment": {}, "flavor": spec.flavor, "labels": spec.labels,
        "volumes": [each.model_dump(exclude_none=True) for each in spec.volumes] or None,
        "status": {"stage": row.stage, "message": row.message or None},
        "durations": {"schedulingSecs": None, "runningSecs": scheduled, "totalSecs": row.seconds},
        "owner": {"id": row.owner, "name": row.owner, "type": "user"},
        "initiator": {"type": "user", "id": row.owner, "name": row.owner},
    }  # fmt: skip
