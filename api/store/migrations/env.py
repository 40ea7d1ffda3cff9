"""Alembic's environment: migrations run on the connection that they are handed."""

from __future__ import annotations

from alembic import context

from api.store.metadata import METADATA
from api.store.schema import FEATURE_TABLES  # noqa: F401  every table is known before they are compared

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
