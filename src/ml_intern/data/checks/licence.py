"""Whether the data may be used: the licence that its card or folder states.

Why it matters: without a licence nobody but the owner may copy or publish data, and some licences allow no
commercial use or no changed versions, which a model trained on it may count as (Longpre et al. 2023, "The
Data Provenance Initiative", arXiv:2310.16787: hosting sites leave it out for over 70 % of text datasets).
Read are the dataset card's header, as on the Hugging Face Hub, and a licence file in the folder of a dataset.
"""

import re
from pathlib import Path
from typing import Final

import polars as pl

from ml_intern.data.table import AuditTable
from ml_intern.records.data import Finding, Severity
from ml_intern.records.display import escape

_HEADER: Final = re.compile(r"\A---\s*\n(.*?)\n---\s*$", re.S | re.M)
_LICENCE: Final = re.compile(r"^licen[sc]e:[ \t]*(?:\n[ \t]*-[ \t]*)?[\['\"]*([\w.+-]{1,60})", re.M)
_RESTRICTED: Final = {
    "no commercial use": re.compile(r"\bnc\b|non-?commercial|research"),
    "no changed versions": re.compile(r"\bnd\b|no-?deriv"),
}
_UNSAID: Final = frozenset({"unknown", "other", "none"})
_READ: Final = 1 << 16


def check(table: AuditTable) -> list[Finding]:
    """At most one finding, on the part a model learns from: the licence is unknown or restricts its use."""
    part = table.training_part
    stated = _stated(table.tables.location)
    if stated is None or stated.casefold() in _UNSAID:
        severity, id = Severity.INFO, "licence_unknown"
        message = "No licence is stated for this data, so that it is not known who may use and publish it."
    elif limits := [what for what, words in _RESTRICTED.items() if words.search(stated.casefold())]:
        severity, id = Severity.MEDIUM, "licence_restricts"
        message = f"The licence of this data, {escape(stated)}, allows {' and '.join(limits)}."
    else:
        return []
    rows = table.part(part).with_columns(text=pl.lit(None, pl.String))
    action = "It is used all the same; make sure that you may train on it, and publish what comes of it."
    return [table.finding(id, severity, part, rows, message, action)] if rows.height else []


def _stated(location: Path) -> str | None:
    """The licence as the card names it, or that there is a file with it; None where neither is there."""
    folder = location if location.is_dir() else location.parent
    header = _HEADER.match(_beginning(folder / "README.md"))
    if header and (named := _LICENCE.search(header.group(1))):
        return named.group(1)
    if location.is_dir() and any(_beginning(folder / name) for name in ("LICENSE", "LICENSE.txt", "LICENCE")):
        return "in the file beside the data"
    return None


def _beginning(path: Path) -> str:
    if not path.is_file():  # a pipe of that name would never end
        return ""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_READ)
    except OSError:
        return ""
