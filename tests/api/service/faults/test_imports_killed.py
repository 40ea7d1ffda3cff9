"""SIGKILL of server and run while an import is being stored: all of it or nothing, and the next attempt stores it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import func, select

from api.store.metadata import METADATA
from api.store.schema import REGISTER_TABLES
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.intake.tables import write_case
from tests.api.service.faults.conftest import pack
from tests.api.service.faults.site import Server, Site, until
from tests.api.service.faults.whole import assert_whole

STORED = (*REGISTER_TABLES, "horizons", "plans", "plan_items")
NUM_ENTERPRISES = 3000
"""So many that SQLite writes a good part of them to disk long before the end of the transaction."""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("large")
    write_case(generate_city(GenerateSpec(places=("西丽街道",), enterprises=NUM_ENTERPRISES, ugly=True)), folder)
    return pack(folder)


def counts(site: Site) -> dict[str, int]:
    store = site.store
    with store.reading() as connection:
        sizes = {n: select(func.count()).select_from(METADATA.tables[n]) for n in STORED}
        found = {n: connection.execute(query).scalar_one() for n, query in sizes.items()}
    store.engine.dispose()
    return found


@contextmanager
def half_way(site: Site, server: Server, run_id: str, process: psutil.Process) -> Iterator[None]:
    """Run the block when the import has written a part of its rows, and cannot have written all."""
    if site.database.startswith("sqlite"):
        log = Path(site.database.removeprefix("sqlite:///") + "-wal")
        began = log.stat().st_size
        while log.stat().st_size < began + (1 << 17):  # more than heartbeats write
            assert process.status() != psutil.STATUS_ZOMBIE
        process.suspend()
        assert server.run(run_id)["progress"]["stage"] == "store"
        yield
        return
    with psycopg.connect(site.database) as blocker:
        blocker.execute("LOCK TABLE plan_items IN SHARE MODE")  # what is written last
        until(lambda: blocker.execute(_WAITS).fetchone(), "half written")
        assert server.run(run_id)["progress"]["stage"] == "store"
        yield


_WAITS = "SELECT 1 FROM pg_locks JOIN pg_class c ON c.oid = relation WHERE NOT granted AND relname = 'plan_items'"


def test_an_import_killed_half_way_leaves_nothing_and_is_stored_by_the_next_attempt(site: Site, large: bytes) -> None:
    before = counts(site)
    server = site.start()
    run_id = server.start_import(large)
    process = site.process_of(run_id)
    with half_way(site, server, run_id, process):
        server.kill()
        process.kill()
    assert counts(site) == before
    assert_whole(site.store, at_rest=False)
    assert list((site.data_dir / "temporary").glob("*/*"))

    server = site.start()
    assert not list((site.data_dir / "temporary").glob("*/*"))
    found = server.ended_run(run_id)
    assert (found["state"], found["attempts"]) == ("succeeded", 2)
    after = counts(site)
    stored = found["result"]["stored"]
    assert sum(stored["enterprises"].values()) == NUM_ENTERPRISES
    assert after["enterprises"] - before["enterprises"] == stored["enterprises"]["new"]
    assert after["plan_items"] - before["plan_items"] == stored["items"]["new"] > NUM_ENTERPRISES
    assert after["plans"] - before["plans"] == stored["plans"]["new"]
    assert_whole(site.store)


@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_of_two_imports_of_one_case_at_once_one_is_stored(site: Site, city: Path) -> None:
    server = site.start(max_runs="2")
    with psycopg.connect(site.database) as blocker:
        blocker.execute("LOCK TABLE plan_items IN SHARE MODE")
        both = [server.start_import(pack(city)) for _ in range(2)]
        until(lambda: blocker.execute(_WAITING).fetchone() == (2,), "both wait")
    found = sorted((server.ended_run(run_id) for run_id in both), key=lambda r: r["state"])
    assert [r["state"] for r in found] == ["failed", "succeeded"]
    assert found[0]["problem"]["en"]["code"] == "conflict"
    assert_whole(site.store)


_WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
