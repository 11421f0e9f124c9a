"""Looking at what is stored."""

import json
from typing import Any

from ml_intern.app.compute import backends
from ml_intern.app.home import Home
from ml_intern.app.result import snapshot
from ml_intern.records.errors import ComputeRefused, JobUnclear, UsageProblem
from ml_intern.records.research import Claim, Research
from ml_intern.store.jobs import JobTable
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import KINDS, STAGES


def describe(home: Home, prefix: str | None) -> dict[str, Any]:
    """The run's result as it stands, its request, stages, artifacts and approvals."""
    record = home.resolve(prefix)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    current = run.current()
    stages = [
        {
            "name": stage.name,
            "state": "open" if run.objections(stage) else "done",
            "objections": run.objections(stage),
            "artifacts": [cls.kind for cls in stage.artifacts if cls.kind in current],
        }
        for stage in STAGES
        if stage.wanted(record.request)
    ]
    return snapshot(home, record.id) | {
        "request": record.request.model_dump(mode="json"),
        "stages": stages,
        "artifacts": [
            {"kind": a.kind, "version": a.version, "sha256": a.sha256, "time": a.time,
             "current": current.get(a.kind) == a}
            for a in run.history
        ],
        "claims": [claim.model_dump(mode="json") for claim in _claims(run)],
        "approvals": [answer.model_dump(mode="json") for answer in run.answers],
    }  # fmt: skip


def _claims(run: Run) -> tuple[Claim, ...]:
    research = run.get(Research)
    return research.claims if research else ()


def stored_artifact(home: Home, prefix: str | None, kind: str) -> str:
    """The current artifact of this kind as indented JSON.

    Raises:
        UsageProblem: there is no such kind, or the run has none of it.
    """
    if kind not in KINDS:
        raise UsageProblem(f"There is no artifact {kind!r}.", f"Artifacts: {', '.join(KINDS)}")
    record = home.resolve(prefix)
    run = Run(home.engine, record, home.folder(record.id), lambda event: None)
    found = run.current().get(kind)
    if found is None:
        raise UsageProblem(f"Run {record.id} has no current {kind}.", f"See: ml-intern show {record.id}")
    return json.dumps(json.loads(found.content), indent=2, ensure_ascii=False)


def job_logs(home: Home, prefix: str | None) -> tuple[list[tuple[str, str]], bool]:
    """All log lines of the run's jobs as (purpose, line), and whether a job still runs."""
    record = home.resolve(prefix)
    table = JobTable(home.engine)
    lines: list[tuple[str, str]] = []
    running = False
    with backends(home) as opened:
        for entry in table.entries(record.id):
            try:
                backend, handle = opened.located(entry)
            except (ComputeRefused, JobUnclear) as unseen:
                lines.append((entry.purpose, f"[its log cannot be read: {unseen.message}]"))
                continue
            if handle is None:
                continue
            running = running or not backend.status(handle).state.ended
            lines += [(entry.purpose, line) for line in backend.logs(handle, 0)]
    return lines, running
