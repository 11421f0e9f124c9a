"""Runs, artifacts, approvals, events, messages, tool calls and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _run_id() -> sa.Column[str]:
    owner = sa.ForeignKey("runs.id", ondelete="CASCADE")
    return sa.Column("run_id", sa.String, owner, nullable=False, index=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _strings(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String, primary_key=True),
        *_strings("status"),
        *_texts("request"),
        *_strings("created", "updated"),
        *_texts("error", "hint"),
        sa.Column("exit_code", sa.Integer),
    )
    op.create_table(
        "artifacts",
        _id(),
        _run_id(),
        *_strings("kind"),
        sa.Column("version", sa.Integer, nullable=False),
        *_strings("sha256"),
        *_texts("content", "inputs"),
        *_strings("time"),
        sa.UniqueConstraint("run_id", "kind", "version"),
    )
    op.create_table(
        "approvals",
        _id(),
        _run_id(),
        *_strings("subject_kind", "subject_sha256", "verdict", "by"),
        *_texts("reason"),
        *_strings("time"),
    )
    op.create_table("events", _id(), _run_id(), *_strings("event", "stage", "time"), *_texts("data"))
    op.create_table(
        "messages",
        _id(),
        _run_id(),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("content"),
        sa.UniqueConstraint("run_id", "position"),
    )
    op.create_table(
        "tool_calls",
        _id(),
        _run_id(),
        *_strings("call_id", "tool"),
        *_texts("result"),
        *_strings("time"),
        sa.UniqueConstraint("run_id", "call_id"),
    )
    op.create_table(
        "jobs",
        sa.Column("intent_id", sa.String, primary_key=True),
        _run_id(),
        *_strings("purpose", "backend"),
        *_texts("spec"),
        sa.Column("handle", sa.Text),
        sa.Column("status", sa.Text),
        *_strings("time"),
    )
