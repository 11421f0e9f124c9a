"""Datasets to audit: with splits that share rows, from strangers, and far too large for a page."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl

from ml_intern.app.inspect import InspectRequest, gather, inspect_dataset
from ml_intern.demo.tickets import write_tickets
from ml_intern.records.data import ColumnProfile, Finding, Severity
from ml_intern.reporting.audit import Audit
from tests.reporting.dossiers import HOSTILE


def audit_of(data: Path, text: str | None = "ticket", label: str | None = "issue_type") -> Audit:
    request = InspectRequest(str(data), text, label, Path("audit.html"))
    report = inspect_dataset(request.data, text, label, lambda *_: None, lambda *_: None)
    return gather(report, request)


def one_file(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "tickets.csv"
    write_tickets(path, rows=300)
    return path


def tickets_in_splits(folder: Path) -> Path:
    """240 rows to train on, 40 and 40 others; 20 of the test rows are rows of the train split."""
    rows = pl.read_csv(one_file(folder))
    (folder / "tickets.csv").unlink()
    parts = {"train": rows[:240], "validation": rows[240:280], "test": pl.concat([rows[280:], rows[:20]])}
    for name, part in parts.items():
        part.write_csv(folder / f"{name}.csv")
    return folder


def hostile(folder: Path) -> Path:
    """Names of columns, labels and texts that try to be more than text."""
    folder.mkdir()
    rows = [
        {"ticket": f"{text} number {'one two three four five'.split()[i % 5]}", "issue_type": text}
        | {f"{j} {other}": text for j, other in enumerate(HOSTILE)}
        for i in range(3)
        for text in HOSTILE
    ]
    path = folder / "<img src=x onerror=alert(4)>\u202e.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows * 2))
    return path


def huge(audit: Audit) -> Audit:
    """The same audit, had everything in it been large and hard to escape."""
    long, count = "&" * 5000, 2000
    severities = [severity for severity in reversed(Severity) for _ in range(count // 5)]
    findings = tuple(
        Finding(
            id=f"finding_{i // 3}", severity=severity, count=100_000, share=0.5, split=None,
            rows=tuple(range(10**9, 10**9 + 1000)), examples=(long,) * 5, message=long, action=long,
        )
        for i, severity in enumerate(severities)
    )  # fmt: skip
    column = ColumnProfile(
        name="x", dtype=long, rows=10**9, missing=5, distinct=10**9, mean_length=1e9, max_length=10**9
    )
    report = audit.report.model_copy(
        update={
            "findings": findings,
            "columns": tuple(column.model_copy(update={"name": f"{i}{'_' * 300}"}) for i in range(count)),
            "classes": {f"{i:06}{'_&' * 300}": {"all": i} for i in range(count)},
            "files": audit.report.files * count,
        }
    )
    return replace(audit, report=report)
