"""The built-in reference scores; each one names its source, and none is added without one."""

import json
from functools import cache
from pathlib import Path

from ml_intern.records.research import Reference


@cache
def references() -> dict[str, Reference]:
    """All reference scores by id."""
    path = Path(__file__).with_name("knowledge.json")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return {row["id"]: Reference.model_validate(row) for row in rows}
