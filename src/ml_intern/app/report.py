"""The report on a run: gathering what is stored, and writing the page."""

from pathlib import Path
from typing import Any

from ml_intern import __version__
from ml_intern.app.home import Home
from ml_intern.app.pages import write_page
from ml_intern.app.result import REPORT, snapshot
from ml_intern.records.evaluation import Evaluation
from ml_intern.reporting.dossier import Dossier, Step, Version
from ml_intern.reporting.page import render
from ml_intern.workflow.run import Run
from ml_intern.workflow.stages import STAGES


def write_report(home: Home, prefix: str | None, out: Path | None = None) -> dict[str, Any]:
    """Write the report on a run as it stands, by default into its folder, and say where it is.

    The file appears complete or not at all.

    Raises:
        UsageProblem: there is no such run.
        InternError: the file cannot be written.
    """
    run = _open(home, prefix)
    path = (out or run.folder / REPORT).expanduser().absolute()
    size = write_page(path, render(gather(home, run)), "Name another file with --out FILE.")
    return {"run": run.record.id, "report": str(path), "bytes": size}


def keep_report(home: Home, run_id: str) -> None:
    """Write the report of a run that was evaluated, or bring one up to date that was written before.

    Raises:
        InternError: the file cannot be written.
    """
    run = _open(home, run_id)
    if run.get(Evaluation) is not None or (run.folder / REPORT).exists():
        write_report(home, run_id)


def _open(home: Home, prefix: str | None) -> Run:
    record = home.resolve(prefix)
    return Run(home.engine, record, home.folder(record.id), lambda event: None)


def gather(home: Home, run: Run) -> Dossier:
    """All that a report says of a run."""
    result, current = snapshot(home, run.record.id), run.current()
    return Dossier(
        run=run.record,
        folder=str(run.folder),
        steps=tuple(
            Step(stage.name, stage.does, tuple(run.objections(stage)), result["seconds"].get(stage.name))
            for stage in STAGES
            if stage.wanted(run.record.request)
        ),
        artifacts=run.artifacts(),
        versions=tuple(
            Version(each.kind, each.version, each.sha256, each.time, current.get(each.kind) == each)
            for each in run.history
        ),
        approvals=tuple(run.answers),
        commands=tuple(result["next"]),
        spent_usd=result["cost_usd"],
        product=f"ML Intern {__version__}",
    )
