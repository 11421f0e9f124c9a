"""One measurement in a process of its own; prints one line of JSON.

python -m benchmarks.audit.one audit|near FOLDER
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from ml_intern.data.audit import audit
from ml_intern.data.checks import discover
from ml_intern.data.load import load
from ml_intern.data.table import AuditTable
from ml_intern.records.data import ColumnChoice, Finding

NEAR = "near_duplicates"
TEXT, LABEL = (ColumnChoice(name=name, reason="It is so named.") for name in ("text", "label"))


def _rows(findings: tuple[Finding, ...] | list[Finding], id: str) -> list[int]:
    return [
        row for finding in findings if (finding.id, finding.split) == (id, "train") for row in finding.rows
    ]


def whole(folder: Path) -> dict[str, Any]:
    """Load and audit."""
    began = time.perf_counter()
    report = audit(AuditTable.of(load(folder), TEXT.name, LABEL.name, max_rows=None), TEXT, LABEL)
    return {
        "seconds": time.perf_counter() - began,
        "seconds_by_check": report.seconds_by_check,
        "near_rows": _rows(report.findings, NEAR),
        "noise_rows": _rows(report.findings, "label_errors"),
        "findings": [
            [finding.id, finding.severity, finding.split, finding.count] for finding in report.findings
        ],
    }


def near(folder: Path) -> dict[str, Any]:
    """The near-duplicate check alone; loading and masking are timed apart."""
    check = discover().get(NEAR)
    if check is None:
        return {"not_built": True}
    began = time.perf_counter()
    table = AuditTable.of(load(folder), "text", "label", None)
    loaded = time.perf_counter()
    findings = check(table)
    seconds = time.perf_counter() - loaded
    return {"seconds": seconds, "load_seconds": loaded - began, "near_rows": _rows(findings, NEAR)}


if __name__ == "__main__":
    measured = {"audit": whole, "near": near}[sys.argv[1]](Path(sys.argv[2]))
    measured["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(measured))
