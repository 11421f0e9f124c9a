"""How pages are made: templates with filters, every value escaped on its way."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from markupsafe import escape as markup_escape

from ml_intern.records.display import escape, example
from ml_intern.records.verdict import MARKS
from ml_intern.records.words import dollars, duration, setting, storage

TEMPLATES = Path(__file__).with_name("templates")
LONGEST_LABEL = 80
LONGEST_TITLE = 300
LONGEST_TEXT = 1500
_FILTERS: dict[str, Callable[..., str]] = {
    "mark": MARKS.__getitem__,
    "label": lambda text: example(text, LONGEST_LABEL),
    "breakable": lambda text: markup_escape(text).replace("_", Markup("_<wbr>")),
    "example": example,
    "title": lambda text: example(text, LONGEST_TITLE),
    "text": lambda text: example(text, LONGEST_TEXT),
    "sentence": lambda text: text[:1].upper() + text[1:],
    "score": lambda value: f"{value:.3f}",
    "points": lambda value: f"{value:+.1f}",
    "percent": lambda share: f"{100 * share:.4g}%",  # for style sheets
    "share": lambda share: f"{100 * share:.1f} %" if not 0 < share < 0.001 else f"{100 * share:.1g} %",
    "count": lambda number: f"{number:,}",
    "moment": lambda time: f"{time[:10]} {time[11:16]} UTC",
    "duration": lambda seconds: f"{seconds:.1f} s" if seconds < 10 else duration(seconds),
    "storage": storage,
    "dollars": dollars,
    "setting": setting,
}


@dataclass(frozen=True)
class Section:
    """A section: its anchor and template, its heading, and what is said in it."""

    id: str
    title: str
    view: Any


@cache
def environment() -> Environment:
    """The templates, with the filters that they need."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= _FILTERS
    return made


def _visible(value: object) -> object:
    """Control and bidirectional characters as escapes; markup of our own templates passes."""
    return escape(value) if isinstance(value, str) and not isinstance(value, Markup) else value
