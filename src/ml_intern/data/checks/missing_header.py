"""Files whose first line is a row like the others.

Why it matters: a reader takes the first row for the names of the columns, so that row is lost and the
names mean nothing; in a folder of splits, no file has the columns of the others.
"""

from ml_intern.data.load import WHOLE
from ml_intern.data.table import AuditTable
from ml_intern.data.trouble import Kind
from ml_intern.records.data import REFUSED, Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each file: its first row."""
    return [
        Finding(
            id=Kind.HEADER,
            severity=Severity.HIGH,
            count=1,
            share=1 / item.records,
            split=None if item.part == WHOLE else item.part,
            rows=(0,),
            examples=trouble.examples,
            message=f"{trouble.message} This audit takes that line for a row and numbers the columns.",
            action=f"{REFUSED} {trouble.hint}",
        )
        for item in table.tables.items
        for trouble in item.troubles
        if trouble.kind is Kind.HEADER
    ]
