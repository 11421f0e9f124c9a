"""Tool: ask for approval. The loop pauses here until a person or policy has answered."""

from pydantic_ai import ApprovalRequired

from ml_intern.records.approval import Verdict
from ml_intern.workflow.stages import KINDS, STAGES
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
    if _something_waits(bench):  # whatever hash a brain writes, what is asked about is what waits
        raise ApprovalRequired
    subject = next((kind for kind in SUBJECTS if bench.run.sha256(kind) == plan_sha256), None)
    # The stored answer decides, never the message that resumed this call.
    answer = bench.run.approval(subject) if subject else None
    if answer is not None and answer.verdict is Verdict.APPROVED:
        return Done(f"The plan was approved by {answer.by}; nothing waits for approval now.")
    raise Unfit("nothing waits for approval now: go on with another tool of the current stage")


def _something_waits(bench: Workbench) -> bool:
    asked = bench.run.question()
    answer = bench.run.approval(KINDS[asked.kind]) if asked else None
    return asked is not None and (answer is None or answer.verdict is not Verdict.APPROVED)
