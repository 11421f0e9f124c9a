"""Repositories, commits, refs and tokens, in an SQLite database beside the contents.

A commit becomes visible by one transaction that also moves its branch; its files are on disk before. So a
server that is killed at any instant shows the commit whole or not at all.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    select,
    text,
)

from ml_intern.hub.server.refusals import Refused, no_repo, no_revision
from ml_intern.records.errors import InternError

VERSION = 1
MAIN = "main"
TOKEN_ID = 12
"""Hexadecimal figures of a token's hash that name it without giving it away."""
_META = MetaData()
_REPOS = Table(
    "repos", _META,
    Column("kind", String, primary_key=True), Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True), Column("private", Integer, nullable=False),
    Column("gated", String, nullable=False), Column("sdk", String), Column("created", String, nullable=False),
    Column("downloads", Integer, nullable=False), Column("refs", String, nullable=False),
)  # fmt: skip
_COMMITS = Table(
    "commits", _META,
    Column("kind", String, primary_key=True), Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True), Column("oid", String, primary_key=True),
    Column("parent", String), Column("title", String, nullable=False),
    Column("message", String, nullable=False), Column("author", String, nullable=False),
    Column("date", String, nullable=False), Column("tree", String, nullable=False),
)  # fmt: skip
_TOKENS = Table(
    "tokens", _META,
    Column("sha256", String, primary_key=True), Column("user", String, nullable=False),
    Column("role", String, nullable=False), Column("created", String, nullable=False),
)  # fmt: skip


