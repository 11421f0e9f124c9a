"""Tool: put a question to the user."""

from ml_intern.records.errors import UsageProblem
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("define", "research", "inspect", "plan", aside=True)
def ask_user(bench: Workbench, question: str) -> Done:
    """Ask the user one question that you cannot answer from the task, the flags or the data.

    Args:
        bench: Where the tool works.
        question: The question, with an example of an answer.
    """
    answer = bench.ask(question, ())
    if not answer:
        raise UsageProblem(
            question,
            "Nobody can be asked here. Say it in the task, or settle it with --text, --label or --data.",
        )
    return Done(answer)
