"""What an audit comes to, in words that terminal and page share."""

from collections import Counter

from ml_intern.records.data import DataReport, Finding, Severity

MARKS = {
    Severity.CRITICAL: "▲",
    Severity.HIGH: "◆",
    Severity.MEDIUM: "●",
    Severity.LOW: "○",
    Severity.INFO: "–",
}
"""A sign beside each severity's word, so that colour is never needed to tell them apart."""
_ADVICE = {
    Severity.CRITICAL: "Do not quote a score from this data before you have dealt with {what}.",
    Severity.HIGH: "Do not trust a score from this data before you have read {what}.",
    Severity.MEDIUM: "This data can be used; know {what} before you do.",
}
_SMALL = "Nothing was found that puts a result in doubt; what is low is still worth a look."
_CLEAN = "Nothing was found that would change a result."


def by_severity(report: DataReport) -> dict[Severity, int]:
    """How many findings there are of each severity, the most severe first, with zeros."""
    counts = Counter(finding.severity for finding in report.findings)
    return {severity: counts[severity] for severity in reversed(Severity)}


def tally(report: DataReport) -> str:
    """The findings in numbers: "5 findings (1 critical, 3 low, 1 info)"; "no findings"."""
    counts = ", ".join(f"{count:,} {severity}" for severity, count in by_severity(report).items() if count)
    number = len(report.findings)
    return f"{number:,} finding{'s' if number > 1 else ''} ({counts})" if number else "no findings"


def verdict(report: DataReport) -> str:
    """What the worst findings mean for who wants to use the data, in one sentence."""
    for severity, count in by_severity(report).items():
        if count and severity in _ADVICE:
            what = f"the {severity} finding" if count == 1 else f"the {count:,} {severity} findings"
            return _ADVICE[severity].format(what=what)
    return _SMALL if by_severity(report)[Severity.LOW] else _CLEAN


def place(report: DataReport, finding: Finding) -> str:
    """The file in which a finding's row numbers count, or the split where it has several files."""
    files = [file.name for file in report.files if finding.split in (None, file.split)]
    return files[0] if len(files) == 1 else finding.split or ""
