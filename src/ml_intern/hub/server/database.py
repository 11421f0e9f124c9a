"""The SQLite database of a Hub: its tables, and reading and writing them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, create_engine, event, text

from ml_intern.records.errors import InternError

VERSION = 1
META = MetaData()
REPOS = Table(
    "repos", META,
    Column("kind", String, primary_key=True), Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True), Column("private", Integer, nullable=False),
    Column("gated", String, nullable=False), Column("sdk", String), Column("created", String, nullable=False),
    Column("downloads", Integer, nullable=False), Column("refs", String, nullable=False),
)  # fmt: skip
COMMITS = Table(
    "commits", META,
    Column("kind", String, primary_key=True), Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True), Column("oid", String, primary_key=True),
    Column("parent", String), Column("title", String, nullable=False),
    Column("message", String, nullable=False), Column("author", String, nullable=False),
    Column("date", String, nullable=False), Column("tree", String, nullable=False),
)  # fmt: skip
TOKENS = Table(
    "tokens", META,
    Column("sha256", String, primary_key=True), Column("user", String, nullable=False),
    Column("role", String, nullable=False), Column("created", String, nullable=False),
)  # fmt: skip


UPLOADS = Table(
    "uploads", META, Column("owner", String, primary_key=True), Column("sha256", String, primary_key=True),
)  # fmt: skip
JOBS = Table(
    "jobs", META,
    Column("id", String, primary_key=True), Column("owner", String, nullable=False, index=True),
    Column("spec", String, nullable=False), Column("created", String, nullable=False),
    Column("started", String), Column("finished", String), Column("stage", String, nullable=False),
    Column("message", String, nullable=False), Column("seconds", Integer, nullable=False),
    Column("micro_usd", Integer, nullable=False),
)  # fmt: skip
CREDITS = Table(
    "credits", META,
    Column("owner", String, primary_key=True), Column("micro_usd", Integer, nullable=False),
)  # fmt: skip


class Database:
    """The database in `folder`; several processes may work with it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = create_engine(f"sqlite:///{folder / 'hub.db'}", connect_args={"timeout": 30})
        event.listen(self._engine, "connect", _on_connect)
        with self.writing() as connection:
            found = connection.execute(text("PRAGMA user_version")).scalar_one()
            if found > VERSION:
                raise InternError(
                    f"The Hub in {folder} was written by a newer version of ML Intern.",
                    "Update with: pip install --upgrade ml-intern",
                )
            META.create_all(connection)
            connection.execute(text(f"PRAGMA user_version = {VERSION}"))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One state of the database, whatever others write meanwhile."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All or nothing, alone among all processes."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
