"""Code on GitHub: where words stand in public files, by GitHub's search API, which needs a token."""

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from ml_intern.research.web import PageUnfit, Site, fetch

WITH_EXCERPTS: Final = "application/vnd.github.text-match+json"
VERSION: Final = "2022-11-28"
_KINDS: Final = ("application/json", WITH_EXCERPTS, "application/vnd.github+json")


@dataclass(frozen=True)
class Hit:
    """A file with the excerpts in which the words stand."""

    repository: str
    path: str
    url: str
    excerpts: tuple[str, ...]


def search(site: Site, endpoint: str, query: str, most: int) -> list[Hit]:
    """Files that fit the query.

    Raises:
        WebTrouble: GitHub does not answer, does not accept the token, or answers something else.
    """
    address = f"{endpoint}/search/code?{urlencode({'q': query, 'per_page': most})}"
    page = fetch(site, address, _KINDS, {"Accept": WITH_EXCERPTS, "X-GitHub-Api-Version": VERSION})
    try:
        items = json.loads(page.text)["items"]
        return [_hit(each) for each in items[:most]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PageUnfit("The answer is not GitHub's list of results.", "Try again later.") from error


def _hit(item: dict[str, Any]) -> Hit:
    matches = item.get("text_matches") or []
    return Hit(
        repository=str(item["repository"]["full_name"]),
        path=str(item["path"]),
        url=str(item["html_url"]),
        excerpts=tuple(str(each["fragment"]) for each in matches if each.get("fragment")),
    )
