"""Rows with more or fewer fields than the header.

Why it matters: an unquoted comma moves every later field of its row into the wrong column, so a part of
the text becomes the label. Readers that fill or cut such rows do it without a word (RFC 4180, section 2,
item 4: each line should contain the same number of fields).
"""

from ml_intern.data.refusals import rows_refused
from ml_intern.data.table import AuditTable
from ml_intern.data.trouble import Kind
from ml_intern.records.data import Finding


def check(table: AuditTable) -> list[Finding]:
    """At most one finding for each file."""
    return rows_refused(
        table,
        Kind.RAGGED,
        "do not have as many fields as the header, so nobody can tell which field is which; they are left "
        "out of this audit.",
    )
