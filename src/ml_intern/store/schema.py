"""The tables, as the newest migration leaves them. A test compares the two."""

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData()

ROWID: ColumnElement[int] = literal_column("rowid")
"""SQLite's number of a row: the order in which rows were added, whatever the clock said."""


def _run_id() -> Column[str]:
    return Column("run_id", String, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True)


runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("request", Text, nullable=False),
    Column("created", String, nullable=False),
    Column("updated", String, nullable=False),
    Column("error", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("exit_code", Integer),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("kind", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", String, nullable=False),
    Column("content", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("time", String, nullable=False),
    UniqueConstraint("run_id", "kind", "version"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("subject_kind", String, nullable=False),
    Column("subject_sha256", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("time", String, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("event", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("time", String, nullable=False),
    Column("data", Text, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("position", Integer, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("run_id", "position"),
)

tool_calls = Table(
    "tool_calls",
    metadata,
    Column("id", Integer, primary_key=True),
    _run_id(),
    Column("call_id", String, nullable=False),
    Column("tool", String, nullable=False),
    Column("result", Text, nullable=False),
    Column("time", String, nullable=False),
    UniqueConstraint("run_id", "call_id"),
)

ledger = Table(  # a line outlives its run: what was spent stays spent
    "ledger",
    metadata,
    Column("key", String, primary_key=True),
    Column("run_id", String, nullable=False, index=True),
    Column("what", String, nullable=False),
    Column("place", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reserved_micro_usd", Integer, nullable=False),
    Column("micro_usd", Integer, nullable=False),
    Column("price_micro_usd", Integer, nullable=False),
    Column("unit", String, nullable=False),
    Column("basis", Text, nullable=False),
    Column("time", String, nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("intent_id", String, primary_key=True),
    _run_id(),
    Column("purpose", String, nullable=False),
    Column("backend", String, nullable=False),
    Column("spec", Text, nullable=False),
    Column("handle", Text),
    Column("status", Text),
    Column("time", String, nullable=False),
    Column("account", Text),
)