_UPLOADS = Table(
    "uploads", _META, Column("owner", String, primary_key=True), Column("sha256", String, primary_key=True),
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A file of a commit: its content's SHA-256, bytes, git's own hash, and whether it came over LFS."""

    sha256: str
    size: int
    git_oid: str
    lfs: bool

    @property
    def etag(self) -> str:
        """What names this content to clients."""
        return self.sha256 if self.lfs else self.git_oid


@dataclass(frozen=True)
class Repo:
    """A repository. `refs` maps "heads/NAME" and "tags/NAME" to commits; `gated`: "auto", "manual" or ""."""

    kind: str
    owner: str
    name: str
    private: bool
    gated: str
    sdk: str | None
    created: str
    downloads: int
    refs: dict[str, str]

    @property
    def id(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    @property
    def head(self) -> str:
        """The commit of the main branch."""
        return self.refs[f"heads/{MAIN}"]

    def commit(self, revision: str) -> str | None:
        """The commit of a branch or tag, or None where there is none."""
        return self.refs.get(f"heads/{revision}") or self.refs.get(f"tags/{revision}")


@dataclass(frozen=True)
class Commit:
    """A commit with all its files. `date` is ISO 8601 in UTC."""

    oid: str
    parent: str | None
    title: str
    message: str
    author: str
    date: str
    tree: dict[str, Entry] = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """Who asks. `role` is "read", "write", or "admin", who works on this machine and owns all of it."""

    user: str
    role: str

    def owns(self, owner: str) -> bool:
        """Whether what belongs to `owner` is theirs."""
        return self.user == owner or self.role == "admin"


@dataclass(frozen=True)
class TokenNote:
    """What is kept of a token: the first figures of its hash, whose it is, what it may do, since when."""

    id: str
    user: str
    role: str
    created: str


class Catalogue:
    """The database in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = create_engine(f"sqlite:///{folder / 'hub.db'}", connect_args={"timeout": 30})
        event.listen(self._engine, "connect", _on_connect)
        with self._writing() as connection:
            found = connection.execute(text("PRAGMA user_version")).scalar_one()
            if found > VERSION:
                raise InternError(
                    f"The Hub in {folder} was written by a newer version of ML Intern.",
                    "Update with: pip install --upgrade ml-intern",
                )
            _META.create_all(connection)
            connection.execute(text(f"PRAGMA user_version = {VERSION}"))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """One state of the database, whatever others write meanwhile."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """All or nothing, alone among all processes."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    # --- repositories ----------------------------------------------------------------------------

    def repos(self, kind: str | None = None) -> list[Repo]:
        """All repositories, of one kind where that is given."""
        query = select(_REPOS) if kind is None else select(_REPOS).where(_REPOS.c.kind == kind)
        with self._reading() as connection:
            return [_repo(row) for row in connection.execute(query.order_by(_REPOS.c.owner, _REPOS.c.name))]

    def repo(self, kind: str, owner: str, name: str) -> Repo:
        """One repository.

        Raises:
            Refused: there is none.
        """
        with self._reading() as connection:
            return _find(connection, kind, owner, name)

    def create(self, kind: str, owner: str, name: str, private: bool, sdk: str | None, author: str) -> Repo:
        """A new repository with one commit that holds only `.gitattributes`.

        Raises:
            Refused: it exists.
        """
        with self._writing() as connection:
            taken = connection.execute(select(_REPOS.c.name).where(*_same(_REPOS, kind, owner, name))).first()
            if taken:
                raise Refused(409, f"You already created this {kind} repo: {owner}/{name}")
            first = _commit(None, "initial commit", "", author, {})
            refs = json.dumps({f"heads/{MAIN}": first.oid})
            key = {"kind": kind, "owner": owner, "name": name}
            values = {"private": int(private), "gated": "", "sdk": sdk, "created": now(), "downloads": 0}
            connection.execute(_REPOS.insert().values(**key, **values, refs=refs))
            _insert(connection, key, first)
            return _find(connection, kind, owner, name)

    def delete(self, repo: Repo) -> None:
        """Forget a repository and its commits."""
        with self._writing() as connection:
            for table in (_COMMITS, _REPOS):
                connection.execute(table.delete().where(*_same(table, repo.kind, repo.owner, repo.name)))

    def move(self, repo: Repo, owner: str, name: str) -> None:
        """Call a repository by another name.

        Raises:
            Refused: that name is taken.
        """
        with self._writing() as connection:
            if connection.execute(
                select(_REPOS.c.name).where(*_same(_REPOS, repo.kind, owner, name))
            ).first():
                raise Refused(409, f"There is already a {repo.kind} repo {owner}/{name}")
            for table in (_COMMITS, _REPOS):
                old = _same(table, repo.kind, repo.owner, repo.name)
                connection.execute(table.update().where(*old).values(owner=owner, name=name))

    def update(self, repo: Repo, **values: Any) -> None:
        """Change `private` or `gated`."""
        with self._writing() as connection:
            mine = _same(_REPOS, repo.kind, repo.owner, repo.name)
            connection.execute(_REPOS.update().where(*mine).values(**values))

    def count_download(self, repo: Repo) -> None:
        """One more download."""
        with self._writing() as connection:
            mine = _same(_REPOS, repo.kind, repo.owner, repo.name)
            connection.execute(_REPOS.update().where(*mine).values(downloads=_REPOS.c.downloads + 1))

    # --- commits and refs ------------------------------------------------------------------------

    def commit(self, repo: Repo, revision: str) -> Commit:
        """The commit that a branch, tag or full commit hash names.

        Raises:
            Refused: there is none.
        """
        with self._reading() as connection:
            return _find_commit(connection, repo, repo.commit(revision) or revision)

    def history(self, repo: Repo, revision: str) -> list[Commit]:
        """The commits that lead to a revision, newest first, without their files."""
        oid = self.commit(repo, revision).oid
        columns = [column for column in _COMMITS.c if column.name not in ("kind", "owner", "name", "tree")]
        with self._reading() as connection:
            mine = _same(_COMMITS, repo.kind, repo.owner, repo.name)
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
        with self._writing() as connection:
            fresh = _find(connection, repo.kind, repo.owner, repo.name)
            head = fresh.refs.get(f"heads/{branch}")
            if head is None:
                raise no_revision(branch)
            if parent is not None and parent != head:
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
        with self._writing() as connection:
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
        with self._writing() as connection:
            fresh = _find(connection, repo.kind, repo.owner, repo.name)
            if ref not in fresh.refs:
                raise no_revision(ref.split("/", 1)[1])
            if ref == f"heads/{MAIN}":
                raise Refused(403, "The main branch cannot be deleted.")
            _set_refs(connection, fresh, {name: oid for name, oid in fresh.refs.items() if name != ref})

    # --- large files -----------------------------------------------------------------------------

    def note_upload(self, owner: str, sha256: str) -> None:
        """`owner` has sent this content."""
        with self._writing() as connection:
            connection.execute(
                text("INSERT OR IGNORE INTO uploads VALUES (:owner, :sha256)"),
                {"owner": owner, "sha256": sha256},
            )

    def has_sent(self, owner: str, sha256: str) -> bool:
        """Whether `owner` has sent this content. To know its hash is not enough to get it."""
        with self._reading() as connection:
            where = (_UPLOADS.c.owner == owner, _UPLOADS.c.sha256 == sha256)
            return connection.execute(select(_UPLOADS.c.owner).where(*where)).first() is not None

    # --- tokens ----------------------------------------------------------------------------------

    def new_token(self, user: str, role: str) -> str:
        """A new token; only its hash is kept."""
        token = f"hf_{secrets.token_hex(17)}"
        with self._writing() as connection:
            values = {"sha256": _hash(token), "user": user, "role": role, "created": now()}
            connection.execute(_TOKENS.insert().values(**values))
        return token

    def identity(self, token: str) -> Identity | None:
        """Whose token this is, or None where it is nobody's."""
        with self._reading() as connection:
            row = connection.execute(select(_TOKENS).where(_TOKENS.c.sha256 == _hash(token))).first()
        return Identity(row.user, row.role) if row else None

    def tokens(self) -> list[TokenNote]:
        """All tokens, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(select(_TOKENS).order_by(_TOKENS.c.created))
            return [TokenNote(row.sha256[:TOKEN_ID], row.user, row.role, row.created) for row in rows]

    def revoke(self, token: str) -> bool:
        """Make a token nobody's; says whether it was somebody's."""
        return self._revoke(_TOKENS.c.sha256 == _hash(token))

    def revoke_id(self, token_id: str) -> bool:
        """The same by the token's id."""
        known = len(token_id) == TOKEN_ID and set(token_id) <= set("0123456789abcdef")
        return known and self._revoke(_TOKENS.c.sha256.startswith(token_id))

    def _revoke(self, which: Any) -> bool:
        with self._writing() as connection:
            return bool(connection.execute(_TOKENS.delete().where(which)).rowcount)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def now() -> str:
    """The current time as the Hub writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _same(table: Table, kind: str, owner: str, name: str) -> tuple[Any, ...]:
    return (table.c.kind == kind, table.c.owner == owner, table.c.name == name)


def _find(connection: Connection, kind: str, owner: str, name: str) -> Repo:
    row = connection.execute(select(_REPOS).where(*_same(_REPOS, kind, owner, name))).first()
    if row is None:
        raise no_repo()
    return _repo(row)


def _repo(row: Any) -> Repo:
    fields = dict(row._mapping)
    return Repo(**fields | {"private": bool(fields["private"]), "refs": json.loads(fields["refs"])})


def _set_refs(connection: Connection, repo: Repo, refs: dict[str, str]) -> None:
    mine = _same(_REPOS, repo.kind, repo.owner, repo.name)
    connection.execute(_REPOS.update().where(*mine).values(refs=json.dumps(refs)))


def _find_commit(connection: Connection, repo: Repo, oid: str) -> Commit:
    where = (*_same(_COMMITS, repo.kind, repo.owner, repo.name), _COMMITS.c.oid == oid)
    row = connection.execute(select(_COMMITS).where(*where)).first()
    if row is None:
        raise no_revision(oid)
    fields = {name: value for name, value in row._mapping.items() if name not in ("kind", "owner", "name")}
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
    connection.execute(_COMMITS.insert().values(**key, **values, tree=tree))
