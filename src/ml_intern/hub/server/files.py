"""Reading a repository: its tree, and its files with revisions, hashes and ranges."""

from typing import Any
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response

from ml_intern.hub.server.blobs import CHUNK
from ml_intern.hub.server.bodies import Paths, parse
from ml_intern.hub.server.context import body_of, hub_of, named, repo_of
from ml_intern.hub.server.infos import MOST, page
from ml_intern.hub.server.refusals import no_entry
from ml_intern.hub.server.values import Commit, Entry


def _told(path: str, entry: Entry, commit: Commit, expand: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "file", "path": path, "size": entry.size, "oid": entry.git_oid}
    if entry.lfs:
        told["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": 134}
    return told | (_last(commit) if expand else {})


def _folder(path: str, commit: Commit, expand: bool) -> dict[str, Any]:
    told = {"type": "directory", "path": path, "size": 0, "oid": commit.oid}
    return told | (_last(commit) if expand else {})


def _last(commit: Commit) -> dict[str, Any]:
    return {"lastCommit": {"id": commit.oid, "title": commit.title, "date": commit.date}}


def _folders(tree: dict[str, Entry]) -> set[str]:
    return {
        "/".join(parts[:depth]) for parts in (p.split("/") for p in tree) for depth in range(1, len(parts))
    }


async def tree(request: Request) -> Response:
    """GET …/tree/{revision}[/{path}]."""
    repo = repo_of(request, content=True)
    commit = hub_of(request).catalogue.commit(repo, named(request, "revision"))
    where = named(request, "path").strip("/") if "path" in request.path_params else ""
    query = request.query_params
    recursive, expand = (query.get(each, "").lower() in ("1", "true") for each in ("recursive", "expand"))
    folders = _folders(commit.tree)
    if where and where not in folders:
        raise no_entry(where)
    start = f"{where}/" if where else ""

    def here(path: str) -> bool:
        return path.startswith(start) and (recursive or "/" not in path[len(start) :])

    told = [_folder(path, commit, expand) for path in sorted(folders) if here(path)]
    told += [_told(path, entry, commit, expand) for path, entry in commit.tree.items() if here(path)]
    return page(request, told, 50 if expand else MOST)


async def paths_info(request: Request) -> Response:
    """POST …/paths-info/{revision} with a form or JSON: what is at these paths?"""
    repo = repo_of(request, content=True)
    commit = hub_of(request).catalogue.commit(repo, named(request, "revision"))
    paths, expand = await _asked_paths(request)
    folders = _folders(commit.tree)
    told = []
    for path in paths:
        if path in commit.tree:
            told.append(_told(path, commit.tree[path], commit, expand))
        elif path in folders:
            told.append(_folder(path, commit, expand))
    return JSONResponse(told)


async def _asked_paths(request: Request) -> tuple[list[str], bool]:
    body = await body_of(request)
    if request.headers.get("content-type", "").startswith("application/json"):
        asked = parse(body, Paths)
        return [path.strip("/") for path in asked.paths], asked.expand
    form = parse_qs(body.decode("utf-8", "replace"))
    expand = form.get("expand", ["false"])[0].lower() == "true"
    return [path.strip("/") for path in form.get("paths", [])], expand


class _Content(FileResponse):
    chunk_size = CHUNK


async def resolve(request: Request) -> Response:
    """GET and HEAD {repo}/resolve/{revision}/{path}, with ranges."""
    repo, hub = repo_of(request, content=True), hub_of(request)
    commit = hub.catalogue.commit(repo, named(request, "revision"))
    path = named(request, "path")
    entry = commit.tree.get(path)
    if entry is None:
        raise no_entry(path)
    # Whatever a file holds, a browser must neither run nor guess it.
    headers = {
        "X-Repo-Commit": commit.oid,
        "ETag": f'"{entry.etag}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.rsplit('/', 1)[-1])}",
    }
    if entry.lfs:
        headers |= {"X-Linked-Size": str(entry.size), "X-Linked-Etag": f'"{entry.etag}"'}
    if path in ("config.json", "README.md") and request.method == "HEAD":
        hub.catalogue.count_download(repo)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if entry.size == 0:
        return PlainTextResponse("", headers=headers, media_type="application/octet-stream")
    return _Content(hub.blobs.path(entry.sha256), headers=headers, media_type="application/octet-stream")
