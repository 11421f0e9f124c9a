"""Repositories and their commits, in an SQLite database beside the contents.

A commit becomes visible by one transaction that also moves its branch; its files are on disk before. So a
server that is killed at any instant shows the commit whole or not at all.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, select

from ml_intern.hub.server.database import COMMITS, REPOS
from ml_intern.hub.server.refusals import Refused, no_repo, no_revision
from ml_intern.hub.server.tokens import Tokens
from ml_intern.hub.server.values import MAIN, Commit, Entry, Repo, now

SHORT = 7
"""Figures of a commit's hash that are enough to name it, as everywhere with git."""


class Catalogue(Tokens):
    """All that a Hub knows but for the contents of files."""

    def repos(self, kind: str | None = None) -> list[Repo]:
        """All repositories, of one kind where that is given."""
        query = select(REPOS) if kind is None else select(REPOS).where(REPOS.c.kind == kind)
        with self.reading() as connection:
            return [_repo(row) for row in connection.execute(query.order_by(REPOS.c.owner, REPOS.c.name))]

    def repo(self, kind: str, owner: str, name: str) -> Repo:
        """One repository.

        Raises:
            Refused: there is none.
        """
        with self.reading() as connection:
            return _find(connection, kind, owner, name)

    def create(self, kind: str, owner: str, name: str, private: bool, sdk: str | None, author: str) -> Repo:
        """A new repository with one commit that holds only `.gitattributes`.

        Raises:
            Refused: it exists.
        """
        with self.writing() as connection:
            taken = connection.execute(select(REPOS.c.name).where(*_same(REPOS, kind, owner, name))).first()
            if taken:
                raise Refused(409, f"You already created this {kind} repo: {owner}/{name}")
            first = _commit(None, "initial commit", "", author, {})
            refs = json.dumps({f"heads/{MAIN}": first.oid})
            key = {"kind": kind, "owner": owner, "name": name}
            values = {"private": int(private), "gated": "", "sdk": sdk, "created": now(), "downloads": 0}
            connection.execute(REPOS.insert().values(**key, **values, refs=refs))
            _insert(connection, key, first)
            return _find(connection, kind, owner, name)

    def delete(self, repo: Repo) -> None:
        """Forget a repository and its commits."""
        with self.writing() as connection:
            for table in (COMMITS, REPOS):
                connection.execute(table.delete().where(*_same(table, repo.kind, repo.owner, repo.name)))

    def move(self, repo: Repo, owner: str, name: str) -> None:
        """Call a repository by another name.

        Raises:
            Refused: that name is taken.
        """
        with self.writing() as connection:
            if connection.execute(select(REPOS.c.name).where(*_same(REPOS, repo.kind, owner, name))).first():
                raise Refused(409, f"There is already a {repo.kind} repo {owner}/{name}")
            for table in (COMMITS, REPOS):
                old = _same(table, repo.kind, repo.owner, repo.name)
                connection.execute(table.update().where(*old).values(owner=owner, name=name))

    def update(self, repo: Repo, **values: Any) -> None:
        """Change `private` or `gated`."""
        with self.writing() as connection:
            mine = _same(REPOS, repo.kind, repo.owner, repo.name)
            connection.execute(REPOS.update().where(*mine).values(**values))

    def count_download(self, repo: Repo) -> None:
        """One more download."""
        with self.writing() as connection:
            mine = _same(REPOS, repo.kind, repo.owner, repo.name)
            connection.execute(REPOS.update().where(*mine).values(downloads=REPOS.c.downloads + 1))

    def commit(self, repo: Repo, revision: str) -> Commit:
        """The commit that a branch, tag or full commit hash names.

        Raises:
            Refused: there is none.
        """
        with self.reading() as connection:
            return _find_commit(connection, repo, repo.commit(revision) or revision)

    def history(self, repo: Repo, revision: str) -> list[Commit]:
        """The commits that lead to a revision, newest first, without their files."""
        oid = self.commit(repo, revision).oid
        columns = [column for column in COMMITS.c if column.name not in ("kind", "owner", "name", "tree")]
        with self.reading() as connection:
            mine = _same(COMMITS, repo.kind, repo.owner, repo.name)
            rows = {row.oid: row for row in connection.execute(select(*columns).where(*mine))}
        found: list[Commit] = []
        following: str | None = oid
        while following is not None:
            found.append(Commit(**rows[following]._mapping, tree={}))
            following = found[-1].parent
        return found

    def add_commit(
        self,
        repo: Repo,
        branch: str,
        author: str,
        title: str,
        message: str,
        parent: str | None,
        change: Callable[[dict[str, Entry]], dict[str, Entry]],
    ) -> Commit:
        """Add a commit to a branch: `change` makes its files from those of the branch as it is then.

        Raises:
            Refused: the branch is not where `parent` says, or `change` refuses.
        """
        with self.writing() as connection:
            fresh = _find(connection, repo.kind, repo.owner, repo.name)
            head = fresh.refs.get(f"heads/{branch}")
            if head is None:
                raise no_revision(branch)
            if parent is not None and not (head.startswith(parent) and len(parent) >= SHORT):
                raise Refused(412, f"A commit has happened since {parent}. Fetch it and try again.")
            made = _commit(head, title, message, author, change(_find_commit(connection, fresh, head).tree))
            key = {"kind": repo.kind, "owner": repo.owner, "name": repo.name}
            _insert(connection, key, made)
            _set_refs(connection, fresh, fresh.refs | {f"heads/{branch}": made.oid})
            return made

    def add_ref(self, repo: Repo, ref: str, revision: str) -> None:
        """Make a branch ("heads/NAME") or tag ("tags/NAME") at a revision.

        Raises:
            Refused: there is one of that name, or no such revision.
        """
        with self.writing() as connection:
            fresh = _find(connection, repo.kind, repo.owner, repo.name)
            if ref in fresh.refs:
                raise Refused(409, f"Reference already exists: {ref}")
            oid = _find_commit(connection, fresh, fresh.commit(revision) or revision).oid
            _set_refs(connection, fresh, fresh.refs | {ref: oid})

    def remove_ref(self, repo: Repo, ref: str) -> None:
        """Forget a branch or tag.

        Raises:
            Refused: there is none, or it is the main branch.
        """
        with self.writing() as connection:
            fresh = _find(connection, repo.kind, repo.owner, repo.name)
            if ref not in fresh.refs:
                raise no_revision(ref.split("/", 1)[1])
            if ref == f"heads/{MAIN}":
                raise Refused(403, "The main branch cannot be deleted.")
            _set_refs(connection, fresh, {name: oid for name, oid in fresh.refs.items() if name != ref})


