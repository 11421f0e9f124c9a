"""Tool: keep a note for later, in the run's folder."""

from ml_intern.records.data import DataReport
from ml_intern.tools.notebook import Note, add
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("research", "draft", "smoke", "plan", aside=True)
def note(bench: Workbench, text: str) -> Done:
    """Keep a short note for yourself: what you found out, where, and what you decided. It outlives the talk.

    Args:
        bench: Where the tool works.
        text: The note, with its source.
    """
    # Once the data was read, a brain that may see rows can have some of them in mind.
    may_hold_rows = bench.rows_may_be_seen and bench.run.get(DataReport) is not None
    count = add(bench.run.folder, Note(text=text, may_hold_rows=may_hold_rows))
    return Done(f"Noted, {count} in all.")
