"""The audit log: every change leaves an entry, and whoever changes the log afterwards is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update

from api.reference.service import REGISTERS
from api.store import audit
from api.store.database import WRITES
from api.store.schema import audit as log
from api.store.schema import audit_head
from api.store.work import Store
from tests.api.service.samples import NEW, REPLACED
from tests.api.service.world import HORIZON, Service, horizon, item


def _verdict(store: Store) -> audit.Verdict:
    with store.reading() as connection:
        return audit.verify(connection)


def _number(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(select(func.max(log.c.number))).scalar_one())


@contextmanager
def _behind_our_back(service: Service) -> Iterator[Connection]:
    with service.engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


@pytest.mark.parametrize("name", list(REGISTERS))
def test_every_change_of_a_row_is_on_record_with_what_was_before_and_after(service: Service, name: str) -> None:
    admin, last = service.administrator, _number(service.store)
    asked = {"X-Request-ID": "request-7"}
    made = admin.post(f"/{name}", json=NEW[name], headers=asked)
    place = made.headers["location"]
    put = admin.put(place, json=REPLACED[name], headers=asked)
    admin.delete(place, headers=asked)
    entries = service.audit_log()[last:]
    row, changed = made.json(), put.json()
    assert [(e["action"], e["before"], e["after"]) for e in entries] == [
        (f"{name}.create", None, row),
        (f"{name}.replace", row, changed),
        (f"{name}.delete", changed, None),
    ]
    for entry in entries:
        assert (entry["object"], entry["actor"], entry["request_id"]) == (place[1:], "administrator", "request-7")
        assert entry["at"] == "2026-09-01T01:00:00.000000Z"
    assert _verdict(service.store).whole


def _submitted(service: Service) -> str:
    plan_id: str = service.submit(service.department_a1, [item("X1")])["plan"]["plan_id"]
    return plan_id


_CHANGES: dict[str, Callable[[Service], Any]] = {
    "horizons.create": lambda s: s.administrator.post("/horizons", json=horizon("2027Q1")),
    "horizons.replace": lambda s: s.administrator.put(f"/horizons/{HORIZON}", json=_settings(s)),
    "plans.submit": lambda s: _submitted(s),
    "plans.approve": lambda s: s.department_a1.post(f"/plans/{_submitted(s)}/approval", json={"approval_no": "12"}),
    "plans.withdraw": lambda s: s.department_a1.post(f"/plans/{_submitted(s)}/withdrawal", json={"reason": "重复"}),
    "draws.targets": lambda s: _targets_drawn(s),
    "alert_rules.put": lambda s: s.supervisor.put("/alert-rules/cap_80", json={"kind": "cap_used", "share": 0.5}),
    "alert_rules.delete": lambda s: s.supervisor.delete("/alert-rules/cap_80"),
}


def _targets_drawn(service: Service) -> Any:
    body = {"kind": "targets", "purpose": "x", "horizon_id": HORIZON}
    draw = service.administrator.post("/draws", json=body).json()["draw_id"]
    asked = {"area_id": "S1", "authority_id": "A1", "strata": [{"ratio": 0.5}], "duration_min": 30}
    return service.administrator.post(f"/draws/{draw}/targets", json=asked)


def _settings(service: Service) -> dict[str, Any]:
    found = service.administrator.get(f"/horizons/{HORIZON}").json()
    return {k: v for k, v in found.items() if k not in ("horizon_id", "version")} | {"name": "第四季度"}


@pytest.mark.parametrize("action", list(_CHANGES))
def test_every_other_change_is_on_record_too(service: Service, action: str) -> None:
    _CHANGES[action](service)
    entry = service.audit_log(action=action)[-1]
    assert entry["actor"] in ("administrator", "department_a1", "supervisor")
    assert entry["request_id"]
    if action.endswith((".create", ".submit")):
        assert (entry["before"], bool(entry["after"])) == (None, True)
    elif action.endswith(".delete"):
        assert (bool(entry["before"]), entry["after"]) == (True, None)
    else:
        assert entry["before"]
        assert entry["after"]
        assert entry["before"] != entry["after"]
    assert _verdict(service.store).whole


def test_what_is_refused_leaves_no_entry(service: Service) -> None:
    last = _number(service.store)
    service.administrator.post("/districts", json={})
    service.administrator.post("/districts", json={"district_id": "D1", "name": "x"})
    service.administrator.delete("/districts/D1")
    service.administrator.put("/streets/S1", json=REPLACED["streets"])
    service.department_a1.post("/districts", json=NEW["districts"])
    service.department_a1.post("/plans", json={"horizon_id": HORIZON, "items": [item("X1", "nobody")]})
    service.anonymous.delete("/districts/D1")
    assert _number(service.store) == last


_FORGED: dict[str, Any] = {
    "at": "2026-09-01T00:00:00.000000Z",
    "actor": "somebody",
    "request_id": "other",
    "action": "streets.read",
    "object": "streets/S2",
    "before": {"name": "x"},
    "after": {"name": "x"},
    "previous": "1" * 64,
    "digest": "1" * 64,
}


@pytest.mark.parametrize("column", list(_FORGED))
def test_an_altered_entry_is_found(service: Service, column: str) -> None:
    assert _verdict(service.store).whole
    with _behind_our_back(service) as connection:
        connection.execute(update(log).where(log.c.number == 5).values({column: _FORGED[column]}))
    assert _verdict(service.store).broken_at == 5


def test_an_altered_entry_that_is_sealed_again_is_found_by_the_next(service: Service) -> None:
    with _behind_our_back(service) as connection:
        row = dict(connection.execute(select(log).where(log.c.number == 5)).mappings().one()) | {"actor": "somebody"}
        connection.execute(update(log).where(log.c.number == 5).values(actor="somebody", digest=audit.seal(row)))
    assert _verdict(service.store).broken_at == 6


def test_an_entry_taken_out_of_the_middle_or_the_end_is_found(service: Service) -> None:
    last = _number(service.store)
    with _behind_our_back(service) as connection:
        connection.execute(delete(log).where(log.c.number == last))
    assert _verdict(service.store).broken_at == last
    with _behind_our_back(service) as connection:
        connection.execute(delete(log).where(log.c.number == 3))
    assert _verdict(service.store).broken_at == 3


def test_an_entry_added_behind_our_back_is_found(service: Service) -> None:
    last = _number(service.store)
    with _behind_our_back(service) as connection:
        end = dict(connection.execute(select(log).where(log.c.number == last)).mappings().one())
        row = {**end, "number": last + 1, "previous": end["digest"], "actor": "somebody"}
        connection.execute(insert(log).values({**row, "digest": audit.seal(row)}))
    verdict = _verdict(service.store)
    assert (verdict.entries, verdict.broken_at) == (last + 1, last + 2)  # it fits, but the head does not know it


def test_an_emptied_log_is_found(service: Service) -> None:
    with _behind_our_back(service) as connection:
        connection.execute(delete(log))
    assert _verdict(service.store).broken_at == 1


def test_a_head_that_was_moved_is_found(service: Service) -> None:
    with _behind_our_back(service) as connection:
        connection.execute(update(audit_head).values(digest="1" * 64))
    assert not _verdict(service.store).whole


def test_a_change_and_its_entry_are_stored_together_or_not_at_all(service: Service) -> None:
    before = service.administrator.every("/districts")
    with _behind_our_back(service) as connection:
        connection.execute(text("ALTER TABLE audit_head RENAME TO audit_head_away"))
    answer = service.administrator.post("/districts", json=NEW["districts"])
    assert answer.status_code >= 500
    with _behind_our_back(service) as connection:
        connection.execute(text("ALTER TABLE audit_head_away RENAME TO audit_head"))
    assert service.administrator.every("/districts") == before
    assert _verdict(service.store).whole


def test_many_that_write_at_once_leave_a_whole_chain(service: Service) -> None:
    last, threads, each = _number(service.store), 8, 6

    def write(writer: int) -> list[int]:
        return [
            service.administrator.post("/districts", json={"district_id": f"T{writer}-{n}", "name": "x"}).status_code
            for n in range(each)
        ]

    with ThreadPoolExecutor(threads) as pool:
        codes = [c for found in pool.map(write, range(threads)) for c in found]
    assert codes == [201] * (threads * each)
    verdict = _verdict(service.store)
    assert (verdict.entries, verdict.whole) == (last + threads * each, True)
    objects = {e["object"] for e in service.audit_log(action="districts.create")}
    assert {f"districts/T{w}-{n}" for w in range(threads) for n in range(each)} <= objects
