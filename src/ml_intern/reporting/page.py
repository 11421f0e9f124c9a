"""The page: sections put into templates, every value escaped on its way."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from markupsafe import escape as markup_escape

from ml_intern.records.display import escape, example
from ml_intern.records.words import dollars, duration, storage
from ml_intern.reporting.costs import costs
from ml_intern.reporting.dataset import dataset
from ml_intern.reporting.dossier import Dossier
from ml_intern.reporting.ledger import ledger
from ml_intern.reporting.opening import opening
from ml_intern.reporting.plan import plan
from ml_intern.reporting.reproduce import reproduction
from ml_intern.reporting.results import results
from ml_intern.reporting.training import training

TEMPLATES = Path(__file__).with_name("templates")
LONGEST_LABEL = 80
LONGEST_TITLE = 300
LONGEST_TEXT = 1500
_FILTERS: dict[str, Callable[..., str]] = {
    "label": lambda text: example(text, LONGEST_LABEL),
    "breakable": lambda text: markup_escape(text).replace("_", Markup("_<wbr>")),
    "example": example,
    "title": lambda text: example(text, LONGEST_TITLE),
    "text": lambda text: example(text, LONGEST_TEXT),
    "sentence": lambda text: text[:1].upper() + text[1:],
    "score": lambda value: f"{value:.3f}",
    "points": lambda value: f"{value:+.1f}",
    "percent": lambda share: f"{100 * share:.4g}%",  # for style sheets
    "share": lambda share: f"{100 * share:.1f} %",
    "count": lambda number: f"{number:,}",
    "moment": lambda time: f"{time[:10]} {time[11:16]} UTC",
    "duration": lambda seconds: f"{seconds:.1f} s" if seconds < 10 else duration(seconds),
    "storage": storage,
    "dollars": dollars,
}


@dataclass(frozen=True)
class Section:
    """A section: its anchor and template, its heading, and what is said in it."""

    id: str
    title: str
    view: Any


_SECTIONS: tuple[tuple[str, str, Callable[[Dossier], Any]], ...] = (
    ("data", "Data", dataset),
    ("plan", "Plan and approval", plan),
    ("training", "Training", training),
    ("results", "Results", results),
    ("costs", "What was spent", costs),
    ("reproduce", "Do it again", reproduction),
    ("artifacts", "Artifacts", ledger),
)


def render(dossier: Dossier) -> str:
    """The report as one HTML page that needs nothing beside itself. The same dossier gives the same text."""
    found = [Section(id, title, make(dossier)) for id, title, make in _SECTIONS]
    environment = _environment()
    return environment.get_template("page.html.j2").render(
        dossier=dossier,
        opening=opening(dossier),
        sections=[section for section in found if section.view is not None],
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    return environment


def _visible(value: object) -> object:
    """Control and bidirectional characters as escapes; markup of our own templates passes."""
    return escape(value) if isinstance(value, str) and not isinstance(value, Markup) else value
