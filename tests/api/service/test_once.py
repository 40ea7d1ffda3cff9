"""Runs and imports that are sent again are carried out once; what is kept for that, and files, go after a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from api.operations.pruning import prune
from api.store.schema import idempotency, runs, upload_pieces, uploads
from tests.api.service.world import HORIZON, Service

RUN = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 10}}
ROWS = "district_id,name\nD7,七区\n".encode()


def _sent(service: Service, key: str, path: str = "/runs", **more: Any) -> Any:
    head = {"Idempotency-Key": key, **({"Content-Type": "text/csv"} if "content" in more else {})}
    return service.administrator.post(path, headers=head, **more)


def _count(service: Service, table: Any) -> int:
    with service.store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_run_that_is_asked_for_again_with_its_key_is_the_same_run(service: Service) -> None:
    first, again = _sent(service, "k1", json=RUN), _sent(service, "k1", json=RUN)
    assert (first.status_code, again.status_code) == (202, 202)
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    other = _sent(service, "k1", json={**RUN, "area_id": "S2"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert _sent(service, "k2", json=RUN).json()["run_id"] != first.json()["run_id"]
    assert _count(service, runs) == 2
    planner = service.planner.post("/runs", json=RUN, headers={"Idempotency-Key": "k1"})
    assert "idempotent-replayed" not in planner.headers  # a key is its account's


def test_an_import_that_is_sent_again_with_its_key_is_the_same_import(service: Service) -> None:
    path = "/imports?table=districts"
    first, again = _sent(service, "k", path, content=ROWS), _sent(service, "k", path, content=ROWS)
    assert (first.status_code, again.json()) == (202, first.json())
    other = _sent(service, "k", path, content=ROWS + b"D8,x\n")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    for table in (runs, uploads, upload_pieces, idempotency):
        assert _count(service, table) == 1


def test_answers_and_files_go_after_their_days_unless_a_run_needs_them(service: Service) -> None:
    run = _sent(service, "k", "/imports?table=districts", content=ROWS).json()
    store, before = service.store, len(service.audit_log())
    assert prune(store, 30) == {"files": 0, "answers": 0}
    assert len(service.audit_log()) == before
    service.clock.at += timedelta(days=31)
    assert prune(store, 30) == {"files": 0, "answers": 1}  # the run is still to be carried out
    with store.writing("test") as work:
        work.connection.execute(update(runs).values(state="failed"))
    assert prune(store, 32) == {"files": 0, "answers": 0}
    assert prune(store, 30) == {"files": 1, "answers": 0}
    assert [_count(service, t) for t in (runs, uploads, upload_pieces, idempotency)] == [1, 0, 0, 0]
    assert service.administrator.get(f"/runs/{run['run_id']}").json()["state"] == "failed"
    assert [e["after"]["files"] for e in service.audit_log(action="operations.prune")] == [0, 1]
