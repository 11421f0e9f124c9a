"""Making, changing and deleting repositories, branches and tags; who one is."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ml_intern.hub.server.bodies import (
    Branched,
    Card,
    Moved,
    Named,
    Settings,
    Tagged,
    read_body,
)
from ml_intern.hub.server.cards import BadCard, front_matter
from ml_intern.hub.server.context import asker, hub_of, named, repo_of, writer
from ml_intern.hub.server.infos import page
from ml_intern.hub.server.names import ref_name, repo_part
from ml_intern.hub.server.refusals import Refused, no_repo
from ml_intern.hub.server.values import MAIN, Repo


async def whoami(request: Request) -> Response:
    """GET /api/whoami-v2."""
    who = asker(request)
    if who is None:
        raise Refused(401, "Invalid username or password.")
    token = {"accessToken": {"displayName": "token", "role": "read" if who.role == "read" else "write"}}
    return JSONResponse(
        {"type": "user", "id": who.user, "name": who.user, "fullname": who.user, "orgs": [], "auth": token}
    )


async def validate_yaml(request: Request) -> Response:
    """POST /api/validate-yaml: is a card's front matter sound?"""
    asked = await read_body(request, Card)
    try:
        await run_in_threadpool(front_matter, asked.content)
    except BadCard as problem:
        return JSONResponse({"errors": [{"message": str(problem)}], "warnings": []}, 400)
    return JSONResponse({"errors": [], "warnings": []})


def _url(request: Request, repo: Repo) -> str:
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    return f"{str(request.base_url).rstrip('/')}/{prefix}{repo.id}"


async def create(request: Request) -> Response:
    """POST /api/repos/create."""
    who, asked = writer(request), await read_body(request, Named)
    kind, name = asked.type or "model", repo_part(asked.name)
    owner = repo_part(asked.organization or who.user)
    if not who.owns(owner):
        raise Refused(403, f"You don't have the rights to create a {kind} under the namespace {owner}.")
    if kind == "space" and asked.sdk is None:
        raise Refused(400, "A Space needs an sdk: gradio, streamlit, docker or static.")
    private = asked.visibility == "private" or asked.private is True
    catalogue = hub_of(request).catalogue
    sdk = asked.sdk if kind == "space" else None
    try:
        made = catalogue.create(kind, owner, name, private, sdk, who.user)
    except Refused as refused:
        if refused.status == 409:  # the client takes the address from here where the repository may exist
            refused.body = {"url": _url(request, catalogue.repo(kind, owner, name))}
        raise
    return JSONResponse({"url": _url(request, made), "name": made.id, "id": made.head[:24]})


def _own(request: Request, kind: str, owner: str, name: str) -> Repo:
    who = writer(request)
    repo = hub_of(request).catalogue.repo(kind, owner, name)
    if not who.owns(repo.owner):
        raise no_repo() if repo.private else Refused(403, f"You may not change repositories of {repo.owner}.")
    return repo


async def delete(request: Request) -> Response:
    """DELETE /api/repos/delete."""
    who, asked = writer(request), await read_body(request, Named)
    owner, name = repo_part(asked.organization or who.user), repo_part(asked.name)
    hub_of(request).catalogue.delete(_own(request, asked.type or "model", owner, name))
    return PlainTextResponse("OK")


async def move(request: Request) -> Response:
    """POST /api/repos/move."""
    who, asked = writer(request), await read_body(request, Moved)
    (owner, name), (to_owner, to_name) = (
        map(repo_part, each.partition("/")[::2]) for each in (asked.fromRepo, asked.toRepo)
    )
    if not who.owns(to_owner):
        raise Refused(403, f"You may not move a repository to {to_owner}.")
    hub_of(request).catalogue.move(_own(request, asked.type or "model", owner, name), to_owner, to_name)
    return PlainTextResponse("OK")


async def settings(request: Request) -> Response:
    """PUT /api/{kind}s/{owner}/{name}/settings: visibility and gating."""
    repo, asked = repo_of(request, write=True), await read_body(request, Settings)
    catalogue, visibility = hub_of(request).catalogue, asked.visibility
    if visibility is None and asked.private is not None:
        visibility = "private" if asked.private else "public"
    if visibility is not None:
        catalogue.update(repo, private=int(visibility == "private"))
    if asked.gated is not None:
        catalogue.update(repo, gated=asked.gated or "")
    return JSONResponse({"visibility": visibility, "gated": asked.gated})


async def auth_check(request: Request) -> Response:
    """GET /api/{kind}s/{owner}/{name}/auth-check[/write]."""
    repo_of(request, write=request.url.path.endswith("/write"), content=True)
    return PlainTextResponse("OK")


async def refs(request: Request) -> Response:
    """GET …/refs."""
    repo = repo_of(request)
    told: dict[str, list[dict[str, str]]] = {"branches": [], "tags": [], "converts": [], "pullRequests": []}
    for ref, oid in sorted(repo.refs.items()):
        group, _, name = ref.partition("/")
        where = told["branches" if group == "heads" else "tags"]
        where.append({"name": name, "ref": f"refs/{ref}", "targetCommit": oid})
    return JSONResponse(told)


async def commits(request: Request) -> Response:
    """GET …/commits/{revision}."""
    repo = repo_of(request)
    history = hub_of(request).catalogue.history(repo, named(request, "revision"))
    told = [
        {"id": c.oid, "title": c.title, "message": c.message, "date": c.date, "authors": [{"user": c.author}]}
        for c in history
    ]
    return page(request, told)


async def branch(request: Request) -> Response:
    """POST and DELETE …/branch/{ref}."""
    repo, ref = repo_of(request, write=True), f"heads/{ref_name(named(request, 'ref'))}"
    catalogue = hub_of(request).catalogue
    if request.method == "DELETE":
        catalogue.remove_ref(repo, ref)
    else:
        catalogue.add_ref(repo, ref, (await read_body(request, Branched)).startingPoint or MAIN)
    return PlainTextResponse("OK")


async def tag(request: Request) -> Response:
    """POST …/tag/{revision} with the tag's name in the body; DELETE …/tag/{tag}."""
    repo, catalogue = repo_of(request, write=True), hub_of(request).catalogue
    if request.method == "DELETE":
        catalogue.remove_ref(repo, f"tags/{ref_name(named(request, 'ref'))}")
    else:
        asked = await read_body(request, Tagged)
        catalogue.add_ref(repo, f"tags/{ref_name(asked.tag)}", named(request, "ref"))
    return PlainTextResponse("OK")
