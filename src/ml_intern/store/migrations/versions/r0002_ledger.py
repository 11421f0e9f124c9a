"""The ledger, and settings that hold for all runs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "ledger",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("run_id", sa.String, nullable=False, index=True),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reserved_micro_usd", sa.Integer, nullable=False),
        sa.Column("micro_usd", sa.Integer, nullable=False),
        sa.Column("price_micro_usd", sa.Integer, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("time", sa.String, nullable=False),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
