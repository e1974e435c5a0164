"""What Alembic runs: our tables only, on the connection that `storage.database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from formengine.storage.tables import metadata


def include(_object: object, name: str | None, kind: str, _reflected: object, _compared: object) -> bool:
    """Whether a table is ours: those of the job engine are left alone."""
    return kind != "table" or name in metadata.tables


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    include_object=include,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
