"""A quarter is lived through: what became of visits is recorded, crews are missing, and the rest is planned anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, horizon, item

ENGLISH = {"Accept-Language": "en"}
AREA = {"horizon_id": HORIZON, "level": "street", "area_id": "S1"}


def _plan(service: Service, client: Client, items: list[dict[str, Any]], **more: Any) -> str:
    plan_id = str(service.submit(client, items, **more)["plan"]["plan_id"])
    assert client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}).status_code == 200
    return plan_id


def _said(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _ran(service: Service, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    run_id = _said(service.office_s1.post(path, json=body), 202)["run_id"]
    carry_out_all(service)
    run = _said(service.office_s1.get(f"/runs/{run_id}"))
    assert run["state"] == "succeeded", run["problem"]
    return run


def _replanned(service: Service, **more: Any) -> dict[str, Any]:
    return _ran(service, "/runs/replan", {**AREA, **more})


def _visits(service: Service, schedule: str) -> dict[str, dict[str, Any]]:
    return {v["enterprise_id"]: v for v in service.office_s1.every(f"/schedules/{schedule}/visits")}


def _morning(service: Service, text: str) -> None:
    """Set the clock to eight in the morning of a date in China."""
    day = date.fromisoformat(text)
    service.clock.at = datetime(day.year, day.month, day.day, tzinfo=UTC)


def _after(text: str, days: int = 1) -> str:
    return (date.fromisoformat(text) + timedelta(days=days)).isoformat()


def _tell(service: Service, *outcomes: Mapping[str, Any]) -> dict[str, Any]:
    return _said(service.office_s1.post("/outcomes", json={"horizon_id": HORIZON, "outcomes": list(outcomes)}))


def _outcome(visit: Mapping[str, Any], outcome: str, **more: Any) -> dict[str, Any]:
    return {"visit_id": visit["visit_id"], "date": visit["date"], "outcome": outcome, **more}


@pytest.fixture
def published(service: Service) -> str:
    """The schedule of street S1, in force since September: E1 is visited by A1 and A2, E2 by A1."""
    _plan(service, service.department_a1, [item("X1", "E1", latest="2026-11-30"), item("X2", "E2")])
    _plan(service, service.department_a2, [item("Y1", "E1", latest="2026-11-30")])
    schedule = str(_ran(service, "/runs", {**AREA, "limits": {"iterations": 60}})["schedule_id"])
    _said(service.office_s1.post(f"/schedules/{schedule}/publication"), 201)
    return schedule


def test_a_quarter_day_by_day(service: Service, published: str) -> None:
    office = service.office_s1
    first = _visits(service, published)
    day = first["E1"]["date"]

    # --- the morning after: nobody opened at E1, and the office says so; the rest of the quarter is planned anew
    _morning(service, _after(day))
    assert _tell(service, _outcome(first["E1"], "no_access")) == {"new": 1, "corrected": 0, "unchanged": 0}
    assert _tell(service, _outcome(first["E1"], "no_access")) == {"new": 0, "corrected": 0, "unchanged": 1}
    run = _replanned(service)
    assert (run["kind"], run["request"]["from_date"]) == ("replan", _after(day))
    second = run["schedule_id"]
    told = _said(office.get(f"/schedules/{second}"))
    assert (told["origin"], told["from_date"], told["parents"]) == ("replan", _after(day), {"S1": 1})
    figures = told["summary"]["replan"]
    assert (figures["not_done"], figures["counts"]["moved"] + figures["counts"]["added"]) == (1, 1)
    [change] = _said(office.get(f"/schedules/{second}/changes", headers=ENGLISH))["items"]
    assert (change["enterprise_id"], change["cause"]) == ("E1", "no_access")
    assert "nobody opened the door" in change["sentence"]
    assert _said(office.get(f"/schedules/{second}/check"))["ok"]
    again = _visits(service, second)["E1"]
    assert again["date"] > day
    assert sorted(again["item_ids"]) == ["X1", "Y1"]
    assert _said(office.post(f"/schedules/{second}/publication"), 201)["supersedes"] == [published]

    # --- the same morning: a clerk moves the new visit; what was planned from is as it was, so it is allowed
    other = next(
        s
        for s in _said(office.get(f"/schedules/{second}/slots", params={"enterprise_id": "E1", "k": 100}))["items"]
        if not s["num_lost"] and s["date"] not in (again["date"], day)
    )
    move = {"visit": "E1", "date": other["date"], "shift_id": other["shift_id"]}
    third = _said(office.post(f"/schedules/{second}/moves", json=move), 201)["schedule_id"]
    assert _said(office.get(f"/schedules/{third}"))["from_date"] == _after(day)
    _said(office.post(f"/schedules/{third}/publication"), 201)

    # --- after its new day: it is done, but A2 did not get round to its item; and A1 has a new item at E2
    moved = _visits(service, third)["E1"]
    _morning(service, _after(moved["date"]))
    _tell(service, _outcome(moved, "done", minutes=45, left_items="Y1"))
    _plan(service, service.administrator, [item("X9", "E2")], authority_id="A1", code="more")
    run = _replanned(service)
    fourth = run["schedule_id"]
    changes = {c["enterprise_id"]: c for c in office.every(f"/schedules/{fourth}/changes")}
    assert changes["E1"]["cause"] == "left_over"
    assert _visits(service, fourth)["E1"]["item_ids"] == ["Y1"]
    served = {i for v in _visits(service, fourth).values() for i in v["item_ids"]}
    assert "X9" in served
    assert "X1" not in served
    _said(office.post(f"/schedules/{fourth}/publication"), 201)
    assert service.administrator.get("/audit/verification").json()["whole"]


def test_without_an_event_nothing_changes(service: Service, published: str) -> None:
    first = _visits(service, published)
    day = min(v["date"] for v in first.values())
    _morning(service, _after(day))
    run = _replanned(service)
    assert service.office_s1.every(f"/schedules/{run['schedule_id']}/changes") == []
    figures = run["result"]["replan"]
    assert (figures["searched"], figures["moved_published"]) == (False, 0)
    gone = {e for e, v in first.items() if v["date"] <= day}
    assert figures["done"] == figures["assumed_done"] == len(gone)
    rest = _visits(service, run["schedule_id"])
    assert rest == {e: v for e, v in first.items() if e not in gone}


def test_missing_crews_and_a_typhoon_move_what_was_published(service: Service, published: str) -> None:
    first = _visits(service, published)
    # --- the day before: A2 has nobody on E1's date
    missing = {"authority_id": "A2", "area_id": "D1", "date": first["E1"]["date"]}
    row = _said(service.department_a2.post("/missing_crews", json=missing), 201)
    refused = _said(service.office_s1.post("/runs", json={**AREA, "limits": {"iterations": 60}}), 202)
    carry_out_all(service)
    fresh = service.office_s1.get(f"/runs/{refused['run_id']}").json()["schedule_id"]
    assert _visits(service, fresh)["E1"]["date"] != first["E1"]["date"], "a plan from scratch knows it too"
    run = _replanned(service)
    changes = service.office_s1.every(f"/schedules/{run['schedule_id']}/changes")
    assert {(c["enterprise_id"], c["cause"]) for c in changes} == {("E1", "crew_missing")}
    assert _visits(service, published)["E1"] == first["E1"], "what is in force stays until the draft is published"
    # --- they come after all, but a typhoon is announced
    assert service.department_a2.delete(f"/missing_crews/{row['row_id']}").status_code == 204
    _said(service.administrator.post("/cancelled_shifts", json={"date": first["E2"]["date"]}), 201)
    run = _replanned(service)
    changes = service.office_s1.every(f"/schedules/{run['schedule_id']}/changes")
    causes = {c["enterprise_id"]: c["cause"] for c in changes}
    assert causes["E2"] == "cancelled"


def test_a_pin_that_cannot_be_kept_becomes_a_preferred_one(service: Service, published: str) -> None:
    office, visit = service.office_s1, _visits(service, published)["E1"]
    # --- September: E1 is pinned where it is, and all is planned and published again
    _said(office.post("/pins", json={"enterprise_id": "E1", "date": visit["date"]}), 201)
    schedule = _ran(service, "/runs", {**AREA, "limits": {"iterations": 60}})["schedule_id"]
    _said(office.post(f"/schedules/{schedule}/publication"), 201)
    # --- then A1 and A2 have nobody on that date
    for authority, area in (("A1", "*"), ("A2", "D1")):
        missing = {"authority_id": authority, "area_id": area, "date": visit["date"], "crews": 2}
        _said(service.administrator.post("/missing_crews", json=missing), 201)
    new = _replanned(service)["schedule_id"]
    assert _visits(service, new)["E1"]["date"] != visit["date"]
    assert len(office.every("/pins", enterprise_id="E1")) == 1
    _said(office.post(f"/schedules/{new}/publication"), 201)
    assert office.every("/pins", enterprise_id="E1") == []
    [loose] = office.every("/preferred_pins", enterprise_id="E1")
    assert loose["date"] == visit["date"]
    # --- it is not stale for that: a visit can be moved
    place = _visits(service, new)["E1"]
    move = {"visit": "E1", "date": place["date"], "shift_id": place["shift_id"]}
    _said(office.post(f"/schedules/{new}/moves", json=move), 201)


def test_visits_that_went_out_count_for_the_next_horizon_and_failed_ones_do_not(
    service: Service, published: str
) -> None:
    visit = _visits(service, published)["E1"]
    later = horizon("2027Q1", start="2026-12-21", end="2027-03-31", closed=[], closing_date="2026-12-25")
    _said(service.administrator.post("/horizons", json=later), 201)

    def used() -> int:
        """How often A1 was at E1 in 2026, as a cap counts it for an item of the next horizon."""
        asked = item("Z1", "E1", earliest="2026-12-21", latest="2026-12-31")
        receipt = _said(service.department_a1.post("/plans", json={"horizon_id": "2027Q1", "items": [asked]}), 201)
        [cap] = [c for c in receipt["advice"][0]["caps"] if (c["scope"], c["period"]) == ("authority", "2026")]
        return int(cap["used"])

    assert used() == 2  # one in May is on record
    _morning(service, _after(visit["date"]))
    _tell(service, _outcome(visit, "no_access"))
    assert used() == 1
    _tell(service, _outcome(visit, "done"))
    assert used() == 2
    # --- re-planned and published: the version in force has no visit of the past any more, but it counts still
    run = _replanned(service)
    _said(service.office_s1.post(f"/schedules/{run['schedule_id']}/publication"), 201)
    assert "E1" not in _visits(service, run["schedule_id"])
    assert used() == 2


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"visit_id": "V-nobody"}, "has no visit V-nobody"),
        ({"date": "2026-12-01"}, "can't have an outcome"),
        ({"outcome": "maybe"}, "done, no_access, refused"),
        ({"minutes": 0}, "minutes"),
        ({"left_items": "Z"}, "item Z is not of visit"),
        ({"outcome": "refused", "minutes": 5}, "only visits that are done have it"),
    ],
)
def test_outcomes_that_cannot_be_are_told_and_none_is_stored(
    service: Service, published: str, change: dict[str, Any], words: str
) -> None:
    visits = _visits(service, published)
    _morning(service, _after(max(v["date"] for v in visits.values())))
    good, bad = _outcome(visits["E2"], "done"), {**_outcome(visits["E1"], "done"), **change}
    body = {"horizon_id": HORIZON, "outcomes": [good, bad]}
    answer = service.office_s1.post("/outcomes", json=body, headers=ENGLISH)
    assert answer.status_code == 422
    assert words in answer.text
    assert {p["row"] for p in answer.json()["problems"]} == {2}
    assert service.office_s1.every("/outcomes") == []


@ON_ONE_DATABASE
def test_outcomes_as_a_file_and_who_may_say_them(service: Service, published: str) -> None:
    visit = _visits(service, published)["E1"]
    _morning(service, _after(visit["date"]))
    text = f"入企编号,日期,结果,实际时长\n{visit['visit_id']},{visit['date']},完成,50\n".encode()
    sent = {"content": text, "headers": {"Content-Type": "text/csv"}, "params": {"horizon_id": HORIZON}}
    for client, status in ((service.department_a1, 403), (service.supervisor, 403), (service.office_s2, 403)):
        assert client.post("/outcomes", **sent).status_code == status
    assert _said(service.office_s1.post("/outcomes", **sent))["new"] == 1
    [found] = service.department_a2.every("/outcomes")
    assert (found["outcome"], found["minutes"], found["enterprise_id"]) == ("done", 50, "E1")
    assert service.office_s2.every("/outcomes") == []
    assert service.office_s2.delete(f"/outcomes/{found['outcome_id']}").status_code == 404
    assert service.office_s1.delete(f"/outcomes/{found['outcome_id']}").status_code == 204
    actions = [e["action"] for e in service.audit_log(object=f"outcomes/{found['outcome_id']}")]
    assert actions == ["outcomes.create", "outcomes.delete"]


@ON_ONE_DATABASE
def test_what_cannot_be_replanned_is_said(service: Service, published: str) -> None:
    office = service.office_s1
    assert published
    missing = service.administrator.post("/runs/replan", json={**AREA, "level": "district", "area_id": "D1"})
    assert (missing.status_code, "S2" in missing.text) == (404, True)
    assert office.post("/runs/replan", json={**AREA, "from_date": "2027-01-01"}).status_code == 400
    assert office.post("/runs/replan", json={**AREA, "from_date": "2026-02-31"}).status_code == 422
    assert service.office_s2.post("/runs/replan", json=AREA).status_code == 403
    assert service.department_a1.post("/runs/replan", json=AREA).status_code == 403
    # --- a version that begins in November is in force: nothing earlier can be planned any more
    run = _replanned(service, from_date="2026-11-02")
    _said(office.post(f"/schedules/{run['schedule_id']}/publication"), 201)
    run_id = _said(office.post("/runs/replan", json={**AREA, "from_date": "2026-10-20"}), 202)["run_id"]
    carry_out_all(service)
    failed = _said(office.get(f"/runs/{run_id}"))
    assert (failed["state"], failed["problem"]["en"]["code"]) == ("failed", "too_early")


def test_a_complaint_of_the_morning_is_put_into_the_day(service: Service, published: str) -> None:
    office, day = service.office_s1, _visits(service, published)["E1"]["date"]
    before = _visits(service, published)

    # --- the morning of E1's day: A1 has a complaint about E2; the closing date is long past, but it has a cause
    _morning(service, day)
    routine = {"horizon_id": HORIZON, "code": "late", "items": [item("R1", "E2")]}
    assert service.department_a1.post("/plans", json=routine).status_code == 409
    case = item("U1", "E2", earliest=day, latest=_after(day, 4), trigger="case", cap_exempt=True, notice="unannounced")
    again = {"horizon_id": HORIZON, "items": [case]}
    assert service.department_a1.post("/plans", json=again).status_code == 409, "it would supersede the main plan"
    assert office.post(f"/schedules/{published}/urgent", json={"item_id": "U1"}).status_code == 404
    _plan(service, service.department_a1, [case], code="case-1")

    # --- the office asks where it could go, and puts it there; everything else stays
    asked = _said(office.post(f"/schedules/{published}/urgent-check", json={"item_id": "U1", "now": "08:30"}))
    assert asked["place"]["date"] == day
    assert asked["alerts"] == [] or asked["alerts"][0]["enterprise_id"] == "E2"
    key = {"Idempotency-Key": "u1"}
    made = office.post(f"/schedules/{published}/urgent", json={"item_id": "U1", "now": "08:30"}, headers=key)
    placed = _said(made, 201)
    assert {k: placed[k] for k in ("date", "shift_id", "start")} == {
        k: asked["place"][k] for k in ("date", "shift_id", "start")
    }
    repeated = office.post(f"/schedules/{published}/urgent", json={"item_id": "U1", "now": "08:30"}, headers=key)
    assert repeated.json() == made.json()
    new = placed["schedule_id"]
    assert _said(office.get(f"/schedules/{new}"))["origin"] == "urgent"
    assert _said(office.get(f"/schedules/{new}/check"))["ok"]
    rows = office.every(f"/schedules/{new}/visits")
    [visit] = [v for v in rows if v["visit_id"] == placed["visit_id"]]
    assert visit["item_ids"] == ["U1"]
    assert {v["enterprise_id"]: v for v in rows if v["visit_id"] != placed["visit_id"]} == before
    _said(office.post(f"/schedules/{new}/publication"), 201)
    assert office.post(f"/schedules/{new}/urgent-check", json={"item_id": "U1"}).status_code == 409

    # --- late in the evening of the last day of another case no time is left
    late = item("U2", "E2", earliest=day, latest=day, trigger="case", cap_exempt=True, notice="unannounced")
    _plan(service, service.department_a1, [late], code="case-2")
    refused = _said(office.post(f"/schedules/{new}/urgent", json={"item_id": "U2", "now": "23:00"}), 409)
    assert (refused["code"], refused["refused"]) == ("no_shift", [])
    assert service.department_a1.post(f"/schedules/{new}/urgent", json={"item_id": "U2"}).status_code == 403
    assert service.office_s2.post(f"/schedules/{new}/urgent", json={"item_id": "U2"}).status_code in (403, 404)


def test_what_is_told_late_serves_nothing_twice(service: Service, published: str) -> None:
    office, first = service.office_s1, _visits(service, published)
    day = first["E1"]["date"]

    # --- nobody opened at E1, says the office; its items are planned again and published
    _morning(service, _after(day))
    _tell(service, _outcome(first["E1"], "no_access"))
    second = _replanned(service)["schedule_id"]
    _said(office.post(f"/schedules/{second}/publication"), 201)
    again = _visits(service, second)["E1"]

    # --- it was a mistake: the visit had taken place; the next plan drops the second one, and says why
    assert _tell(service, _outcome(first["E1"], "done")) == {"new": 0, "corrected": 1, "unchanged": 0}
    third = _replanned(service)["schedule_id"]
    assert "E1" not in _visits(service, third)
    changes = {c["enterprise_id"]: c["kind"] for c in office.every(f"/schedules/{third}/changes")}
    assert changes["E1"] == "dropped"

    # --- the other way round: the second visit took place as well; that the first was done can't be told any more
    _tell(service, _outcome(first["E1"], "no_access"))
    _morning(service, _after(again["date"]))
    body = {"horizon_id": HORIZON, "outcomes": [_outcome(first["E1"], "done")]}
    refused = office.post("/outcomes", json=body, headers=ENGLISH)
    assert refused.status_code == 422
    assert f"was served by visit {again['visit_id']} on {again['date']}" in refused.text
    twice = [_outcome(again, "done"), _outcome(first["E1"], "done")]
    assert office.post("/outcomes", json={"horizon_id": HORIZON, "outcomes": twice}).status_code == 422
    # --- unless the second one is told of as well
    both = [_outcome(again, "refused"), _outcome(first["E1"], "done")]
    assert _tell(service, *both) == {"new": 1, "corrected": 1, "unchanged": 0}
