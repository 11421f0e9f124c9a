"""Opening the state database and bringing it to the newest schema."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError

from ml_intern.records.errors import InternError
from ml_intern.store.trouble import explain

HEAD = "0004"
"""The newest migration; a test keeps it equal to the one Alembic finds."""


def now() -> str:
    """The current time, ISO 8601 in UTC with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def open_database(path: Path) -> Engine:
    """Open the SQLite database at `path`, creating or migrating it where needed.

    Raises:
        InternError: it is damaged, or was written by a newer version.
    """
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    try:
        if _version(engine) != HEAD:
            with FileLock(path.with_suffix(".migrate.lock")):
                _migrate(engine, path)
    except DatabaseError as error:
        if (trouble := explain(error, path.parent)) is not None:
            raise trouble from error
        raise InternError(
            f"The state database {path} cannot be read: {error.orig}",
            "Move that file away to start with an empty one; the run folders beside it stay readable.",
        ) from error
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _on_begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Any) -> None:
    # Taking the write lock at once turns every read-then-write into one step that cannot be overtaken.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _version(engine: Engine) -> str | None:
    with engine.begin() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def _migrate(engine: Engine, path: Path) -> None:
    # Alembic takes most of a second to import, and is needed once per schema change.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    current = _version(engine)
    if current is not None and current not in {
        s.revision for s in ScriptDirectory.from_config(config).walk_revisions()
    }:
        raise InternError(
            f"The state in {path.parent} was written by a newer version of ML Intern (schema {current}).",
            "Update with: pip install --upgrade ml-intern, or choose another folder with --home.",
        )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
