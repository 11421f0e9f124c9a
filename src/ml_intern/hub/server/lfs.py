"""Large files over Git LFS: basic uploads, and parts for very large ones.

The client sends no token to an upload address; a signature in the address stands for it.
"""

import hmac
import math
import time
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ml_intern.hub.server.bodies import Batch, LfsObject, read_body
from ml_intern.hub.server.context import Hub, expires, hub_of, repo_of
from ml_intern.hub.server.refusals import Refused


async def batch(request: Request) -> Response:
    """POST {repo}.git/info/lfs/objects/batch: where to send. Downloads go over resolve."""
    repo, asked = repo_of(request, write=True), await read_body(request, Batch)
    if asked.operation != "upload":
        raise Refused(400, "Files are fetched from their resolve addresses.")
    hub, base = hub_of(request), str(request.base_url).rstrip("/")
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    told = []
    for each in asked.objects:
        found: dict[str, Any] = each.model_dump()
        # What others have sent must be sent again: the answer would else tell what they have.
        if not (hub.catalogue.has_sent(repo.owner, each.oid) and hub.blobs.has(each.oid, each.size)):
            verify = {"href": f"{base}/{prefix}{repo.id}.git/info/lfs/verify"}
            found["actions"] = {"upload": _upload(hub, base, repo.owner, each), "verify": verify}
        told.append(found)
    transfer = "multipart" if "multipart" in asked.transfers else "basic"
    return JSONResponse({"transfer": transfer, "objects": told})


def _upload(hub: Hub, base: str, owner: str, wanted: LfsObject) -> dict[str, Any]:
    until, oid, size = expires(), wanted.oid, wanted.size

    def address(part: int) -> str:
        signature = hub.sign(owner, oid, size, part, until)
        query = f"owner={owner}&size={size}&part={part}&until={until}&signature={signature}"
        return f"{base}/lfs/{oid}?{query}"

    if size < hub.multipart:
        return {"href": address(0)}
    count = math.ceil(size / hub.part)
    width = len(str(count))
    parts = {str(number).zfill(width): address(number) for number in range(1, count + 1)}
    return {"href": address(-count), "header": {"chunk_size": str(hub.part), **parts}}


@dataclass(frozen=True)
class _Signed:
    """What an upload address allows: `part` 0 is the whole, -n completes n parts."""

    owner: str
    oid: str
    size: int
    part: int


def _signed(request: Request) -> _Signed:
    """What this address was signed for.

    Raises:
        Refused: it was not, or not for now.
    """
    query, oid = request.query_params, request.path_params["oid"]
    try:
        owner, size, part, until = query["owner"], *(int(query[name]) for name in ("size", "part", "until"))
    except (KeyError, ValueError) as error:
        raise Refused(403, "This is no upload address.") from error
    signature = hub_of(request).sign(owner, oid, size, part, until).encode()
    if not hmac.compare_digest(signature, query.get("signature", "").encode()) or until < time.time():
        raise Refused(403, "This upload address is not valid, or not any more: start the upload again.")
    return _Signed(owner, oid, size, part)


async def put(request: Request) -> Response:
    """PUT to a signed address: a whole content, or a part of one."""
    signed, hub = _signed(request), hub_of(request)
    if signed.part < 0:
        raise Refused(400, "This address completes an upload.")
    if signed.part == 0:
        await hub.blobs.receive(request.stream(), signed.oid, signed.size)
        hub.catalogue.note_upload(signed.owner, signed.oid)
        return PlainTextResponse("OK")
    etag = await hub.blobs.receive_part(request.stream(), signed.oid, signed.part, hub.part)
    return PlainTextResponse("OK", headers={"ETag": etag})


async def complete(request: Request) -> Response:
    """POST to a signed address: all parts have been sent."""
    signed, hub = _signed(request), hub_of(request)
    if signed.part >= 0:
        raise Refused(400, "This address takes a content.")
    await run_in_threadpool(hub.blobs.join, signed.oid, -signed.part, signed.size)
    hub.catalogue.note_upload(signed.owner, signed.oid)
    return JSONResponse({"success": True})


async def verify(request: Request) -> Response:
    """POST {repo}.git/info/lfs/verify: is the content there, whole?"""
    repo, asked = repo_of(request, write=True), await read_body(request, LfsObject)
    hub = hub_of(request)
    if not (hub.catalogue.has_sent(repo.owner, asked.oid) and hub.blobs.has(asked.oid, asked.size)):
        raise Refused(404, "The content has not come in.")
    return PlainTextResponse("OK")
