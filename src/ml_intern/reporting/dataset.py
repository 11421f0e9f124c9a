"""The data: what was read, how it was split, and what the audit found."""

from dataclasses import dataclass

from ml_intern.records.data import DataReport, Severity, Split
from ml_intern.records.research import DatasetChoice
from ml_intern.reporting.dossier import Dossier
from ml_intern.reporting.evidence import Evidence, evidence

_PURPOSE = {
    "train": "the model learns from these",
    "validation": "settings and checkpoint are chosen on these",
    "test": "sealed; scored once, at the end",
}


@dataclass(frozen=True)
class Part:
    """One part of the split."""

    name: str
    rows: int
    purpose: str


@dataclass(frozen=True)
class ClassSize:
    """How many rows a class has, and that as a share of the largest class."""

    label: str
    rows: int
    share: float


@dataclass(frozen=True)
class Dataset:
    """The section on the data. `split` is None until the rows were split."""

    choice: DatasetChoice
    report: DataReport
    split: Split | None
    parts: tuple[Part, ...]
    classes: tuple[ClassSize, ...]
    findings: tuple[Evidence, ...]
    minor: tuple[Evidence, ...]


def dataset(dossier: Dossier) -> Dataset | None:
    """The section on the data; None until it was inspected."""
    choice, report, split = dossier.get(DatasetChoice), dossier.get(DataReport), dossier.get(Split)
    if choice is None or report is None:
        return None
    return Dataset(
        choice=choice,
        report=report,
        split=split,
        parts=_parts(split) if split else (),
        classes=_classes(report),
        findings=_evidence(report, minor=False),
        minor=_evidence(report, minor=True),
    )


def _evidence(report: DataReport, minor: bool) -> tuple[Evidence, ...]:
    """The findings that are minor, or those that are not, in the order of the audit."""
    return tuple(
        evidence(report, found)
        for found in report.findings
        if (found.severity.rank < Severity.MEDIUM.rank) is minor
    )


def _parts(split: Split) -> tuple[Part, ...]:
    used = [Part(name, split.rows[name], said) for name, said in _PURPOSE.items()]
    return (*used, *(Part("left out", rows, why) for why, rows in split.excluded.items() if rows))


def _classes(report: DataReport) -> tuple[ClassSize, ...]:
    sizes = {label: sum(parts.values()) for label, parts in report.classes.items()}
    most = max(sizes.values(), default=1) or 1
    order = sorted(sizes, key=lambda label: (-sizes[label], label))
    return tuple(ClassSize(label, sizes[label], sizes[label] / most) for label in order)
