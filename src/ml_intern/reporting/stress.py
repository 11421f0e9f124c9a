"""The stress tests: how often each capability failed, and the worst cases; in a report, or as a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml_intern.records.stress import CapabilityResult, Conviction, DominantWord, StressReport
from ml_intern.reporting.dossier import Dossier
from ml_intern.reporting.environment import Section, environment

SHOWN_EXAMPLES = 3


@dataclass(frozen=True)
class Stress:
    """The section: capabilities that ran, the one that failed most often first, and those that did not.

    `rows` counts what the cases were made from beside the names of classes, and `kind` names it.
    """

    verdict: str
    convictions: tuple[Conviction, ...]
    words: tuple[DominantWord, ...]
    rows: int
    kind: str
    seed: int
    tried: tuple[CapabilityResult, ...]
    failed: tuple[CapabilityResult, ...]
    untried: tuple[CapabilityResult, ...]
    cases: int
    examples: int = SHOWN_EXAMPLES


@dataclass(frozen=True)
class StressPage:
    """A page about a model alone. `model` and `command` are as the user typed them."""

    model: str
    command: str
    product: str
    classes: int
    texts: int
    seconds: float
    view: Stress


def stress(dossier: Dossier) -> Stress | None:
    """The section on the stress tests; None until they ran."""
    report = dossier.get(StressReport)
    if report is None:
        return None
    found = (report.capabilities, report.words, report.convictions)
    return section(report.verdict, *found, report.rows, "test rows", report.seed)


def section(
    verdict: str,
    capabilities: Sequence[CapabilityResult],
    words: tuple[DominantWord, ...],
    convictions: tuple[Conviction, ...],
    rows: int,
    kind: str,
    seed: int,
) -> Stress:
    """What the templates show of these results."""
    tried = tuple(sorted((each for each in capabilities if each.applies), key=_rate, reverse=True))
    return Stress(
        verdict=verdict,
        convictions=convictions,
        words=words,
        rows=rows,
        kind=kind,
        seed=seed,
        tried=tried,
        failed=tuple(each for each in tried if each.failures),
        untried=tuple(each for each in capabilities if not each.applies),
        cases=sum(each.cases for each in tried),
    )


def render_stress(page: StressPage) -> str:
    """The results as one HTML page that needs nothing beside itself."""
    shown = Section("stress", "What was tried", page.view)
    template = environment().get_template("stress_page.html.j2")
    return template.render(page=page, folder="", sections=[shown])


def _rate(result: CapabilityResult) -> tuple[float, str]:
    return (result.rate.value if result.rate else 0.0, result.id)
