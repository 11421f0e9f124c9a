"""Tool: ask for the plan's approval. The loop pauses here until a person or policy has answered."""

from ml_intern.records.approval import Verdict
from ml_intern.records.training import TrainingPlan
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool


# Offered in "train" too: once the answer is stored, that is the stage in which the call is taken up again.
@tool("plan", "train")
def request_approval(bench: Workbench, plan_sha256: str) -> Done:
    """Ask for approval of the current plan. Training cannot start without it.

    Args:
        bench: Where the tool works.
        plan_sha256: The hash of the plan that you ask for.
    """
    answer = bench.run.approval(TrainingPlan)
    if plan_sha256 != bench.run.sha256(TrainingPlan):
        raise Unfit("that is not the hash of the current plan")
    # The stored answer decides, never the message that resumed this call.
    if answer is None or answer.verdict is not Verdict.APPROVED:
        raise Unfit("the plan has not been approved")
    return Done(f"The plan was approved by {answer.by}.")
