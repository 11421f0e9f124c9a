"""The server as an ASGI application: which address is whose."""

import errno
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ml_intern.hub.server import commits, files, infos, lfs, repos
from ml_intern.hub.server.blobs import Blobs
from ml_intern.hub.server.catalogue import Catalogue
from ml_intern.hub.server.context import Hub
from ml_intern.hub.server.refusals import Refused

Handler = Callable[[Request], Awaitable[Response]]
_ONE = "/api/{kinds:kinds}/{owner}/{name}"


class Encoded:
    """Leaves the address as it came, so that a slash within a revision is not taken for one between parts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("ascii", "replace").split("?")[0]}
        await self._app(scope, receive, send)


def open_hub_folder(folder: Path, closed: bool = False) -> Hub:
    """The Hub that is stored in `folder`, made where there is none."""
    catalogue, blobs = Catalogue(folder), Blobs(folder)
    place = folder / "signing.key"
    if not place.exists():
        made = os.open(place, os.O_WRONLY | os.O_CREAT, 0o600)
        os.write(made, secrets.token_bytes(32))
        os.close(made)
    return Hub(folder, catalogue, blobs, closed, place.read_bytes())


def make_app(hub: Hub) -> Starlette:
    """The application that serves `hub`."""
    from starlette.convertors import Convertor, register_url_convertor
    from starlette.middleware import Middleware

    class Kinds(Convertor[str]):
        regex = "models|datasets|spaces"

        def convert(self, value: str) -> str:
            return value

        def to_string(self, value: str) -> str:
            return value

    register_url_convertor("kinds", Kinds())
    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(Encoded)],
        exception_handlers={Refused: _refused, OSError: _trouble},
    )
    app.state.hub = hub
    return app


def _routes() -> list[Route]:
    plain: list[tuple[str, Handler, list[str]]] = [
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


async def _refused(request: Request, error: Any) -> Response:
    found: Response = error.response()
    return found


async def _trouble(request: Request, error: Any) -> Response:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return JSONResponse({"error": "The disk of this Hub is full."}, 507)
    return JSONResponse({"error": "This Hub cannot read or write its folder."}, 500)
