"""Large files over Git LFS: basic uploads, and parts for very large ones.

The client sends no token to an upload address; a signature in the address stands for it.
"""

import hmac
import math
import re
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ml_intern.hub.server.context import expires, hub_of, json_of, repo_of
from ml_intern.hub.server.refusals import Refused

MULTIPART: Final = 1 << 30
"""Bytes from which a file comes in parts."""
PART: Final = 256 << 20
MOST: Final = 200 << 30
"""Bytes of one file."""
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


async def batch(request: Request) -> Response:
    """POST {repo}.git/info/lfs/objects/batch: where to send, or from where to get."""
    asked = await json_of(request)
    upload = asked.get("operation") == "upload"
    repo = repo_of(request, write=upload, content=not upload)
    base = str(request.base_url).rstrip("/")
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    told = []
    for each in asked.get("objects") or []:
        oid, size = str(each.get("oid")), each.get("size")
        if not _SHA256.fullmatch(oid) or not isinstance(size, int) or not 0 < size <= MOST:
            raise Refused(400, "An object has a SHA-256 and a size of at most 200 GiB.")
        found: dict[str, Any] = {"oid": oid, "size": size}
        if upload and not hub_of(request).blobs.has(oid, size):
            verify = {"href": f"{base}/{prefix}{repo.id}.git/info/lfs/verify"}
            found["actions"] = {"upload": _upload(request, base, oid, size), "verify": verify}
        told.append(found)
    return JSONResponse({"transfer": _transfer(asked), "objects": told})


def _transfer(asked: dict[str, Any]) -> str:
    return "multipart" if "multipart" in (asked.get("transfers") or []) else "basic"


def _upload(request: Request, base: str, oid: str, size: int) -> dict[str, Any]:
    until = expires()

    def address(part: int) -> str:
        signature = hub_of(request).sign(oid, size, part, until)
        return f"{base}/lfs/{oid}?size={size}&part={part}&until={until}&signature={signature}"

    if size < MULTIPART:
        return {"href": address(0)}
    count = math.ceil(size / PART)
    width = len(str(count))
    parts = {str(number).zfill(width): address(number) for number in range(1, count + 1)}
    return {"href": address(-count), "header": {"chunk_size": str(PART), **parts}}


def _signed(request: Request) -> tuple[str, int, int]:
    """The content, size and part that this address was signed for.

    Raises:
        Refused: it was not, or not for now.
    """
    query, oid = request.query_params, request.path_params["oid"]
    try:
        size, part, until = (int(query[name]) for name in ("size", "part", "until"))
    except (KeyError, ValueError) as error:
        raise Refused(403, "This is no upload address.") from error
    signature = hub_of(request).sign(oid, size, part, until)
    if not hmac.compare_digest(signature, query.get("signature", "")) or until < time.time():
        raise Refused(403, "This upload address is not valid, or not any more: start the upload again.")
    return oid, size, part


async def put(request: Request) -> Response:
    """PUT to a signed address: a whole content, or a part of one."""
    oid, size, part = _signed(request)
    blobs = hub_of(request).blobs
    if part < 0:
        raise Refused(400, "This address completes an upload.")
    if part == 0:
        await blobs.receive(request.stream(), oid, size)
        return PlainTextResponse("OK")
    etag = await blobs.receive_part(request.stream(), oid, part, PART)
    return PlainTextResponse("OK", headers={"ETag": etag})


async def complete(request: Request) -> Response:
    """POST to a signed address: all parts have been sent."""
    from starlette.concurrency import run_in_threadpool

    oid, size, part = _signed(request)
    if part >= 0:
        raise Refused(400, "This address takes a content.")
    await run_in_threadpool(hub_of(request).blobs.join, oid, -part, size)
    return JSONResponse({"success": True})


async def verify(request: Request) -> Response:
    """POST {repo}.git/info/lfs/verify: is the content there, whole?"""
    repo_of(request, write=True)
    asked = await json_of(request)
    oid = str(asked.get("oid"))
    if not _SHA256.fullmatch(oid) or not hub_of(request).blobs.has(oid, asked.get("size")):
        raise Refused(404, "The content has not come in.")
    return PlainTextResponse("OK")
