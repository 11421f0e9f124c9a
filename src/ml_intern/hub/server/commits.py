"""Uploading: which way a file is to come, and the commit that makes it visible."""

import base64
import json
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ml_intern.hub.server.blobs import git_oid
from ml_intern.hub.server.bodies import FileLine, Header, LfsLine, PathLine, Preupload, parse, read_body
from ml_intern.hub.server.context import Hub, body_of, hub_of, named, repo_of, writer
from ml_intern.hub.server.names import file_path
from ml_intern.hub.server.refusals import Refused, no_entry
from ml_intern.hub.server.values import Entry, Repo

REGULAR: Final = 1 << 20
"""Bytes up to which a text file comes within the commit."""
_LFS: Final = (
    ".safetensors", ".parquet", ".bin", ".pt", ".pth", ".onnx", ".arrow", ".npz", ".npy", ".h5", ".zip",
    ".gz", ".tar", ".7z", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".wav", ".mp3", ".mp4", ".model",
)  # fmt: skip
Change = Callable[[dict[str, Entry]], None]


async def preupload(request: Request) -> Response:
    """POST …/preupload/{revision}: which files come with the commit and which over LFS."""
    repo, asked = repo_of(request, write=True), await read_body(request, Preupload)
    _no_pull_request(request)
    there = hub_of(request).catalogue.commit(repo, named(request, "revision")).tree
    told = []
    for file in asked.files:
        path = file_path(file.path)
        large = file.size > REGULAR or path.lower().endswith(_LFS) or b"\0" in _decoded(path, file.sample)
        # The hash of what is there lets the client leave out what has not changed.
        oid = there[path].etag if path in there else None
        mode = "lfs" if large and file.size else "regular"
        told.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return JSONResponse({"files": told})


async def commit(request: Request) -> Response:
    """POST …/commit/{revision}: newline-separated JSON, a header and then one operation a line."""
    repo, hub, who = repo_of(request, write=True), hub_of(request), writer(request)
    _no_pull_request(request)
    header, changes = _read(hub, repo, await body_of(request))

    def change(tree: dict[str, Entry]) -> dict[str, Entry]:
        new = dict(tree)
        for each in changes:
            each(new)
        for path in new:  # a file where another one's folder is could not be written to a disk
            parts = path.split("/")
            if any("/".join(parts[:depth]) in new for depth in range(1, len(parts))):
                raise Refused(400, f"{path} would lie in a file.")
        return new

    branch, title, message = named(request, "revision"), header.summary[:500], header.description or ""
    made = hub.catalogue.add_commit(repo, branch, who.user, title, message, header.parentCommit, change)
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    url = f"{str(request.base_url).rstrip('/')}/{prefix}{repo.id}/commit/{made.oid}"
    return JSONResponse({"success": True, "commitOid": made.oid, "commitUrl": url, "hookOutput": ""})


def _no_pull_request(request: Request) -> None:
    if request.query_params.get("create_pr", "").lower() in ("1", "true"):
        raise Refused(400, "This Hub has no pull requests: commit to a branch.")


def _read(hub: Hub, repo: Repo, body: bytes) -> tuple[Header, list[Change]]:
    header: Header = Header()
    changes: list[Change] = []
    for line in body.splitlines():
        try:
            item = json.loads(line)
            key, value = item["key"], json.dumps(item["value"]).encode()
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Refused(400, "A line of the commit is not an operation.") from error
        if key == "header":
            header = parse(value, Header)
        elif key == "file":
            changes.append(_file(hub, parse(value, FileLine)))
        elif key == "lfsFile":
            changes.append(_lfs_file(hub, repo, parse(value, LfsLine)))
        elif key in ("deletedFile", "deletedFolder"):
            path = file_path(parse(value, PathLine).path.rstrip("/"))
            changes.append(_deletion(path, folder=key == "deletedFolder"))
        else:
            raise Refused(400, "An operation is file, lfsFile, deletedFile or deletedFolder.")
    if not changes:
        raise Refused(400, "The commit changes nothing.")
    return header, changes


def _decoded(path: str, content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError as error:
        raise Refused(400, f"The content of {path} is not base64.") from error


def _file(hub: Hub, line: FileLine) -> Change:
    path = file_path(line.path)
    content = _decoded(path, line.content) if line.encoding == "base64" else line.content.encode()
    entry = Entry(hub.blobs.put(content), len(content), git_oid(content), lfs=False)
    return lambda tree: tree.__setitem__(path, entry)


def _lfs_file(hub: Hub, repo: Repo, line: LfsLine) -> Change:
    path, oid = file_path(line.path), line.oid
    if not (hub.catalogue.has_sent(repo.owner, oid) and hub.blobs.has(oid)):
        raise Refused(400, f"The content of {path} has not been uploaded.")
    size = hub.blobs.path(oid).stat().st_size
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n".encode()
    entry = Entry(oid, size, git_oid(pointer), lfs=True)
    return lambda tree: tree.__setitem__(path, entry)


def _deletion(path: str, folder: bool) -> Change:
    def delete(tree: dict[str, Entry]) -> None:
        gone = [each for each in tree if (each.startswith(f"{path}/") if folder else each == path)]
        if not gone:
            raise no_entry(path)
        for each in gone:
            del tree[each]

    return delete
