"""Rendering values into a card so that each can be traced to the artifact it came from.

A template can print nothing but what a `Tracer` hands out: any other value is an error. So a card
has no number that a person or a model typed, apart from the template's own fixed words.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined

from ml_intern.records.base import Artifact
from ml_intern.records.bundle import Trace


class Traced(str):
    """Text that was rendered from an artifact."""

    __slots__ = ()


class Tracer:
    """Hands out values of artifacts by dotted path, such as `evaluation.scores.accuracy.value`."""

    def __init__(self, artifacts: Mapping[str, Artifact]) -> None:
        self._values: dict[str, Any] = {k: a.model_dump(mode="json") for k, a in artifacts.items()}
        self.traces: list[Trace] = []

    def get(self, path: str) -> Any:
        """The raw value, for control flow only: printing it is an error.

        Raises:
            KeyError: there is no such value.
        """
        value: Any = self._values
        for part in path.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        return value

    def text(self, path: str) -> Traced:
        """A string as one line of inert Markdown."""
        return self._trace(escape_markdown(str(self.get(path))), path)

    def words(self, path: str) -> Traced:
        """A name of ours, such as `minimum_functionality`, in words."""
        return self._trace(escape_markdown(str(self.get(path)).replace("_", " ")), path)

    def quoted(self, path: str) -> Traced:
        """A value as JSON, which is also YAML."""
        return self._trace(json.dumps(self.get(path), ensure_ascii=False), path)

    def number(self, path: str, digits: int = 0) -> Traced:
        """A number with a fixed count of decimals."""
        return self._trace(f"{self.get(path):.{digits}f}", path)

    def count(self, path: str) -> Traced:
        """How many items a list has."""
        return self._trace(str(len(self.get(path))), path)

    def percent(self, path: str) -> Traced:
        """A share as a percentage with one decimal."""
        return self._trace(f"{100 * self.get(path):.1f} %", path)

    def score(self, path: str) -> Traced:
        """An interval as `value [low, high]` with three decimals."""
        found = self.get(path)
        return self._trace("{value:.3f} [{low:.3f}, {high:.3f}]".format(**found), path)

    def block(self, path: str) -> Traced:
        """A text of several lines for a code block, which it cannot end."""
        return self._trace(str(self.get(path)).replace("```", "` ` `"), path)

    def render(self, template: str) -> str:
        """The template's text. Its values come through `t`, this tracer."""
        environment = Environment(
            undefined=StrictUndefined,
            finalize=_only_traced,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # the output is Markdown, and `text` escapes for that
        )
        return environment.from_string(template).render(t=self)

    def _trace(self, text: str, path: str) -> Traced:
        self.traces.append(Trace(text=text, source=path))
        return Traced(text)


def _only_traced(value: object) -> object:
    if not isinstance(value, Traced):
        raise TypeError(f"the template prints {value!r}, which no artifact stands behind")
    return value


def escape_markdown(text: str) -> str:
    """`text` on one line, with nothing that Markdown or HTML would act on."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*\[\]|#!~]|(?<!\w)_|_(?!\w))", r"\\\1", line)


def untraced_numbers(card: str, template: str, traces: list[Trace]) -> list[str]:
    """Numbers in `card` that stand neither in the template's fixed words nor in a traced value."""
    numbers = re.compile(r"\d+(?:\.\d+)?")
    fixed = re.sub(r"\{[{%].*?[%}]\}", " ", template, flags=re.S)
    known = set(numbers.findall(fixed))
    for trace in traces:
        known.update(numbers.findall(trace.text))
    return [number for number in numbers.findall(card) if number not in known]
