"""Alembic's entry point: runs the migrations on the connection that `store.database` hands over."""

from alembic import context

from ml_intern.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most things in place
)
with context.begin_transaction():
    context.run_migrations()
