"""What happens in one quarter changes the approved plan of the next, and nothing of it is counted or planned twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from api.cases.past import past_of
from api.store.schema import enterprises
from tests.api.service.carrying import carry_out_all
from tests.api.service.doors import enter
from tests.api.service.world import HORIZON, Service, horizon, item

NEXT = "2027Q1"
LIMITS = {"limits": {"iterations": 40}}


def _said(answer: Any, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in (statuses or (200,)), answer.text
    return dict(answer.json())


def _solve_and_publish(service: Service, horizon_id: str, path: str = "/runs") -> list[dict[str, Any]]:
    area = {"horizon_id": horizon_id, "level": "street", "area_id": "S1"}
    run_id = _said(service.office_s1.post(path, json={**area, **LIMITS}), 202)["run_id"]
    carry_out_all(service)
    run = _said(service.office_s1.get(f"/runs/{run_id}"))
    assert run["state"] == "succeeded", run["problem"]
    _said(service.office_s1.post(f"/schedules/{run['schedule_id']}/publication"), 201)
    return service.office_s1.every(f"/schedules/{run['schedule_id']}/visits")


def _approve(service: Service, plan_id: str) -> None:
    _said(service.administrator.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))


def _live_through_the_first(service: Service) -> dict[str, dict[str, Any]]:
    """Live through 2026Q4: X1 needs a rectification, nobody is there for X2; return the visit of each item."""
    body = horizon(NEXT, start="2027-01-01", end="2027-03-31", closing_date="2026-12-30", closed=["2027-01-01"])
    _said(service.administrator.post("/horizons", json=body), 201)
    rows = [item("X1", "E1", item_code="A1-01"), item("X2", "E2", item_code="A1-01")]
    _approve(service, service.submit(service.department_a1, rows)["plan"]["plan_id"])
    visits = {v["item_ids"][0]: v for v in _solve_and_publish(service, HORIZON)}
    service.clock.at = datetime(2026, 12, 28, 1, tzinfo=UTC)
    one, two = visits["X1"], visits["X2"]
    told = [
        {"visit_id": one["visit_id"], "date": one["date"], "outcome": "done", "minutes": 40},
        {"visit_id": two["visit_id"], "date": two["date"], "outcome": "no_access"},
    ]
    _said(service.office_s1.post("/outcomes", json={"horizon_id": HORIZON, "outcomes": told}))
    rectify = {"result": "rectification", "due": "2027-01-18", "item_code": "A1-01"}
    enter(service, "N1", {"X1": rectify}, date=one["date"], visit_id=one["visit_id"])
    enter(
        service, "N2", {"X2": None}, state="no_access", date=two["date"], visit_id=two["visit_id"], enterprise_id="E2"
    )
    return visits


def test_the_plan_of_the_next_quarter_is_another_because_of_what_happened(service: Service) -> None:
    _live_through_the_first(service)
    own = item("Z1", "E1", earliest="2027-02-01", latest="2027-03-30")
    _approve(service, service.submit(service.department_a1, [own], horizon_id=NEXT)["plan"]["plan_id"])
    found = {p["kind"]: p for p in service.department_a1.every("/proposals", horizon_id=NEXT)}
    assert set(found) == {"follow_up", "return"}
    for p in found.values():
        body = {"horizon_id": NEXT, "decision": "take"}
        _said(service.department_a1.post(f"/proposals/{p['proposal_id']}/decision", json=body))
    made = _said(service.department_a1.post("/proposals/plan", json={"horizon_id": NEXT}), 201)
    _approve(service, made["plan"]["plan_id"])
    visits = _solve_and_publish(service, NEXT)
    planned = {i: v for v in visits for i in v["item_ids"]}
    follow_up, back = found["follow_up"]["proposal_id"], found["return"]["proposal_id"]
    assert set(planned) == {"Z1", follow_up, back}
    assert "2027-01-18" <= planned[follow_up]["date"] <= "2027-01-28"
    assert (planned[follow_up]["enterprise_id"], planned[back]["enterprise_id"]) == ("E1", "E2")


def test_what_replanning_brings_back_in_its_own_quarter_is_not_proposed_for_the_next(service: Service) -> None:
    body = horizon(NEXT, start="2027-01-01", end="2027-03-31", closing_date="2026-12-30", closed=["2027-01-01"])
    _said(service.administrator.post("/horizons", json=body), 201)
    _approve(service, service.submit(service.department_a1, [item("X1", "E1")])["plan"]["plan_id"])
    (visit,) = _solve_and_publish(service, HORIZON)
    service.clock.at = datetime.fromisoformat(visit["date"]).replace(tzinfo=UTC) + timedelta(days=1)
    told = {"visit_id": visit["visit_id"], "date": visit["date"], "outcome": "no_access"}
    _said(service.office_s1.post("/outcomes", json={"horizon_id": HORIZON, "outcomes": [told]}))
    (proposed,) = service.department_a1.every("/proposals", horizon_id=NEXT, kind="return")
    assert proposed["evidence"]["item_id"] == "X1"
    (again,) = _solve_and_publish(service, HORIZON, "/runs/replan")
    assert (again["item_ids"], again["date"] > visit["date"]) == (["X1"], True)
    assert service.department_a1.every("/proposals", horizon_id=NEXT, kind="return") == []


def test_what_found_no_place_in_a_quarter_is_proposed_for_the_next_also_a_follow_up(service: Service) -> None:
    body = horizon(NEXT, start="2027-01-01", end="2027-03-31", closing_date="2026-12-30", closed=["2027-01-01"])
    _said(service.administrator.post("/horizons", json=body), 201)
    too_many = item("X1", "E1", crews=5, trigger="follow_up", cap_exempt=True)
    rows = [too_many, item("X2", "E2")]
    _approve(service, service.submit(service.department_a1, rows)["plan"]["plan_id"])
    (visit,) = _solve_and_publish(service, HORIZON)
    assert visit["item_ids"] == ["X2"]
    service.clock.at = datetime(2026, 12, 28, 1, tzinfo=UTC)
    (proposed,) = service.department_a1.every("/proposals", horizon_id=NEXT)
    assert (proposed["evidence"]["item_id"], proposed["evidence"]["why"]) == ("X1", "unserved")
    assert (proposed["item"]["trigger"], proposed["item"]["cap_exempt"]) == ("follow_up", True)
    assert service.department_a1.every("/proposals", horizon_id=HORIZON) == []


def test_a_visit_that_was_published_scanned_and_told_counts_once_and_a_closed_door_not_at_all(
    service: Service,
) -> None:
    visits = _live_through_the_first(service)
    with service.store.reading() as connection:
        past = past_of(connection, NEXT, select(enterprises.c.enterprise_id))
    counted = list(zip(past["enterprise_id"], past["authority_id"], past["date"], strict=True))
    assert counted.count(("E1", "A1", visits["X1"]["date"])) == 1
    assert ("E2", "A1", visits["X2"]["date"]) not in counted
    row = {"enterprise_id": "E1", "authority_id": "A1", "date": visits["X1"]["date"], "visit_id": "N1"}
    _said(service.administrator.post("/history", json=row), 201)
    with service.store.reading() as connection:
        past = past_of(connection, NEXT, select(enterprises.c.enterprise_id))
    counted = list(zip(past["enterprise_id"], past["authority_id"], past["date"], strict=True))
    assert counted.count(("E1", "A1", visits["X1"]["date"])) == 1, "on record and published, by its date"
