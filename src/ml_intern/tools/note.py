"""Tool: keep a note for later, in the run's folder."""

from ml_intern.tools.notebook import Note, add
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("research", "draft", "smoke", "plan", aside=True)
def note(bench: Workbench, text: str) -> Done:
    """Keep a short note for yourself: what you found out, where, and what you decided. It outlives the talk.

    Args:
        bench: Where the tool works.
        text: The note, with its source.
    """
    count = add(bench.run.folder, Note(text=text, may_hold_rows=bench.may_hold_rows()))
    return Done(f"Noted, {count} in all.")
