"""What every handler works with: the stored Hub, who asks, and which repository the address names."""

import hmac
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from starlette.requests import Request

from ml_intern.hub.server.blobs import Blobs
from ml_intern.hub.server.catalogue import Catalogue
from ml_intern.hub.server.names import repo_part
from ml_intern.hub.server.refusals import Refused, no_repo
from ml_intern.hub.server.values import Identity, Repo

if TYPE_CHECKING:  # which reads bodies, as this does
    from ml_intern.hub.server.jobs import Jobs

SIGNED_FOR: Final = 3_600
"""Seconds that an upload address works: the client sends no token to it."""
MOST_JSON: Final = 64 << 20
"""Bytes of one request that is read as a whole; large files come over LFS."""


@dataclass(frozen=True)
class Hub:
    """The stored Hub.

    `closed`: nobody without a token is answered. From `multipart` bytes on a file comes in parts of `part`
    bytes. `jobs` is None where it runs none.
    """

    folder: Path
    catalogue: Catalogue
    blobs: Blobs
    closed: bool = False
    secret: bytes = field(default=b"", repr=False)
    jobs: "Jobs | None" = None
    multipart: int = 5 << 30
    part: int = 256 << 20

    def sign(self, *what: object) -> str:
        """What proves that we allowed exactly this."""
        said = "\0".join(map(str, what)).encode()
        return hmac.new(self.secret, said, "sha256").hexdigest()


def hub_of(request: Request) -> Hub:
    """The Hub that this request came to."""
    found: Hub = request.app.state.hub
    return found


def named(request: Request, name: str) -> str:
    """A part of the address, decoded."""
    return unquote(request.path_params[name])


def asker(request: Request) -> Identity | None:
    """Who asks; None where nobody says.

    Raises:
        Refused: the token is nobody's, or there is none where one is needed.
    """
    hub = hub_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        found = hub.catalogue.identity(token.strip())
        if found is None:
            raise Refused(401, "Invalid credentials in Authorization header")
        return found
    if hub.closed:
        raise Refused(401, "This Hub answers only with a token.")
    return None


def writer(request: Request) -> Identity:
    """Who asks, with a token that may write.

    Raises:
        Refused: there is none.
    """
    found = asker(request)
    if found is None:
        raise Refused(401, "A token is needed to write.")
    if found.role not in ("write", "admin"):
        raise Refused(403, "This token may only read: a token with the role write is needed.")
    return found


def repo_of(request: Request, write: bool = False, content: bool = False) -> Repo:
    """The repository that the address names; `content`: its files are asked for.

    Raises:
        Refused: there is none, or who asks may not do that.
    """
    who = writer(request) if write else asker(request)
    kind = request.path_params.get("kinds", "models").removesuffix("s")
    repo = hub_of(request).catalogue.repo(
        kind, repo_part(named(request, "owner")), repo_part(named(request, "name"))
    )
    mine = who is not None and who.owns(repo.owner)
    if repo.private and not mine:
        raise no_repo()
    if write and not mine:
        raise Refused(403, f"You don't have the rights to write in the namespace {repo.owner}.")
    if content and repo.gated and not mine:
        status = 401 if who is None else 403
        raise Refused(status, f"Access to {kind} {repo.id} is restricted: ask its owner.", "GatedRepo")
    return repo


async def body_of(request: Request, most: int = MOST_JSON) -> bytes:
    """The request's body.

    Raises:
        Refused: it is too large.
    """
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise Refused(413, f"A request has at most {most} bytes; send large files over LFS.")
    return bytes(found)


def expires() -> int:
    """When an address signed now stops to work, in seconds since the epoch."""
    return int(time.time()) + SIGNED_FOR
