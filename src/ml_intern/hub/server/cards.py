"""What a repository's card says in its front matter, and the tags that follow from it."""

import functools
import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

LONGEST: Final = 256 << 10
"""Bytes of a README that are read: front matter is small, and a card may be hostile."""
MOST_VALUES: Final = 50_000
DEEPEST: Final = 200
_AS_TAGS: Final = {
    "model": {
        "license": "license:", "language": "", "tags": "", "datasets": "dataset:",
        "base_model": "base_model:",
    },
    "dataset": {
        "license": "license:", "language": "language:", "tags": "", "task_categories": "task_categories:",
        "task_ids": "task_ids:", "size_categories": "size_categories:", "multilinguality": "multilinguality:",
    },
    "space": {"license": "license:", "tags": "", "sdk": ""},
}  # fmt: skip


class BadCard(ValueError):
    """The front matter is not valid; the message says why."""


def front_matter(text: str) -> dict[str, Any]:
    """The metadata at the start of a card; empty where there is none.

    Raises:
        BadCard: it is not a mapping in YAML.
    """
    if not text.lstrip("\ufeff").startswith("---\n"):
        return {}
    body, end, _ = text.lstrip("\ufeff")[4:].partition("\n---")
    if not end:
        raise BadCard("The front matter has no end: a line with --- is missing.")
    if len(body) > LONGEST:
        raise BadCard(f"The front matter is longer than {LONGEST >> 10} KiB.")
    if _depth(body) > DEEPEST:  # the parser's time grows with the square of it
        raise BadCard("The front matter is nested too deeply.")
    try:
        found = yaml.safe_load(body)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadCard(f"The front matter is not YAML: {str(error).splitlines()[0]}") from error
    if found is not None and not isinstance(found, dict):
        raise BadCard("The front matter is not a mapping.")
    try:
        return dict(_plain(found or {}, itertools.count()))
    except RecursionError as error:  # an anchor within itself
        raise BadCard("The front matter is nested too deeply.") from error


def _depth(text: str) -> int:
    steps = (1 if each in "[{" else -1 for each in text if each in "[{]}")
    return max(itertools.accumulate(steps), default=0)


def _plain(value: Any, seen: Iterator[int]) -> Any:
    """The value as JSON can hold it: dates and the like become text.

    Aliases make small text mean a lot, so values are counted where they are written out.
    """
    if next(seen) > MOST_VALUES:
        raise BadCard("The front matter holds too many values.")
    if isinstance(value, dict):
        return {str(name): _plain(inner, seen) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, seen) for inner in value]
    finite = isinstance(value, float) and math.isfinite(value)
    return value if value is None or isinstance(value, bool | int | str) or finite else str(value)


@functools.lru_cache(maxsize=4_096)
def card_data(path: Path) -> dict[str, Any]:
    """The metadata of a README that is kept at `path`, a content that never changes."""
    with path.open("rb") as file:
        text = file.read(2 * LONGEST).decode("utf-8", "replace")
    try:
        return front_matter(text)
    except BadCard:
        return {}


def tags(kind: str, card: dict[str, Any]) -> list[str]:
    """The tags that a repository of this kind has through its card."""
    found: list[str] = []
    for name, prefix in _AS_TAGS[kind].items():
        value = card.get(name)
        values = value if isinstance(value, list) else [value]
        found += [f"{prefix}{each}" for each in values if isinstance(each, str | int)]
    if kind == "model":
        found += [card[name] for name in ("pipeline_tag", "library_name") if isinstance(card.get(name), str)]
    return list(dict.fromkeys(found))
