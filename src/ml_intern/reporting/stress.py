"""The stress tests: how often each capability failed, and the worst cases."""

from dataclasses import dataclass

from ml_intern.records.stress import CapabilityResult, StressReport
from ml_intern.reporting.dossier import Dossier

SHOWN_EXAMPLES = 3


@dataclass(frozen=True)
class Stress:
    """The section: capabilities that ran, the one that failed most often first, and those that did not."""

    report: StressReport
    tried: tuple[CapabilityResult, ...]
    failed: tuple[CapabilityResult, ...]
    untried: tuple[CapabilityResult, ...]
    cases: int
    examples: int = SHOWN_EXAMPLES


def stress(dossier: Dossier) -> Stress | None:
    """The section on the stress tests; None until they ran."""
    report = dossier.get(StressReport)
    if report is None:
        return None
    tried = tuple(sorted((e for e in report.capabilities if e.applies), key=_rate, reverse=True))
    return Stress(
        report=report,
        tried=tried,
        failed=tuple(each for each in tried if each.failures),
        untried=tuple(each for each in report.capabilities if not each.applies),
        cases=sum(each.cases for each in tried),
    )


def _rate(result: CapabilityResult) -> tuple[float, str]:
    return (result.rate.value if result.rate else 0.0, result.id)
