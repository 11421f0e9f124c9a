"""Whether a licence lets a model be trained on data and shared, as far as its identifier says it.

Identifiers are those of the Hub's list (docs: "Licenses"), which follow SPDX where it has one. What is
called open
here allows use, change and sharing for any purpose by the text of the licence; the choice among them stays
the user's, and this table is no legal advice.
"""

import re
from enum import StrEnum
from typing import Final


class Use(StrEnum):
    """What a licence allows to do with a model that was trained on the data."""

    OPEN = "open"
    RESTRICTED = "restricted"
    UNKNOWN = "unknown"


_OPEN: Final = frozenset(
    "apache-2.0 mit bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear cc0-1.0 cc-by-1.0 cc-by-2.0 cc-by-2.5 "
    "cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc odc-by odbl pddl cdla-permissive-1.0 "
    "cdla-permissive-2.0 cdla-sharing-1.0 isc unlicense zlib afl-3.0 artistic-2.0 ecl-2.0 mpl-2.0 gpl "
    "gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 agpl-3.0 wtfpl ncsa ms-pl postgresql etalab-2.0".split()
)
_RESTRICTS: Final = re.compile(
    r"\bnc\b|\bnd\b|non-?commercial|no-?deriv|research|\brail\b|openrail|proprietary"
)


def use_of(licence: str) -> Use:
    """What `licence` allows; of several, joined with commas, the strictest counts."""
    names = [name.strip().lower() for name in licence.split(",") if name.strip()]
    if any(_RESTRICTS.search(name) for name in names):
        return Use.RESTRICTED
    return Use.OPEN if names and all(name in _OPEN for name in names) else Use.UNKNOWN
