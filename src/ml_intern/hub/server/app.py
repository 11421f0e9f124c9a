"""The server as an ASGI application: which address is whose."""

import errno
import os
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ml_intern.hub.access import WHO_WE_ARE
from ml_intern.hub.server import commits, files, infos, jobs_api, lfs, repos
from ml_intern.hub.server.blobs import Blobs
from ml_intern.hub.server.catalogue import Catalogue
from ml_intern.hub.server.context import Hub
from ml_intern.hub.server.jobs import Jobs
from ml_intern.hub.server.refusals import Refused, no_repo
from ml_intern.ports.backend import Backend

Handler = Callable[[Request], Awaitable[Response]]
FULL = "The disk of this Hub is full."
_ONE = "/api/{kinds:kinds}/{owner}/{name}"
_JOBS = "/api/jobs/{owner}"


class Kinds(Convertor[str]):
    """The three kinds of repositories, as addresses write them."""

    regex = "models|datasets|spaces"

    def convert(self, value: str) -> str:
        """The kind as the handlers read it."""
        return value

    def to_string(self, value: str) -> str:
        """The kind in an address."""
        return value


class Encoded:
    """Leaves the address as it came, so that a slash within a revision is not taken for one between parts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("ascii", "replace").split("?")[0]}
        await self._app(scope, receive, send)


def open_hub_folder(folder: Path, closed: bool = False, runner: Backend | None = None) -> Hub:
    """The Hub that is stored in `folder`, made where there is none; `runner` runs its jobs."""
    catalogue, blobs = Catalogue(folder), Blobs(folder)
    blobs.clean()
    jobs = Jobs(folder, catalogue, runner) if runner else None
    return Hub(folder, catalogue, blobs, closed, _secret(folder / "signing.key"), jobs)


def _secret(place: Path) -> bytes:
    """What upload addresses are signed with; servers on the same folder share it."""
    if not place.exists():
        with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as file:
            file.write(secrets.token_bytes(32))
        with suppress(FileExistsError):  # another one was quicker
            os.link(file.name, place)
        Path(file.name).unlink()
    return place.read_bytes()


def make_app(hub: Hub, hosts: Sequence[str] = ("*",)) -> Starlette:
    """The application that serves `hub` to those who call it by one of `hosts`.

    On loopback that keeps out a web page whose name was made to lead here.
    """
    register_url_convertor("kinds", Kinds())
    app = Starlette(
        routes=_routes(),
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False),
            Middleware(Encoded),
        ],
        exception_handlers={404: _nowhere, Refused: _refused, OSError: _trouble, OperationalError: _database},
    )
    app.state.hub = hub
    return app


def _routes() -> list[Route]:
    plain: list[tuple[str, Handler, list[str]]] = [
        (WHO_WE_ARE, _who_we_are, ["GET"]),
        ("/api/whoami-v2", repos.whoami, ["GET"]),
        ("/api/validate-yaml", repos.validate_yaml, ["POST"]),
        ("/api/repos/create", repos.create, ["POST"]),
        ("/api/repos/delete", repos.delete, ["DELETE"]),
        ("/api/repos/move", repos.move, ["POST"]),
        ("/api/{kinds:kinds}", infos.list_repos, ["GET"]),
        (_ONE, infos.repo_info, ["GET"]),
        (_ONE + "/revision/{revision}", infos.repo_info, ["GET"]),
        (_ONE + "/settings", repos.settings, ["PUT"]),
        (_ONE + "/auth-check", repos.auth_check, ["GET"]),
        (_ONE + "/auth-check/write", repos.auth_check, ["GET"]),
        (_ONE + "/refs", repos.refs, ["GET"]),
        (_ONE + "/commits/{revision}", repos.commits, ["GET"]),
        (_ONE + "/branch/{ref}", repos.branch, ["POST", "DELETE"]),
        (_ONE + "/tag/{ref}", repos.tag, ["POST", "DELETE"]),
        (_ONE + "/preupload/{revision}", commits.preupload, ["POST"]),
        (_ONE + "/commit/{revision}", commits.commit, ["POST"]),
        (_ONE + "/tree/{revision}", files.tree, ["GET"]),
        (_ONE + "/tree/{revision}/{path:path}", files.tree, ["GET"]),
        (_ONE + "/paths-info/{revision}", files.paths_info, ["POST"]),
        (_ONE + "/xet-{way}-token/{revision}", _no_xet, ["GET"]),
        ("/api/jobs/hardware", jobs_api.hardware, ["GET"]),
        (_JOBS, jobs_api.every, ["GET"]),
        (_JOBS, jobs_api.submit, ["POST"]),
        (_JOBS + "/{job}", jobs_api.inspect, ["GET"]),
        (_JOBS + "/{job}/cancel", jobs_api.cancel, ["POST"]),
        (_JOBS + "/{job}/logs", jobs_api.logs, ["GET"]),
        (_JOBS + "/{job}/outputs", jobs_api.outputs, ["GET"]),
        ("/lfs/{oid}", lfs.put, ["PUT"]),
        ("/lfs/{oid}", lfs.complete, ["POST"]),
    ]
    for prefix in ("/{kinds:kinds}", ""):
        plain += [
            (prefix + "/{owner}/{name}.git/info/lfs/objects/batch", lfs.batch, ["POST"]),
            (prefix + "/{owner}/{name}.git/info/lfs/verify", lfs.verify, ["POST"]),
            (prefix + "/{owner}/{name}/resolve/{revision}/{path:path}", files.resolve, ["GET"]),
        ]
    return [Route(path, handler, methods=methods) for path, handler, methods in plain]


async def _who_we_are(request: Request) -> Response:
    return JSONResponse({"hub": "ml-intern"})


async def _no_xet(request: Request) -> Response:
    """Xet's client shows the address that failed and no message, so the address is the message."""
    return RedirectResponse("/there-is-no-xet-here/set/HF_HUB_DISABLE_XET=1")


async def _nowhere(request: Request, error: Any) -> Response:
    """Clients take a missing repository from the code; names without an owner lead here, too."""
    about = request.url.path.startswith(("/api/models/", "/api/datasets/", "/api/spaces/"))
    if about or "/resolve/" in request.url.path:
        return no_repo().response()
    return JSONResponse({"error": "This Hub has nothing there."}, 404)


async def _refused(request: Request, error: Any) -> Response:
    found: Response = error.response()
    return found


async def _trouble(request: Request, error: Any) -> Response:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return JSONResponse({"error": FULL}, 507)
    return JSONResponse({"error": "This Hub cannot read or write its folder."}, 500)


async def _database(request: Request, error: Any) -> Response:
    said = str(error.orig)
    if "full" in said:
        return JSONResponse({"error": FULL}, 507)
    if "locked" in said:
        return JSONResponse({"error": "Others are writing: try again."}, 503)
    return JSONResponse({"error": "This Hub cannot read or write its database."}, 500)
