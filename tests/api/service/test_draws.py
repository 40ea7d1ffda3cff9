"""The double-random draw in the service: committed to, drawn once, seen by whom it concerns, true when drawn again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from api.store.schema import draws
from scheduler.draw.stream import commitment_of, seed_of
from tests.api.service.carrying import carry_out_all
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, item

ENGLISH = {"Accept-Language": "en"}
AREA = {"horizon_id": HORIZON, "level": "street", "area_id": "S1"}
COMMIT = {"kind": "officers", "purpose": "2026Q4 S1", **AREA}


def _said(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def published(service: Service) -> str:
    """The published schedule of S1: E1 is visited by A1 and A2, E2 by A1."""
    for client, items in (
        (service.department_a1, [item("X1", "E1"), item("X2", "E2")]),
        (service.department_a2, [item("Y1", "E1")]),
    ):
        plan_id = service.submit(client, items)["plan"]["plan_id"]
        _said(client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    _said(service.office_s1.post("/runs", json={**AREA, "limits": {"iterations": 60}}), 202)
    carry_out_all(service)
    [schedule] = service.office_s1.every("/schedules")
    _said(service.office_s1.post(f"/schedules/{schedule['schedule_id']}/publication"), 201)
    return str(schedule["schedule_id"])


def _more_officers(service: Service, authority: str, numbers: range) -> None:
    validity = {"valid_from": "2024-01-01", "valid_to": "2028-12-31"}
    for n in numbers:
        row = {"officer_id": f"P{n}", "authority_id": authority, "name": f"人员{n}", "certificate_no": f"粤B{n:05d}"}
        _said(service.administrator.post("/officers", json={**row, **validity}), 201)


def test_officers_are_committed_to_then_drawn_then_verified(service: Service, published: str) -> None:
    office = service.office_s1

    # --- Monday: the office commits to a seed, and publishes the commitment
    draw = _said(office.post("/draws", json=COMMIT), 201)
    assert (draw["state"], draw["record"]) == ("committed", None)
    assert "seed" not in draw
    assert service.administrator.get(f"/draws/{draw['draw_id']}/verification").status_code == 409

    # --- Tuesday: A1 has one officer, and needs two: nothing is drawn, and the office is told whom it lacks
    path = f"/draws/{draw['draw_id']}/officers"
    body = {"schedule_id": published, "public": "08 13 21"}
    refused = _said(office.post(path, json=body, headers=ENGLISH), 409)
    assert refused["code"] == "lacks_officers"
    assert {k["authority_id"] for k in refused["lacks"]} == {"A1", "A2"}
    assert all(k["missing"] == 1 for k in refused["lacks"])

    # --- Wednesday: there are more officers; one of A1 is recused from E1, one is away all quarter
    _more_officers(service, "A1", range(10, 15))
    _more_officers(service, "A2", range(20, 23))
    recusal = {"officer_id": "P10", "enterprise_id": "E1"}
    _said(service.department_a1.post("/recusals", json=recusal), 201)
    away = {"officer_id": "P11", "from": "2026-10-01", "to": "2026-12-31"}
    _said(service.department_a1.post("/absences", json=away), 201)
    drawn = _said(office.post(path, json=body))
    assert drawn["state"] == "drawn"
    seed = seed_of(drawn["record"]["seed"])
    assert commitment_of(seed, COMMIT["purpose"]) == draw["commitment"] == drawn["commitment"]
    teams = office.every(f"/draws/{draw['draw_id']}/teams")
    crews = office.every(f"/schedules/{published}/crew-shifts")
    visits = {v["visit_id"]: v["enterprise_id"] for v in office.every(f"/schedules/{published}/visits")}
    for crew in crews:
        mine = [t for t in teams if t["crew_id"] == crew["crew_id"]]
        assert len({t["officer_id"] for t in mine}) == 2
        assert {t["authority_id"] for t in mine} == {crew["authority_id"]}
        assert "P11" not in {t["officer_id"] for t in mine}
        if "E1" in {visits[s["visit_id"]] for s in crew["stops"]}:
            assert "P10" not in {t["officer_id"] for t in mine}
    assert _said(office.post(path, json=body), 409)["code"] == "wrong_state", "a draw is carried out once"

    # --- Thursday: whoever likes draws again, also after the registers have changed
    _more_officers(service, "A1", range(30, 32))
    for client in (service.supervisor, service.department_a1):
        asked = client.get(f"/draws/{draw['draw_id']}/verification", params={"commitment": draw["commitment"]})
        assert _said(asked) == {"true": True, "findings": []}
    wrong = _said(office.get(f"/draws/{draw['draw_id']}/verification", params={"commitment": "0" * 64}))
    assert not wrong["true"]

    # --- Friday: somebody has tampered with the record
    record = {**drawn["record"], "teams": {k: ["P1", "P14"] for k in drawn["record"]["teams"]}}
    with service.store.writing("system") as work:
        work.connection.execute(update(draws).values(record=record))
    found = _said(service.supervisor.get(f"/draws/{draw['draw_id']}/verification", headers=ENGLISH))
    assert (found["true"], len(found["findings"])) == (False, 1)
    actions = [e["action"] for e in service.audit_log(object=f"draws/{draw['draw_id']}")]
    assert actions == ["draws.commit", "draws.draw"]
    assert "seed" not in service.audit_log(action="draws.commit")[0]["after"]


def test_a_department_sees_its_own_officers_and_no_record_of_others(service: Service, published: str) -> None:
    _more_officers(service, "A1", range(10, 15))
    _more_officers(service, "A2", range(20, 23))
    draw = _said(service.office_s1.post("/draws", json=COMMIT), 201)["draw_id"]
    _said(service.office_s1.post(f"/draws/{draw}/officers", json={"schedule_id": published}))
    mine = service.department_a2.every(f"/draws/{draw}/teams")
    assert {t["authority_id"] for t in mine} == {"A2"}
    assert _said(service.department_a2.get(f"/draws/{draw}"))["record"] is None
    assert service.office_s2.get(f"/draws/{draw}").status_code == 404
    assert service.office_s2.every("/draws") == []
    assert service.department_a1.post("/draws", json=COMMIT).status_code == 403
    assert service.office_s2.post("/draws", json=COMMIT).status_code == 403
    assert [d["record"] for d in service.supervisor.every("/draws")] == [None]


def test_targets_are_drawn_by_strata_and_become_a_plan(service: Service) -> None:
    # --- the district draws targets for A1: two thirds of the catering trade, without those visited lately
    commit = {"kind": "targets", "purpose": "A1", "horizon_id": HORIZON, "level": "district", "area_id": "D1"}
    draw = _said(service.administrator.post("/draws", json=commit), 201)["draw_id"]
    body = {
        "authority_id": "A1",
        "strata": [{"industry": "餐饮", "ratio": 0.5}, {"ratio": 1}],
        "duration_min": 40,
        "earliest": "2026-10-08",
        "exclude_days": 200,
        "public": "x",
    }
    found = _said(service.administrator.post(f"/draws/{draw}/targets", json=body))
    strata = found["record"]["strata"]
    assert [(s["industry"], s["size"], s["wanted"]) for s in strata] == [("餐饮", 2, 1), ("*", 2, 2)]
    assert "E1" in strata[0]["excluded"], "A1 was there in May"
    assert {i["enterprise_id"] for i in found["items"]} == {e for s in strata for e in s["targets"]}
    assert _said(service.department_a1.get(f"/draws/{draw}"))["items"] == found["items"]
    assert _said(service.department_a2.get(f"/draws/{draw}"))["items"] is None
    # --- A1 submits them as they are
    service.submit(service.department_a1, found["items"])
    # --- and it stays true when the registers have changed since
    row = {"enterprise_id": "E2", "authority_id": "A1", "date": "2026-09-01"}
    _said(service.administrator.post("/history", json=row), 201)
    assert _said(service.supervisor.get(f"/draws/{draw}/verification"))["true"]


@ON_ONE_DATABASE
def test_what_cannot_be_drawn_is_told(service: Service, published: str) -> None:
    office = service.office_s1
    officers = _said(office.post("/draws", json=COMMIT), 201)["draw_id"]
    targets = _said(office.post("/draws", json={**COMMIT, "kind": "targets"}), 201)["draw_id"]
    plan = {"authority_id": "A1", "strata": [{"ratio": 1}], "duration_min": 40}
    assert office.post(f"/draws/{officers}/targets", json=plan).status_code == 409
    assert office.post(f"/draws/{targets}/officers", json={"schedule_id": published}).status_code == 409
    assert office.post(f"/draws/{officers}/officers", json={"schedule_id": "nothing"}).status_code == 404
    for change, status in (
        ({"authority_id": "A77"}, 404),
        ({"strata": [{"ratio": 1}, {"ratio": 0.5}]}, 400),
        ({"strata": [{"ratio": 0}]}, 422),
        ({"earliest": "2026-12-01", "latest": "2026-11-01"}, 400),
        ({"earliest": "2026-02-31"}, 422),
        ({"priority": "none"}, 400),
    ):
        assert office.post(f"/draws/{targets}/targets", json={**plan, **change}).status_code == status, change
    assert office.post("/draws", json={**COMMIT, "horizon_id": "never"}).status_code == 404
    run = _said(office.post("/runs", json={**AREA, "limits": {"iterations": 60}}), 202)["run_id"]
    carry_out_all(service)
    draft = _said(office.get(f"/runs/{run}"))["schedule_id"]
    assert office.post(f"/draws/{officers}/officers", json={"schedule_id": draft}).status_code == 409


def test_who_came_last_time_stays_away_in_the_next_draw(service: Service, published: str) -> None:
    _more_officers(service, "A1", range(10, 15))
    _more_officers(service, "A2", range(20, 23))
    first = _said(service.office_s1.post("/draws", json=COMMIT), 201)["draw_id"]
    _said(service.office_s1.post(f"/draws/{first}/officers", json={"schedule_id": published}))
    came = {t["officer_id"] for t in service.office_s1.every(f"/draws/{first}/teams") if t["authority_id"] == "A2"}
    # --- the next quarter: A2 comes to E1 again
    later = {
        "horizon_id": "2027Q1", "name": "2027 年第一季度", "start": "2027-01-04", "end": "2027-03-31",
        "closing_date": "2026-12-25", "shifts": [{"id": "AM", "start": "09:00", "end": "12:00"}], "caps": [],
    }  # fmt: skip
    _said(service.administrator.post("/horizons", json=later), 201)
    body = {"horizon_id": "2027Q1", "items": [item("Z1", "E1", earliest="2027-01-04", latest="2027-03-31")]}
    plan_id = _said(service.department_a2.post("/plans", json=body), 201)["plan"]["plan_id"]
    _said(service.department_a2.post(f"/plans/{plan_id}/approval", json={"approval_no": "2"}))
    area = {**AREA, "horizon_id": "2027Q1"}
    run = _said(service.office_s1.post("/runs", json={**area, "limits": {"iterations": 60}}), 202)["run_id"]
    carry_out_all(service)
    schedule = _said(service.office_s1.get(f"/runs/{run}"))["schedule_id"]
    _said(service.office_s1.post(f"/schedules/{schedule}/publication"), 201)
    draw = _said(service.office_s1.post("/draws", json={**COMMIT, **area}), 201)["draw_id"]
    _said(service.office_s1.post(f"/draws/{draw}/officers", json={"schedule_id": schedule}))
    now = {t["officer_id"] for t in service.office_s1.every(f"/draws/{draw}/teams")}
    assert len(now) == 2
    assert not now & came
