"""Two quarters lived through on one record: plan, notice, slot, scans, results, complaint, warning, the next plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from api.cases.past import past_of
from api.codes.service import printable
from api.notices.telling import tell
from api.store.fieldwork_tables import field_events
from api.store.schema import enterprises
from tests.api.service.carrying import carry_out_all
from tests.api.service.test_codes import _caller as administrator
from tests.api.service.world import HORIZON, Service, horizon, item

NEXT = "2027Q1"
_NUMBERS = count(1)


def _said(answer: Any, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in (statuses or (200,)), answer.text
    return dict(answer.json())


def _event() -> str:
    return f"journey-{next(_NUMBERS):06d}"


def _at(service: Service, date: str, clock: str = "09:00") -> None:
    service.clock.at = datetime.fromisoformat(f"{date}T{clock}:00+08:00")


def _approve(service: Service, client: Any, rows: list[dict[str, Any]], **more: Any) -> None:
    plan_id = service.submit(client, rows, **more)["plan"]["plan_id"]
    _said(client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))


def _publish(service: Service, horizon_id: str) -> dict[str, dict[str, Any]]:
    """Solve and publish street S1, and return the visit of each item."""
    body = {"horizon_id": horizon_id, "level": "street", "area_id": "S1", "limits": {"iterations": 40}}
    run_id = _said(service.office_s1.post("/runs", json=body), 202)["run_id"]
    carry_out_all(service)
    schedule = _said(service.office_s1.get(f"/runs/{run_id}"))["schedule_id"]
    _said(service.office_s1.post(f"/schedules/{schedule}/publication"), 201)
    visits = service.office_s1.every(f"/schedules/{schedule}/visits")
    return {i: v for v in visits for i in v["item_ids"]}


def _token(service: Service, enterprise_id: str) -> str:
    with service.store.reading() as connection:
        settings = service.app.state.services.settings
        (found,) = printable(connection, settings, administrator(service), enterprise_id, None)
    return found.token


def _scan(client: Any, token: str, *officers: str, **more: Any) -> dict[str, Any]:
    body = {"event_id": _event(), "token": token, "officer_ids": list(officers), **more}
    return _said(client.post("/scans", json=body), 200, 201)


def _results(client: Any, entry_id: str, *results: Mapping[str, Any]) -> None:
    _said(client.post(f"/entries/{entry_id}/results", json={"event_id": _event(), "results": list(results)}))


def _leave(client: Any, entry_id: str) -> None:
    _said(client.post(f"/entries/{entry_id}/departure", json={"event_id": _event()}))


def test_two_quarters(service: Service) -> None:
    admin, a1, a2 = service.administrator, service.officer_p1, service.officer_p2

    # 2026-09-01: two departments plan, the street office publishes
    for number, authority_id in ((11, "A1"), (12, "A2")):
        row = {"officer_id": f"P{number}", "name": f"人员{number}", "certificate_no": f"粤B{number}"}
        validity = {"authority_id": authority_id, "valid_from": "2024-01-01", "valid_to": "2028-12-31"}
        _said(admin.post("/officers", json={**row, **validity}), 201)
    _said(admin.post("/codes", json={}))
    body = horizon(NEXT, start="2027-01-01", end="2027-03-31", closing_date="2026-12-30", closed=["2027-01-01"])
    _said(admin.post("/horizons", json=body), 201)
    late_window = {"earliest": "2026-11-16", "latest": "2026-12-18"}
    rows = [
        item("X1", "E1", item_code="A1-01", latest="2026-11-13"),
        item("X2", "E2", item_code="A1-02", **late_window),
    ]
    _approve(service, service.department_a1, rows)
    _approve(service, service.department_a2, [item("Y1", "E1", item_code="A2-01", latest="2026-11-13")])
    visits = _publish(service, HORIZON)
    joint, alone = visits["X1"], visits["X2"]
    assert visits["Y1"]["visit_id"] == joint["visit_id"], "one door for two departments"

    # three working days before: the enterprise is told, and would rather have another slot
    _at(service, joint["date"])
    service.clock.at -= timedelta(days=5)
    settings = service.app.state.services.settings
    assert tell(service.store, settings, 100) == 1
    assert tell(service.store, settings, 100) == 0
    (notice,) = service.enterprise_e1.every("/my/notices")
    assert (notice["date"], notice["step"]) == (joint["date"], "new")
    assert service.enterprise_e3.every("/my/notices") == []
    (coming,) = service.enterprise_e1.get("/my/visits").json()["items"]
    slots = _said(service.enterprise_e1.get(f"/my/visits/{coming['visit_id']}/slots"))["items"]
    wish = {k: slots[-1][k] for k in ("date", "shift_id")}
    _said(service.enterprise_e1.put(f"/my/visits/{coming['visit_id']}/slot", json=wish))

    # the day: A1 scans in time, A2 is inside before it scans; both leave
    _at(service, joint["date"], "09:00")
    token = _token(service, "E1")
    assert _scan(a1, token)["faults"][0]["code"] == "too_few_officers"
    first = _scan(a1, token, "P11")
    assert (first["allowed"], first["scan_status"]) == (True, "scanned")
    entered = service.store.instant()
    _at(service, joint["date"], "09:20")
    second = _scan(a2, token, "P12", entered_at=f"{entered[:19]}Z")
    assert second["scan_status"] == "late"
    _results(a1, first["entry_id"], {"item_id": "X1", "result": "rectification", "due": "2027-01-18"})
    _results(a2, second["entry_id"], {"item_id": "Y1", "result": "nothing_found"})
    _at(service, joint["date"], "09:40")
    _leave(a1, first["entry_id"])
    _leave(a2, second["entry_id"])
    (done,) = service.office_s1.every("/outcomes", visit_id=joint["visit_id"])
    assert (done["outcome"], done["minutes"]) == ("done", 40)

    # the enterprise sees the results, rates the visit, complains, and learns nothing of others
    (door,) = service.enterprise_e1.get("/my/past-visits").json()["items"]
    assert {r["result"] for e in door["entries"] for r in e["items"]} == {"rectification", "nothing_found"}
    scores = dict.fromkeys(("identity", "code", "conduct", "time"), 4)
    rating = {"door": door["door"], "scores": scores}
    assert [service.enterprise_e1.post("/my/ratings", json=rating).status_code for _ in range(2)] == [204, 409]
    complaint = {"kind": "not_scanned", "text": "应急部门先入企后扫码", "authority_id": "A2"}
    _said(service.enterprise_e1.post("/my/complaints", json=complaint), 201)
    assert service.enterprise_e3.get("/my/past-visits").json()["items"] == []

    # the other visit is not scanned: a warning, which the late back-fill explains
    _at(service, alone["date"], "18:00")
    service.clock.at += timedelta(days=8)
    _said(service.supervisor.post("/warnings/sweep", json={}))
    kinds = Counter(w["kind"] for w in service.supervisor.every("/warnings"))
    assert kinds["backfill_due"] == 1, kinds
    told = {"enterprise_id": "E2", "officer_ids": ["P11"], "reason": "现场无网络"}
    times = {"entered_at": f"{alone['date']}T09:00:00+08:00", "left_at": f"{alone['date']}T09:45:00+08:00"}
    made_up = _said(a1.post("/scans/backfill", json={"event_id": _event(), **told, **times}), 201)
    assert made_up["scan_status"] == "backfilled"
    _results(a1, made_up["entry_id"], {"item_id": "X2", "result": "not_done"})
    (warning,) = [w for w in service.supervisor.every("/warnings") if w["kind"] == "backfill_due"]
    assert warning["state"] == "resolved"

    # nothing is lost or counted twice
    with service.store.reading() as connection:
        past = past_of(connection, NEXT, select(enterprises.c.enterprise_id))
        stored = Counter(connection.scalars(select(field_events.c.kind)))
    counted = Counter(zip(past["enterprise_id"], past["authority_id"], past["date"], strict=True))
    assert counted["E1", "A1", joint["date"]] == counted["E1", "A2", joint["date"]] == 1
    assert stored["scan_in"] == stored["scan_out"] == 2
    assert (stored["scan_denied"], stored["backfill"], stored["result"]) == (1, 1, 3)
    assert (stored["notice_sent"], stored["slot_chosen"]) == (1, 1)
    assert service.supervisor.get("/audit/verification").json()["whole"] is True

    # 2026-12-28: the next quarter is planned from what happened
    _at(service, "2026-12-28")
    found = {p["kind"]: p for p in service.department_a1.every("/proposals", horizon_id=NEXT)}
    assert {"follow_up", "return"} <= set(found)
    for kind in ("follow_up", "return"):
        decision = {"horizon_id": NEXT, "decision": "take"}
        _said(service.department_a1.post(f"/proposals/{found[kind]['proposal_id']}/decision", json=decision))
    plan_id = _said(service.department_a1.post("/proposals/plan", json={"horizon_id": NEXT}), 201)["plan"]["plan_id"]
    _said(service.department_a1.post(f"/plans/{plan_id}/approval", json={"approval_no": "2"}))
    again = _publish(service, NEXT)
    assert {v["enterprise_id"] for v in again.values()} == {"E1", "E2"}
    assert again[found["follow_up"]["proposal_id"]]["date"] >= "2027-01-18"
