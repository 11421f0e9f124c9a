"""What the Hub tells about a repository, and searching among them."""

import re
from collections import Counter
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ml_intern.hub.server.cards import card_data, tags
from ml_intern.hub.server.context import Hub, asker, hub_of, named, repo_of
from ml_intern.hub.server.refusals import Refused
from ml_intern.hub.server.values import Commit, Entry, Repo
from ml_intern.hub.server.weights import parameters

MOST: Final = 1_000
"""Repositories or files in one answer; more come page by page."""
_SORTS: Final = {
    "downloads": "downloads", "likes": "likes", "lastModified": "lastModified", "createdAt": "createdAt",
    "created_at": "createdAt", "last_modified": "lastModified", "trendingScore": "downloads",
}  # fmt: skip


def info(hub: Hub, repo: Repo, commit: Commit, sizes: bool = False, files: bool = True) -> dict[str, Any]:
    """A repository as `model_info`, `dataset_info` and `space_info` read it."""
    readme = commit.tree.get("README.md")
    card = card_data(hub.blobs.path(readme.sha256)) if readme else {}
    told: dict[str, Any] = {
        "_id": commit.oid[:24], "id": repo.id, "author": repo.owner, "sha": commit.oid,
        "lastModified": commit.date, "createdAt": repo.created, "private": repo.private,
        "gated": repo.gated or False, "disabled": False, "downloads": repo.downloads, "likes": 0,
        "tags": tags(repo.kind, card), "cardData": card or None,
    }  # fmt: skip
    if files:
        told["siblings"] = [_sibling(path, entry, sizes) for path, entry in commit.tree.items()]
    if repo.kind == "model":
        told |= {"modelId": repo.id, **{name: card.get(name) for name in ("pipeline_tag", "library_name")}}
        told |= _weights(hub, commit, told["tags"])
    if repo.kind == "space":
        told |= {"sdk": repo.sdk}
    return told


def _weights(hub: Hub, commit: Commit, tags: list[str]) -> dict[str, Any]:
    """How many parameters the model's safetensors files hold, by type, and the tag that says it has some."""
    paths = [hub.blobs.path(e.sha256) for path, e in commit.tree.items() if path.endswith(".safetensors")]
    total: Counter[str] = Counter()
    for path in paths:
        total.update(parameters(path))
    if not paths:
        return {}
    told: dict[str, Any] = {"tags": list(dict.fromkeys([*tags, "safetensors"]))}
    if total:
        told["safetensors"] = {"parameters": dict(total), "total": sum(total.values())}
    return told


def _sibling(path: str, entry: Entry, sizes: bool) -> dict[str, Any]:
    if not sizes:
        return {"rfilename": path}
    told: dict[str, Any] = {"rfilename": path, "size": entry.size, "blobId": entry.git_oid}
    if entry.lfs:
        told["lfs"] = {"sha256": entry.sha256, "size": entry.size, "pointerSize": 134}
    return told


async def repo_info(request: Request) -> Response:
    """GET /api/{kind}s/{owner}/{name}[/revision/{revision}]."""
    repo, hub = repo_of(request), hub_of(request)
    revision = named(request, "revision") if "revision" in request.path_params else "main"
    sizes = request.query_params.get("blobs", "").lower() in ("1", "true")
    return JSONResponse(info(hub, repo, hub.catalogue.commit(repo, revision), sizes))


async def list_repos(request: Request) -> Response:
    """GET /api/{kind}s with the client's filters and sorts."""
    who, hub, query = asker(request), hub_of(request), request.query_params
    seen = [
        repo
        for repo in hub.catalogue.repos(request.path_params["kinds"].removesuffix("s"))
        if not repo.private or (who is not None and who.owns(repo.owner))
    ]
    if author := query.get("author"):
        seen = [repo for repo in seen if repo.owner.lower() == author.lower()]
    if (gated := query.get("gated")) is not None:
        seen = [repo for repo in seen if bool(repo.gated) == (gated.lower() in ("1", "true"))]
    if any(query.get(each) for each in ("apps", "inference", "inference_provider", "models", "datasets")):
        seen = []  # nobody serves models here, and nothing is known of what a Space uses
    files = query.get("full", "").lower() in ("1", "true") or "siblings" in query.getlist("expand")
    told = [info(hub, repo, hub.catalogue.commit(repo, repo.head), files=files) for repo in seen]
    words = " ".join(query.getlist("search")).lower().split()
    wanted = [*query.getlist("filter"), *query.getlist("pipeline_tag")]
    told = [each for each in told if _found(each, words) and _tagged(each, wanted)]
    if size := query.get("num_parameters"):
        told = [each for each in told if _sized(each, size)]
    by = _SORTS.get(query.get("sort", "downloads"))
    if by is None:
        raise Refused(400, f"There is no such sort; there are: {', '.join(_SORTS)}")
    told.sort(key=lambda each: (each[by], each["lastModified"]), reverse=query.get("direction", "-1") == "-1")
    return page(request, told)


def _found(told: dict[str, Any], words: list[str]) -> bool:
    """Whether each word of the search stands in the repository's name or its card's title."""
    where = f"{told['id']} {(told['cardData'] or {}).get('pretty_name', '')}".lower()
    return all(word in where for word in words)


def _tagged(told: dict[str, Any], wanted: list[str]) -> bool:
    has = {tag.lower() for tag in told["tags"]}
    return all(tag.lower() in has for each in wanted for tag in each.split(",") if tag)


def _sized(told: dict[str, Any], asked: str) -> bool:
    """Whether a model's parameters lie within "min:100M,max:7B"; either bound may be missing."""
    total = told.get("safetensors", {}).get("total")
    for bound in asked.split(","):
        side, _, number = bound.partition(":")
        match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMBT]?)", number.strip().upper())
        if side not in ("min", "max") or not match:
            raise Refused(400, "num_parameters is like min:100M,max:7B.")
        limit = float(match[1]) * 1_000 ** " KMBT".index(match[2] or " ")
        if total is None or (total < limit if side == "min" else total > limit):
            return False
    return True


def page(request: Request, items: list[Any], most: int = MOST) -> Response:
    """One page of a list, with the address of the next one."""
    query = request.query_params
    try:
        start, limit = int(query.get("cursor", 0)), int(query.get("limit", most))
    except ValueError as error:
        raise Refused(400, "limit and cursor are whole numbers.") from error
    if start < 0 or limit < 1:
        raise Refused(400, "limit is at least 1.")
    limit = min(limit, most)
    headers = {}
    if start + limit < len(items):
        onward = request.url.include_query_params(cursor=start + limit)
        headers["Link"] = f'<{onward}>; rel="next"'
    return JSONResponse(items[start : start + limit], headers=headers)
