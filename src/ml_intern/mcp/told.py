"""What an agent is told: results without rows of the data, its strings made harmless and of bounded length.

An agent's words go to whoever runs its model, and nobody agreed to send rows there.
"""

from typing import Any, Final

from ml_intern.records.display import escape

ROWS: Final = frozenset({"examples", "doubts", "rows", "log_tail", "example_output", "texts"})
"""Names of fields that hold rows of the data, or their numbers."""
LONGEST: Final = 600
MOST: Final = 200
"""Entries of a list, or names of a table: enough for the classes of most tasks."""


def told(value: Any) -> Any:
    """The value for an agent."""
    if isinstance(value, dict):
        # A number beside such a name is a count of rows, and no row.
        kept = {n: each for n, each in value.items() if n not in ROWS or isinstance(each, int | float)}
        shown = {escape(str(name)): told(each) for name, each in list(kept.items())[:MOST]}
        return shown | ({"[left out]": f"{len(kept) - MOST} more"} if len(kept) > MOST else {})
    if isinstance(value, list | tuple):
        more = [f"[{len(value) - MOST} more]"] if len(value) > MOST else []
        return [told(each) for each in value[:MOST]] + more
    if isinstance(value, str):
        harmless = escape(value)
        return harmless if len(harmless) <= LONGEST else f"{harmless[:LONGEST]} […]"
    return value
