"""Alembic's environment: migrations run on the connection that they are handed."""

from __future__ import annotations

from alembic import context

from api.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
