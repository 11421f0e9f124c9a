"""The report on a run: its sections put into the templates."""

from collections.abc import Callable
from typing import Any

from ml_intern.reporting.costs import costs
from ml_intern.reporting.dataset import dataset
from ml_intern.reporting.dossier import Dossier
from ml_intern.reporting.environment import Section, environment
from ml_intern.reporting.improvements import improvements
from ml_intern.reporting.ledger import ledger
from ml_intern.reporting.opening import opening
from ml_intern.reporting.plan import plan
from ml_intern.reporting.publication import publication
from ml_intern.reporting.reproduce import reproduction
from ml_intern.reporting.results import results
from ml_intern.reporting.stress import stress
from ml_intern.reporting.training import training
from ml_intern.reporting.trust import trust

_SECTIONS: tuple[tuple[str, str, Callable[[Dossier], Any]], ...] = (
    ("data", "Data", dataset),
    ("plan", "Plan and approval", plan),
    ("training", "Training", training),
    ("results", "Results", results),
    ("trust", "Trust in its answers", trust),
    ("stress", "Stress tests", stress),
    ("improvements", "What could be better", improvements),
    ("publication", "Publication", publication),
    ("costs", "What was spent", costs),
    ("reproduce", "Do it again", reproduction),
    ("artifacts", "Artifacts", ledger),
)


def render(dossier: Dossier) -> str:
    """The report as one HTML page that needs nothing beside itself. The same dossier gives the same text."""
    found = [Section(id, title, make(dossier)) for id, title, make in _SECTIONS]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            dossier=dossier,
            opening=opening(dossier),
            folder="",
            sections=[section for section in found if section.view is not None],
        )
    )
