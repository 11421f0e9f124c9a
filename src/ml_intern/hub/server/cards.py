"""What a repository's card says in its front matter, and the tags that follow from it."""

import functools
from pathlib import Path
from typing import Any, Final

import yaml

LONGEST: Final = 256 << 10
"""Bytes of a README that are read: front matter is small, and a card may be hostile."""
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
    if "&" in body and "*" in body and len(body) > 20_000:
        raise BadCard("The front matter is too large to hold anchors.")
    try:
        found = yaml.safe_load(body)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadCard(f"The front matter is not YAML: {str(error).splitlines()[0]}") from error
    if found is not None and not isinstance(found, dict):
        raise BadCard("The front matter is not a mapping.")
    return {str(name): _plain(value) for name, value in (found or {}).items()}


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: dates and the like become text."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    finite = isinstance(value, float) and value == value and abs(value) != float("inf")
    return value if value is None or isinstance(value, bool | int | str) or finite else str(value)


@functools.lru_cache(maxsize=4_096)
def card_data(path: Path) -> dict[str, Any]:
    """The metadata of a README that is kept at `path`, a content that never changes."""
    with path.open("rb") as file:
        text = file.read(LONGEST).decode("utf-8", "replace")
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
