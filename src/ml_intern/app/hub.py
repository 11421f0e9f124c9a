"""Use cases of the embedded Hub: serve it, fill it, look at it, and its tokens."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml_intern.app.home import default_home
from ml_intern.compute.backends import open_backend
from ml_intern.hub.access import FOLDER, HubAccess, local_user
from ml_intern.ports.backend import Backend
from ml_intern.records.errors import ComputeRefused, UsageProblem
from ml_intern.records.jobs import LOCAL

if TYPE_CHECKING:
    from ml_intern.hub.server.context import Hub


@dataclass(frozen=True)
class ImportRequest:
    """What is to be imported, and as what. `name` is owner/name, or a name of the user's own."""

    source: Path
    name: str
    kind: str = "dataset"
    private: bool = False
    licence: str | None = None
    card: Path | None = None


@contextmanager
def _opened(data: Path | None, closed: bool = False, jobs: bool = False) -> Iterator["Hub"]:
    from ml_intern.hub.server.app import open_hub_folder

    folder = (data or default_home() / FOLDER).expanduser().resolve()
    hub = open_hub_folder(folder, closed, _runner(folder) if jobs else None)
    try:
        yield hub
    finally:
        hub.catalogue.close()


def _runner(folder: Path) -> Backend | None:
    """What runs the jobs of a Hub that is served; None where this machine has no sandbox for them."""
    try:
        backend = open_backend(LOCAL, folder)
        backend.check()
    except ComputeRefused:
        return None
    return backend


@contextmanager
def _reached(hub: "Hub") -> Iterator[HubAccess]:
    """The Hub by the official client."""
    from ml_intern.hub.server.serve import served

    token = hub.catalogue.new_token(local_user(), "admin")
    try:
        with served(hub) as url:
            yield HubAccess(url, token, embedded=True)
    finally:
        hub.catalogue.revoke(token)


def serve(
    host: str, port: int, data: Path | None, told: Callable[[str, str], None], micro_usd: int | None = None
) -> None:
    """Serve until interrupted; `told` gets the address and a token that holds until then.

    `micro_usd` is what the user of this machine may spend on jobs from now on; None leaves it as it is.

    Raises:
        UsageProblem: that address cannot be had.
    """
    from ml_intern.hub.server.serve import LOOPBACK, address, listen
    from ml_intern.hub.server.serve import serve as answer

    with listen(host, port) as on, _opened(data, closed=host not in LOOPBACK, jobs=True) as hub:
        if micro_usd is not None and hub.jobs is not None:
            hub.jobs.set_credits(local_user(), micro_usd)
        token = hub.catalogue.new_token(local_user(), "admin")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # to end as with Ctrl-C
        try:
            told(address(host, on), token)
            answer(hub, on, host)
        except KeyboardInterrupt:
            pass  # that is how it ends
        finally:
            hub.catalogue.revoke(token)


def import_files(request: ImportRequest, data: Path | None) -> dict[str, Any]:
    """Put a folder or file into a repository, in one commit.

    Raises:
        UsageProblem: the source or the name will not do.
        HubRefused: the Hub would not take it.
    """
    from ml_intern.hub.errors import in_words
    from ml_intern.hub.importing import operations

    owner, _, name = request.name.rpartition("/")
    repo_id = f"{owner or local_user()}/{name}"
    wanted = operations(request.source, repo_id, request.licence, request.card)
    with _opened(data) as hub, _reached(hub) as access, in_words(f"import {repo_id}"):
        api, kind = access.api, request.kind
        if not api.repo_exists(repo_id, repo_type=kind):
            api.create_repo(repo_id, repo_type=kind, private=True)
        there = set(api.list_repo_files(repo_id, repo_type=kind)) - {op.path_in_repo for op in wanted}
        made = api.create_commit(
            repo_id, [*wanted, *_deletions(there)], repo_type=kind, commit_message=f"Import {name}"
        )
        api.update_repo_settings(repo_id, repo_type=kind, private=request.private)
    return {"repo": repo_id, "type": request.kind, "revision": made.oid, "files": len(wanted)}


def _deletions(paths: set[str]) -> list[Any]:
    from huggingface_hub import CommitOperationDelete

    return [CommitOperationDelete(path) for path in sorted(paths)]


def list_repos(data: Path | None) -> list[dict[str, Any]]:
    """All repositories with what people ask first; size in bytes of the main branch."""
    with _opened(data) as hub:
        told = []
        for repo in hub.catalogue.repos():
            commit = hub.catalogue.commit(repo, repo.head)
            told.append(
                {
                    "id": repo.id, "type": repo.kind, "private": repo.private, "gated": repo.gated or False,
                    "downloads": repo.downloads, "revision": repo.head, "last_modified": commit.date,
                    "files": len(commit.tree), "bytes": sum(e.size for e in commit.tree.values()),
                }
            )  # fmt: skip
        return told


def new_token(user: str | None, role: str, data: Path | None) -> dict[str, str]:
    """A token that holds until it is revoked. It is shown this once: only its hash is kept.

    Raises:
        UsageProblem: the user's name cannot own repositories.
    """
    from ml_intern.hub.server.names import repo_part
    from ml_intern.hub.server.refusals import Refused

    try:
        name = repo_part(user or local_user())
    except Refused as refused:
        raise UsageProblem(refused.message, "Choose another --user.") from refused
    with _opened(data) as hub:
        return {"token": hub.catalogue.new_token(name, role), "user": name, "role": role}


def tokens(data: Path | None) -> list[dict[str, str]]:
    """What is kept of the tokens."""
    with _opened(data) as hub:
        return [asdict(note) for note in hub.catalogue.tokens()]


def revoke(token: str, data: Path | None) -> None:
    """Make a token nobody's; `token` is it, or its id.

    Raises:
        UsageProblem: there is none.
    """
    with _opened(data) as hub:
        if not (hub.catalogue.revoke_id(token) or hub.catalogue.revoke(token)):
            raise UsageProblem("There is no such token.", "See them all with: ml-intern hub token")
