"""The data audit alone: no run, no home folder, nothing written."""

from collections.abc import Callable
from typing import Any

from ml_intern.data.audit import audit
from ml_intern.data.columns import settle
from ml_intern.data.load import load, resolve
from ml_intern.data.table import AuditTable
from ml_intern.records.data import DataReport

Ask = Callable[[str, tuple[str, ...]], str | None]
Progress = Callable[[str, int, int], None]
"""As in `data.audit`."""


def inspect_dataset(
    data: str, text: str | None, label: str | None, ask: Ask, progress: Progress
) -> DataReport:
    """Read all of `data` and run every check; findings carry all their row numbers.

    Raises:
        UsageProblem: nothing readable is there, or nobody said which of several columns is meant.
        DataUnfit: there are no rows, or no column can play a role.
    """
    tables = load(resolve(data))
    texts, labels = settle(tables, "", "", text, label, ask)
    table = AuditTable.of(tables, texts.name, labels.name, max_rows=None)
    return audit(table, texts, labels, progress)


def as_json(report: DataReport) -> dict[str, Any]:
    """The report as `inspect --json` prints it."""
    told = report.model_dump(mode="json")
    choices = {role: told[role]["name"] for role in ("text", "label")}
    return told | choices | {f"{role}_choice": told[role] for role in choices}
