"""What the playbook does when the smoke test fails: what it knows to mend it mends, the rest it reports."""

from pathlib import Path
from typing import Any

from ml_intern.records.spec import TaskSpec
from ml_intern.records.training import SmokeReport, TrainingScript
from ml_intern.training.repair.catalogue import diagnose
from ml_intern.training.repair.failure import Failure
from ml_intern.training.script import MOST_REPAIRS, read_scripts

Step = tuple[str, dict[str, Any]]
"""A tool's name and its arguments."""


def mend(report: SmokeReport, script: TrainingScript, spec: TaskSpec, run_folder: Path) -> Step:
    """The step after a failed smoke test: a patch of the catalogue, or an honest end."""
    failed = [check for check in report.checks if not check.ok]
    said = "; ".join(check.message for check in failed)
    if len(script.repairs) >= MOST_REPAIRS:
        tried = ", ".join(repair.bug for repair in script.repairs)
        return _stop(f"The smoke test still fails after {MOST_REPAIRS} repairs ({tried}): {said}", report)
    patch = diagnose(
        Failure(
            step=failed[0].id,
            state=report.state,
            log=(*report.log_tail, failed[0].message),
            files=read_scripts(script, run_folder),
            config=script.config,
        )
    )
    if patch is None:
        return _stop(f"The smoke test failed, and the playbook knows no repair: {said}", report)
    if spec.max_length and "max_length" in patch.config:
        return _stop(f"The task asks for texts of {spec.max_length} tokens. {patch.explanation}", report)
    return "edit_script", patch.model_dump(mode="json")


def _stop(reason: str, report: SmokeReport) -> Step:
    last = [line for line in report.log_tail if line.strip()][-1:]
    shown = f" The log ends: {last[0][:300]}" if last and last[0] not in reason else ""
    return "stop_run", {"reason": reason + shown}
