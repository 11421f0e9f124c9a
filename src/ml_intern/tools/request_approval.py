"""Tool: ask for approval. The loop pauses here until a person or policy has answered."""

from ml_intern.records.approval import Verdict
from ml_intern.workflow.stages import STAGES
from ml_intern.workflow.workbench import Done, Unfit, Workbench, tool

SUBJECTS = tuple(stage.asks for stage in STAGES if stage.asks)


# Offered in "train" too: once the answer is stored, that is the stage in which the call is taken up again.
@tool("plan", "train", "publish")
def request_approval(bench: Workbench, plan_sha256: str) -> Done:
    """Ask for approval of the current plan, of a training or a publication. Nothing goes ahead without it.

    Args:
        bench: Where the tool works.
        plan_sha256: The hash of the plan that you ask for.
    """
    subject = next((kind for kind in SUBJECTS if bench.run.sha256(kind) == plan_sha256), None)
    if subject is None:
        raise Unfit("that is not the hash of the current plan")
    answer = bench.run.approval(subject)
    # The stored answer decides, never the message that resumed this call.
    if answer is None or answer.verdict is not Verdict.APPROVED:
        raise Unfit("the plan has not been approved")
    return Done(f"The plan was approved by {answer.by}.")
