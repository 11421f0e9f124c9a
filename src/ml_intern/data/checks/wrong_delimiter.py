"""Files whose fields another mark separates than their ending and their header say.

Why it matters: read at its word, such a file has ragged rows, or one column that holds all fields.
"""

from ml_intern.data.refusals import file_refused
from ml_intern.data.table import AuditTable
from ml_intern.data.trouble import Kind
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each file."""
    return file_refused(table, Kind.DELIMITER, Severity.HIGH, "This audit reads it by that mark.")
