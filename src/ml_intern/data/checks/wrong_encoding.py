"""Files that are not UTF-8.

Why it matters: read in another encoding than they were written in, words change: "café" and "cafÃ©" are
different words to a model, and duplicates are not found. Training code reads UTF-8.
"""

from ml_intern.data.refusals import file_refused, rows_refused
from ml_intern.data.table import AuditTable
from ml_intern.data.trouble import Kind
from ml_intern.records.data import Finding, Severity


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each file."""
    return [
        *rows_refused(
            table,
            Kind.ENCODING,
            "are not UTF-8; this audit takes their stray bytes for cp1252, the encoding of Western Windows "
            "programs, which may be wrong.",
        ),
        *file_refused(table, Kind.ENCODING, Severity.HIGH, "It is audited all the same."),
    ]
