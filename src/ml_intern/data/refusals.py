"""Findings about what a run refuses a file for: the audit alone reads on and reports it."""

from typing import Final

from ml_intern.data.load import WHOLE
from ml_intern.data.table import AuditTable, of_total, phrase
from ml_intern.data.trouble import Kind
from ml_intern.records.data import MAX_ROWS, REFUSED, Finding, Severity

_CRITICAL_SHARE: Final = 0.05
"""From one row in twenty on it is no slip any more: something wrote the file wrongly."""


def rows_refused(table: AuditTable, kind: Kind, effect: str) -> list[Finding]:
    """One finding for each file that has rows with this trouble; `effect` says what became of them."""
    found = []
    for item in table.tables.items:
        for trouble in item.troubles:
            if trouble.kind is not kind or not trouble.rows:
                continue
            share = len(trouble.rows) / item.records
            total = of_total(len(trouble.rows), item.records)
            found.append(
                Finding(
                    id=kind,
                    severity=Severity.CRITICAL if share >= _CRITICAL_SHARE else Severity.HIGH,
                    count=len(trouble.rows),
                    share=share,
                    split=None if item.part == WHOLE else item.part,
                    rows=tuple(trouble.rows[: table.max_rows]),
                    examples=trouble.examples,
                    message=f"{total} {phrase(item.part)} {effect} The first: {trouble.message}",
                    action=f"{REFUSED} {trouble.hint}",
                )
            )
    return found


def file_refused(table: AuditTable, kind: Kind, severity: Severity, effect: str) -> list[Finding]:
    """One finding for each file that has this trouble as a whole, proved by its first rows."""
    return [
        Finding(
            id=kind,
            severity=severity,
            count=item.records,
            share=1.0,
            split=None if item.part == WHOLE else item.part,
            rows=tuple(range(min(item.records, MAX_ROWS))),
            examples=trouble.examples,
            message=f"{trouble.message} {effect}",
            action=f"{REFUSED} {trouble.hint}",
        )
        for item in table.tables.items
        for trouble in item.troubles
        if trouble.kind is kind and not trouble.rows
    ]
