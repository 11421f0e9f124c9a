"""Rows that cannot be read: unbalanced quotation marks, broken JSON, null characters, endless lines.

Why it matters: a quotation mark that is not closed takes the rows below it into one field; a reader that
goes on without a word loses them (RFC 4180, section 2, items 5 to 7; RFC 8259 for JSON).
"""

from ml_intern.data.refusals import rows_refused
from ml_intern.data.table import AuditTable
from ml_intern.data.trouble import Kind
from ml_intern.records.data import Finding


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each file."""
    return rows_refused(table, Kind.UNREADABLE, "cannot be read and are left out of this audit.")
