"""Tool: look at what the run has stored, without rows of the data."""

import json
from typing import Annotated, Any, Final

from pydantic import Field

from ml_intern.workflow.stages import KINDS, NAMES
from ml_intern.workflow.workbench import AFTERWARDS, Done, Unfit, Workbench, tool

_ROWS: Final = frozenset(
    {"examples", "rows", "doubts", "seen_test_rows", "repeated_test_rows", "nearly_repeated_test_rows"}
)
"""Fields that hold rows of the data or their numbers; a count stands in for them."""
_LONGEST: Final = 40
"""Items of one list that are shown."""


@tool(*NAMES, AFTERWARDS, aside=True)
def look_at(bench: Workbench, kind: Annotated[str, Field(json_schema_extra={"enum": [*KINDS]})]) -> Done:
    """Look at a stored result of this run as JSON: aggregates only, never rows of the data.

    Args:
        bench: Where the tool works.
        kind: Which.
    """
    if kind not in KINDS:
        raise Unfit(f"there is no kind {kind!r}; there are: {', '.join(KINDS)}")
    found = bench.run.get(KINDS[kind])
    if found is None:
        current = ", ".join(bench.run.current()) or "nothing"
        return Done(f"The run has no current {kind}; it has: {current}.")
    return Done(json.dumps(_without_rows(found.model_dump(mode="json")), ensure_ascii=False))


def _without_rows(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: f"{len(inner)} left out"
            if name in _ROWS and isinstance(inner, list)
            else _without_rows(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        more = len(value) - _LONGEST
        if more > 0 and all(isinstance(each, str) for each in value):
            return [f"… {more} before", *value[more:]]  # a log says why it ended at its end
        shown = [_without_rows(each) for each in value[:_LONGEST]]
        return [*shown, f"… {more} more"] if more > 0 else shown
    return value
