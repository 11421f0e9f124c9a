"""Tool: try the script before anything expensive."""

from ml_intern.evaluation.predictions import read_predictions
from ml_intern.records.data import Split
from ml_intern.records.runs import EventName
from ml_intern.records.training import TrainingScript
from ml_intern.tools.mounts import mounts_of
from ml_intern.training.smoke import smoke_test
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("smoke")
def run_smoke_test(bench: Workbench) -> Done:
    """Read the script for mistakes, then run it on a small sample: train, restart, save, reload, predict."""
    script, split = bench.run.need(TrainingScript), bench.run.need(Split)
    mounts = mounts_of(bench)
    report = smoke_test(bench.jobs, script, split, bench.run.folder, mounts, read_predictions)
    failed = [check.message for check in report.checks if not check.ok]
    text = f"Smoke test: {len(report.checks) - len(failed)} of {len(report.checks)} checks passed"
    how = f"on {report.sample_rows} rows in {report.train_seconds:.1f} s"
    text += f" {how}." if report.sample_rows else " by reading; nothing was run yet."
    return Done(" ".join([text, *failed]), [report], [(EventName.MESSAGE, {"text": text})])
