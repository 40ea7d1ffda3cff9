"""Migrations of the database (Alembic), told by revision."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from api.store.database import WRITES

_SCRIPTS = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables to a revision, in one transaction."""
    _migrate(engine, command.upgrade, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision (``base``: none), in one transaction."""
    _migrate(engine, command.downgrade, revision)


def _migrate(engine: Engine, step: Any, revision: str) -> None:
    with engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7306041)")  # two servers that start at once
            step(_config(connection), revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database, ``None`` without tables of ours."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def wanted_revision() -> str | None:
    """Return the newest revision of this version of the program."""
    return ScriptDirectory.from_config(_config()).get_current_head()
