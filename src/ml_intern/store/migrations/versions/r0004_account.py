"""Whose job a rented one is, so that no other account is asked about it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; of earlier jobs it is not known."""
    op.add_column("jobs", sa.Column("account", sa.Text))
