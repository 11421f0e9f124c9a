"""Tool: read the notes that were kept."""

from ml_intern.tools.notebook import notes
from ml_intern.workflow.workbench import Done, Workbench, tool


@tool("research", "draft", "smoke", "plan", aside=True)
def read_notes(bench: Workbench) -> Done:
    """Read your notes of this run, the newest last.

    Args:
        bench: Where the tool works.
    """
    kept = notes(bench.run.folder)
    shown = [each for each in kept if bench.rows_may_be_seen or not each.may_hold_rows]
    lines = [f"- {each.text}" for each in shown] or ["There are no notes."]
    if hidden := len(kept) - len(shown):
        lines.append(f"({hidden} left out: they were written where rows of the data may be seen)")
    return Done("\n".join(lines))
