"""Migrations up and down on both databases, and that they end at the tables that the program means."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, text
from sqlalchemy.exc import IntegrityError

from api.store import audit, migrate
from api.store.database import is_sqlite, open_engine
from api.store.metadata import METADATA
from api.store.schema import audit_head, districts
from api.store.work import Store
from tests.api.service.world import Clock


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return migrate.revision_of(connection)


def test_the_migrations_end_at_the_tables_of_the_program(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine)
    with empty_engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": not is_sqlite(empty_engine)}
        )
        assert compare_metadata(context, METADATA) == []
    assert _tables(empty_engine) == set(METADATA.tables)
    assert _revision(empty_engine) == migrate.wanted_revision()


def test_down_to_nothing_and_up_again_gives_a_database_that_works(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine)
    _use(empty_engine)
    migrate.downgrade(empty_engine, "base")
    assert _tables(empty_engine) == set()
    assert _revision(empty_engine) is None
    migrate.upgrade(empty_engine)
    assert _tables(empty_engine) == set(METADATA.tables)
    _use(empty_engine)


def _use(engine: Engine) -> None:
    store = Store(engine=engine, now=Clock())
    with store.writing("system") as work:
        work.connection.execute(insert(districts).values(district_id="D1", name="光明区"))
        work.record("districts.create", "districts/D1", after={"district_id": "D1"})
    with store.reading() as connection:
        verdict = audit.verify(connection)
    assert (verdict.entries, verdict.whole) == (1, True)


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine)
    _use(empty_engine)
    migrate.upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM audit")).scalar_one() == 1
        assert connection.execute(audit_head.select()).one().number == 1


def test_a_migration_that_fails_leaves_the_database_as_it_was(empty_engine: Engine) -> None:
    with empty_engine.begin() as connection:
        connection.execute(text("CREATE TABLE visits (mine integer)"))  # in the way, late in the migration
    with pytest.raises(Exception, match="already exists"):
        migrate.upgrade(empty_engine)
    assert _tables(empty_engine) == {"visits"}
    assert _revision(empty_engine) is None


def test_two_servers_that_start_at_once_migrate_once(empty_engine: Engine) -> None:
    url, start, failed = empty_engine.url.render_as_string(hide_password=False), Barrier(2), []

    def server() -> None:
        engine = open_engine(url)
        start.wait()
        try:
            migrate.upgrade(engine)
        except Exception as error:
            failed.append(error)
        finally:
            engine.dispose()

    servers = [Thread(target=server) for _ in range(2)]
    for thread in servers:
        thread.start()
    for thread in servers:
        thread.join()
    assert failed == []
    assert _tables(empty_engine) == set(METADATA.tables)
    with empty_engine.connect() as connection:
        assert connection.execute(audit_head.select()).one().number == 0


def test_a_new_file_is_opened_when_who_writes_to_it_has_done(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")

    def read() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT 1")).scalar_one())

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(read)
        with pytest.raises(TimeoutError):
            found.result(timeout=0.1)
        other.execute("COMMIT")
        assert found.result() == 1
    engine.dispose()
    other.close()


def test_references_are_enforced_by_the_database(database: str) -> None:
    engine = open_engine(database)
    orphan = "INSERT INTO upload_pieces (upload_id, number, data) VALUES ('none', 0, 'x')"
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text(orphan))
    engine.dispose()
