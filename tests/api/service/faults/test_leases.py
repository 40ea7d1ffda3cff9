"""What becomes of a run in the queue when its worker ends, is asked to stop, or takes longer than its lease."""

from __future__ import annotations

import multiprocessing
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.errors import Refusal
from api.runs.queue import LostLease, ask_to_stop, claim, enqueue, finish, holds, lost_by, release
from api.runs.worker import Job, end_well
from api.settings import Settings
from api.store.database import open_engine
from api.store.schema import runs
from api.store.work import Store, Work
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.drafts import ADMIN
from tests.api.service.faults.site import Site

LEASE_S = 60.0


def queued(store: Store, run_id: str, kind: str = "import") -> None:
    with store.writing("admin") as work:
        enqueue(work, ADMIN, run_id, kind, request={"table": "pins"})


def stop(store: Store, run_id: str) -> None:
    with store.writing("admin") as work:
        ask_to_stop(work, ADMIN, run_id)


def row_of(store: Store, run_id: str) -> Any:
    with store.reading() as connection:
        return connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().one()


def test_a_run_asked_to_stop_is_cancelled_when_its_worker_is_lost_or_its_server_ends(site: Site) -> None:
    store = site.store
    for run_id, ended in (("given back", release), ("lost", lost_by)):
        queued(store, run_id, "plan")
        held = claim(store, run_id, LEASE_S)
        assert held is not None
        stop(store, run_id)
        ended(store, held)
        row = row_of(store, run_id)
        assert (row["state"], row["lease_until"], row["ended_at"] is None) == ("cancelled", None, False)
    store.engine.dispose()


def test_an_import_is_stopped_before_it_begins_or_not_at_all(site: Site) -> None:
    store = site.store
    queued(store, "a")
    stop(store, "a")
    assert row_of(store, "a")["state"] == "cancelled"
    assert claim(store, "token", LEASE_S) is None
    queued(store, "b")
    assert claim(store, "token", LEASE_S) is not None
    with pytest.raises(Refusal) as refused:
        stop(store, "b")
    assert refused.value.code == "wrong_state"
    assert not row_of(store, "b")["stop_requested"]
    store.engine.dispose()


def test_a_worker_that_lost_its_lease_stores_nothing(site: Site) -> None:
    store = site.store
    queued(store, "a")
    first = claim(store, "first", LEASE_S)
    assert first is not None
    lost_by(store, first)
    second = claim(store, "second", LEASE_S)
    assert second is not None
    assert [holds(store, held) for held in (first, second)] == [False, True]

    def end_too_late() -> None:
        with store.writing("admin") as work:
            work.record("pins.import", "imports/a")
            finish(work, first, "succeeded", result={"by": "first"})

    with pytest.raises(LostLease):
        end_too_late()
    with store.writing("admin") as work:
        finish(work, second, "succeeded", result={"by": "second"})
    row = row_of(store, "a")
    assert (row["state"], row["attempts"], row["result"]) == ("succeeded", 2, {"by": "second"})
    store.engine.dispose()


def store_slowly(database: str, data_dir: Path) -> None:
    """Take a run and store its result for longer than its lease, which nobody can renew meanwhile."""
    store = Store(engine=open_engine(database, wait_s=0.1))
    settings = Settings(database_url=database, data_dir=data_dir, lease_s=0.3)
    held = claim(store, "token", settings.lease_s)
    assert held is not None
    job = Job(settings, store, held, row_of(store, held.run_id))

    def step(work: Work) -> None:
        threading.Event().wait(1.2)
        end_well(work, job, result={})

    with job.heart():
        job.conclude("admin", step)


@ON_ONE_DATABASE
def test_a_result_may_take_longer_to_store_than_a_lease(site: Site) -> None:
    store = site.store
    queued(store, "a")
    process = multiprocessing.get_context("spawn").Process(target=store_slowly, args=(site.database, site.data_dir))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert row_of(store, "a")["state"] == "succeeded"
    store.engine.dispose()
