"""Tool: end the run honestly."""

from ml_intern.records.approval import Verdict
from ml_intern.records.errors import DataUnfit, ExitCode, InternError
from ml_intern.records.training import TrainingPlan
from ml_intern.workflow.stages import NAMES
from ml_intern.workflow.workbench import Done, Workbench, tool


class PlanDenied(InternError):
    """The plan was denied and nothing can be changed about it."""

    exit_code = ExitCode.DENIED


@tool(*NAMES, aside=True)
def stop_run(bench: Workbench, reason: str) -> Done:
    """End the run because the task cannot be done as asked. What was found so far is kept.

    Args:
        bench: Where the tool works.
        reason: What stands in the way, in one or two sentences.
    """
    stage, run_id = bench.run.stage(), bench.run.record.id
    # Where the stage of now asks nothing, a training that was turned down is what may stand behind it.
    answer = bench.run.approval((stage.asks if stage else None) or TrainingPlan)
    if answer and answer.verdict is Verdict.DENIED:
        raise PlanDenied(reason, f"Say yes after all with: ml-intern approve {run_id}")
    if stage is not None and stage.name == "define":
        raise DataUnfit(reason, "State a task of the kind that this version can do.")
    raise InternError(reason, f"Look at what was found with: ml-intern show {run_id}")
