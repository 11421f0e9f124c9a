"""The page on a dataset alone: the verdict, the findings, and plots of what was read."""

from collections.abc import Mapping
from dataclasses import dataclass

from ml_intern.records.data import ColumnProfile, DataFile, DataReport, Finding, Overlap, Severity
from ml_intern.records.verdict import by_severity, verdict
from ml_intern.reporting.balance import balance
from ml_intern.reporting.charts.lengths import Histogram, histogram
from ml_intern.reporting.environment import Section, environment
from ml_intern.reporting.evidence import Evidence, evidence

MOST_FINDINGS = 80
"""More are counted only. With `MOST_COLUMNS` and `MOST_CLASSES` this keeps the page below 2 MB."""
MOST_COLUMNS = 60
MOST_FILES = 60
MOST_ALARMS = 3


@dataclass(frozen=True)
class Audit:
    """What the page is made of. `data` and `command` are as the user typed them.

    `purposes` says what each check looks for; `product` names this software with its version.
    """

    report: DataReport
    data: str
    command: str
    next_command: str
    purposes: Mapping[str, str]
    product: str


@dataclass(frozen=True)
class Count:
    """How many findings have this severity, and that as a share of the most frequent severity."""

    severity: Severity
    count: int
    share: float


@dataclass(frozen=True)
class Opening:
    """The first screen; `alarms` are the worst of the critical and high findings."""

    verdict: str
    severities: tuple[Count, ...]
    alarms: tuple[Finding, ...]


@dataclass(frozen=True)
class Topic:
    """All findings of one id, whose anchor it is; one finding for each part or column it was found in."""

    id: str
    title: str
    findings: tuple[Evidence, ...]


@dataclass(frozen=True)
class Findings:
    """The findings, topics with the worst first; `more` were left out, none worse than those shown."""

    topics: tuple[Topic, ...]
    more: int


@dataclass(frozen=True)
class Glance:
    """What was read."""

    columns: tuple[ColumnProfile, ...]


@dataclass(frozen=True)
class Sharing:
    """How many texts of one part stand in another, and which share of its rows that is."""

    overlap: Overlap
    rows: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.overlap.rows / self.rows


@dataclass(frozen=True)
class Timing:
    """How long a check took, and that as a share of the slowest."""

    name: str
    purpose: str
    seconds: float
    share: float


@dataclass(frozen=True)
class Making:
    """From which files and by which checks the page was made, the slowest check first."""

    files: tuple[DataFile, ...]
    timings: tuple[Timing, ...]


def render_audit(audit: Audit) -> str:
    """The audit as one HTML page that needs nothing beside itself."""
    report = audit.report
    # Anchors have a hyphen, so that none is the id of a finding.
    sections = (
        Section("at-a-glance", "The data at a glance", _glance(report)),
        Section("all-findings", "Findings", _findings(report)),
        Section("class-balance", "Class balance", balance(report)),
        Section("text-lengths", "Text lengths", _lengths(report)),
        Section("shared-texts", "Texts that splits share", _sharing(report)),
        Section("how-made", "How this was checked", _making(audit)),
    )
    return (
        environment()
        .get_template("audit/page.html.j2")
        .render(
            audit=audit,
            report=report,
            opening=_opening(report),
            folder="audit/",
            sections=[section for section in sections if section.view is not None],
        )
    )


def _opening(report: DataReport) -> Opening:
    counts = by_severity(report)
    most = max(1, *counts.values())
    worst = [finding for finding in report.findings if finding.severity.rank >= Severity.HIGH.rank]
    return Opening(
        verdict=verdict(report),
        severities=tuple(Count(severity, count, count / most) for severity, count in counts.items()),
        alarms=tuple(worst[:MOST_ALARMS]),
    )


def _glance(report: DataReport) -> Glance:
    return Glance(report.columns[:MOST_COLUMNS])


def _findings(report: DataReport) -> Findings:
    """As the report ranks them by severity, a topic stands where the worst of its findings does."""
    topics: dict[str, list[Evidence]] = {}
    for finding in report.findings[:MOST_FINDINGS]:
        topics.setdefault(finding.id, []).append(evidence(report, finding))
    return Findings(
        topics=tuple(Topic(id, id.replace("_", " "), tuple(found)) for id, found in topics.items()),
        more=len(report.findings) - MOST_FINDINGS,
    )


def _lengths(report: DataReport) -> Histogram | None:
    if report.lengths is None:
        return None
    return histogram(report.lengths, report.median_words, report.p95_words)


def _sharing(report: DataReport) -> tuple[Sharing, ...] | None:
    return tuple(Sharing(each, report.splits[each.part]) for each in report.overlaps) or None


def _making(audit: Audit) -> Making:
    seconds = audit.report.seconds_by_check
    slowest = max(seconds.values(), default=0.0) or 1.0
    timings = (
        Timing(name, audit.purposes.get(name, ""), taken, taken / slowest)
        for name, taken in sorted(seconds.items(), key=lambda item: -item[1])
    )
    return Making(audit.report.files[:MOST_FILES], tuple(timings))
