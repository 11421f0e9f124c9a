"""Uploading: which way a file is to come, and the commit that makes it visible."""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ml_intern.hub.server.blobs import git_oid
from ml_intern.hub.server.catalogue import Entry
from ml_intern.hub.server.context import Hub, body_of, hub_of, json_of, named, repo_of, writer
from ml_intern.hub.server.names import file_path
from ml_intern.hub.server.refusals import Refused, no_entry

REGULAR: Final = 1 << 20
"""Bytes up to which a text file comes within the commit."""
_LFS: Final = (
    ".safetensors", ".parquet", ".bin", ".pt", ".pth", ".onnx", ".arrow", ".npz", ".npy", ".h5", ".zip",
    ".gz", ".tar", ".7z", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".wav", ".mp3", ".mp4", ".model",
)  # fmt: skip
Change = Callable[[dict[str, Entry]], None]


async def preupload(request: Request) -> Response:
    """POST …/preupload/{revision}: which files come with the commit and which over LFS."""
    repo, asked = repo_of(request, write=True), await json_of(request)
    hub = hub_of(request)
    there = hub.catalogue.commit(repo, named(request, "revision")).tree
    told = []
    for file in asked.get("files") or []:
        path, size = file_path(file.get("path")), int(file.get("size") or 0)
        try:
            sample = base64.b64decode(file.get("sample") or "")
        except (ValueError, TypeError) as error:
            raise Refused(400, "A sample is not base64.") from error
        large = size > REGULAR or path.lower().endswith(_LFS) or b"\0" in sample
        # The hash of what is there lets the client leave out what has not changed.
        oid = there[path].etag if path in there else None
        told.append(
            {
                "path": path,
                "uploadMode": "lfs" if large and size else "regular",
                "shouldIgnore": False,
                "oid": oid,
            }
        )
    return JSONResponse({"files": told})


async def commit(request: Request) -> Response:
    """POST …/commit/{revision}: newline-separated JSON, a header and then one operation a line."""
    repo, hub, who = repo_of(request, write=True), hub_of(request), writer(request)
    header, changes = _read(hub, await body_of(request))

    def change(tree: dict[str, Entry]) -> dict[str, Entry]:
        new = dict(tree)
        for each in changes:
            each(new)
        for path in new:  # a file where another one's folder is could not be written to a disk
            parts = path.split("/")
            if any("/".join(parts[:depth]) in new for depth in range(1, len(parts))):
                raise Refused(400, f"{path} would lie in a file.")
        return new

    parent = header.get("parentCommit")
    title = str(header.get("summary") or "Update")[:500]
    made = hub.catalogue.add_commit(
        repo,
        named(request, "revision"),
        who.user,
        title,
        str(header.get("description") or ""),
        parent,
        change,
    )
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    url = f"{str(request.base_url).rstrip('/')}/{prefix}{repo.id}/commit/{made.oid}"
    return JSONResponse({"success": True, "commitOid": made.oid, "commitUrl": url, "hookOutput": ""})


def _read(hub: Hub, body: bytes) -> tuple[dict[str, Any], list[Change]]:
    header: dict[str, Any] = {}
    changes: list[Change] = []
    for line in body.splitlines():
        try:
            item = json.loads(line)
            key, value = item["key"], item["value"]
            path = "" if key == "header" else file_path(str(value["path"]).rstrip("/"))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Refused(400, "A line of the commit is not an operation.") from error
        if key == "header":
            header = value
        elif key == "file":
            changes.append(_file(hub, path, value))
        elif key == "lfsFile":
            changes.append(_lfs_file(hub, path, value))
        elif key in ("deletedFile", "deletedFolder"):
            changes.append(_deletion(path, folder=key == "deletedFolder"))
        else:
            raise Refused(400, f"Unknown operation {key!r}.")
    if not changes:
        raise Refused(400, "The commit changes nothing.")
    return header, changes


def _file(hub: Hub, path: str, value: dict[str, Any]) -> Change:
    try:
        encoded = value.get("encoding") == "base64"
        content = base64.b64decode(value["content"], validate=True) if encoded else value["content"].encode()
    except (binascii.Error, KeyError, AttributeError, ValueError) as error:
        raise Refused(400, f"The content of {path} cannot be read.") from error
    entry = Entry(hub.blobs.put(content), len(content), git_oid(content), lfs=False)
    return lambda tree: tree.__setitem__(path, entry)


def _lfs_file(hub: Hub, path: str, value: dict[str, Any]) -> Change:
    oid = str(value.get("oid"))
    if not hub.blobs.has(oid):
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