def _same(table: Table, kind: str, owner: str, name: str) -> tuple[Any, ...]:
    return (table.c.kind == kind, table.c.owner == owner, table.c.name == name)


def _find(connection: Connection, kind: str, owner: str, name: str) -> Repo:
    row = connection.execute(select(REPOS).where(*_same(REPOS, kind, owner, name))).first()
    if row is None:
        raise no_repo()
    return _repo(row)


def _repo(row: Any) -> Repo:
    fields = dict(row._mapping)
    return Repo(**fields | {"private": bool(fields["private"]), "refs": json.loads(fields["refs"])})


def _set_refs(connection: Connection, repo: Repo, refs: dict[str, str]) -> None:
    mine = _same(REPOS, repo.kind, repo.owner, repo.name)
    connection.execute(REPOS.update().where(*mine).values(refs=json.dumps(refs)))


def _find_commit(connection: Connection, repo: Repo, oid: str) -> Commit:
    if len(oid) < SHORT or not set(oid) <= set("0123456789abcdef"):
        raise no_revision(oid)
    where = (*_same(COMMITS, repo.kind, repo.owner, repo.name), COMMITS.c.oid.startswith(oid))
    rows = connection.execute(select(COMMITS).where(*where).limit(2)).all()
    if len(rows) != 1:
        raise no_revision(oid)
    fields = {
        name: value for name, value in rows[0]._mapping.items() if name not in ("kind", "owner", "name")
    }
    tree = {path: Entry(*entry) for path, entry in json.loads(fields["tree"]).items()}
    return Commit(**fields | {"tree": tree})


def _commit(parent: str | None, title: str, message: str, author: str, tree: dict[str, Entry]) -> Commit:
    date = now()
    files = {path: (e.sha256, e.size, e.git_oid, e.lfs) for path, e in sorted(tree.items())}
    said = json.dumps([parent, title, message, author, date, secrets.token_hex(8), files])
    oid = hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()
    return Commit(oid, parent, title, message, author, date, tree)


def _insert(connection: Connection, key: dict[str, str], made: Commit) -> None:
    tree = json.dumps({path: (e.sha256, e.size, e.git_oid, e.lfs) for path, e in sorted(made.tree.items())})
    values = {name: getattr(made, name) for name in ("oid", "parent", "title", "message", "author", "date")}
    connection.execute(COMMITS.insert().values(**key, **values, tree=tree))
