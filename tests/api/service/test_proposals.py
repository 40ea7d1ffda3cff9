"""Proposals: made of the record, decided by those they belong to, made into drafts that are checked like any plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from api.cases.past import past_of
from api.store.fieldwork_tables import entry_items
from api.store.schema import history
from tests.api.service.client import Client
from tests.api.service.doors import enter
from tests.api.service.world import HORIZON, Service, horizon, item

NEXT = "2027Q1"
RECTIFY = {"result": "rectification", "due": "2027-01-11", "item_code": "A1-01"}


@pytest.fixture
def later(service: Service) -> Service:
    """The service in December, with the next horizon open for plans."""
    body = horizon(NEXT, start="2027-01-01", end="2027-03-31", closing_date="2026-12-25", closed=["2027-01-01"])
    answer = service.administrator.post("/horizons", json=body)
    assert answer.status_code == 201, answer.text
    service.clock.at = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    return service


def listed(client: Client, horizon_id: str = NEXT, **more: Any) -> list[dict[str, Any]]:
    return client.every("/proposals", horizon_id=horizon_id, **more)


def decide(client: Client, proposal: dict[str, Any], decision: str = "take", horizon_id: str = NEXT) -> Any:
    body = {"horizon_id": horizon_id, "decision": decision, "reason": "已书面核查" if decision == "dismiss" else None}
    return client.post(f"/proposals/{proposal['proposal_id']}/decision", json=body)


def plan(client: Client, **more: Any) -> Any:
    return client.post("/proposals/plan", json={"horizon_id": NEXT, **more})


def test_a_rectification_is_proposed_taken_planned_and_approved_like_any_plan(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY})
    (found,) = listed(later.department_a1, kind="follow_up")
    assert (found["state"], found["item"]["trigger"], found["item"]["cap_exempt"]) == ("open", "follow_up", True)
    assert (found["item"]["earliest"], found["item"]["latest"]) == ("2027-01-11", "2027-01-21")
    assert found["evidence"]["entry_id"] == "N1"
    assert decide(later.department_a1, found).status_code == 200
    made = plan(later.department_a1)
    assert made.status_code == 201, made.text
    plan_id = made.json()["plan"]["plan_id"]
    assert [r["item_id"] for r in later.department_a1.every(f"/plans/{plan_id}/items")] == [found["proposal_id"]]
    again = plan(later.department_a1)
    assert (again.status_code, again.json()["plan"]["plan_id"], again.json()["new"]) == (200, plan_id, False)
    approval = later.department_a1.post(f"/plans/{plan_id}/approval", json={"approval_no": "12"})
    assert approval.status_code == 200
    assert plan(later.department_a1).json()["code"] == "conflict", "all that was taken is approved"
    (found,) = listed(later.department_a1, kind="follow_up")
    assert (found["state"], found["plan_id"], found["plan_outdated"]) == ("taken", plan_id, False)


def test_what_is_taken_after_an_approval_becomes_a_plan_of_its_own(later: Service) -> None:
    for number in (1, 2):
        enter(later, f"N{number}", {f"X{number}": RECTIFY})
        decide(later.department_a1, listed(later.department_a1, kind="follow_up", state="open")[0])
        made = plan(later.department_a1).json()["plan"]
        assert (made["num_items"], made["revision"]) == (1, 1)
        later.department_a1.post(f"/plans/{made['plan_id']}/approval", json={"approval_no": "12"})
    states = [p["state"] for p in later.department_a1.every("/plans", horizon_id=NEXT)]
    assert states == ["approved", "approved"]


def test_after_the_closing_date_what_is_taken_goes_beside_a_draft_that_waits(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY})
    decide(later.department_a1, listed(later.department_a1)[0])
    first = plan(later.department_a1).json()["plan"]
    later.clock.at = datetime(2027, 1, 5, 1, 0, tzinfo=UTC)
    assert plan(later.department_a1).json() == {"plan": first, "new": False}
    enter(later, "N2", {"X2": RECTIFY}, date="2027-01-04")
    decide(later.department_a1, listed(later.department_a1, state="open")[0])
    second = plan(later.department_a1).json()["plan"]
    assert (first["code"], second["code"], second["num_items"]) == ("proposals", "proposals-2", 1)


def test_a_plan_that_was_withdrawn_is_made_again_beside_it(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY})
    decide(later.department_a1, listed(later.department_a1)[0])
    first = plan(later.department_a1).json()["plan"]
    later.department_a1.post(f"/plans/{first['plan_id']}/withdrawal", json={"reason": "x"})
    again = plan(later.department_a1).json()
    assert (again["plan"]["code"], again["new"]) == ("proposals-2", True)


def test_a_follow_up_is_planned_in_one_horizon_only(later: Service) -> None:
    enter(later, "N1", {"X1": {**RECTIFY, "due": "2026-12-10"}})
    (found,) = listed(later.department_a1, HORIZON, kind="follow_up")
    assert [p["proposal_id"] for p in listed(later.department_a1, kind="follow_up")] == [found["proposal_id"]]
    decide(later.department_a1, found, horizon_id=HORIZON)
    made = later.department_a1.post("/proposals/plan", json={"horizon_id": HORIZON})
    assert made.status_code == 201, "follow-ups alone are taken after the closing date too"
    assert listed(later.department_a1, kind="follow_up") == []
    assert len(listed(later.department_a1, HORIZON, kind="follow_up")) == 1


def test_a_corrected_result_withdraws_what_was_taken_and_says_so_of_the_plan(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY, "X2": RECTIFY})
    for found in listed(later.department_a1, kind="follow_up"):
        decide(later.department_a1, found)
    plan_id = plan(later.department_a1).json()["plan"]["plan_id"]
    with later.store.writing("system") as work:
        corrected = update(entry_items).where(entry_items.c.item_id == "X2")
        work.connection.execute(corrected.values(result="nothing_found", due=None))
    by_state = {p["state"]: p for p in listed(later.department_a1, kind="follow_up")}
    assert set(by_state) == {"taken", "lapsed"}
    assert (by_state["lapsed"]["plan_id"], by_state["lapsed"]["plan_outdated"]) == (plan_id, True)
    revised = plan(later.department_a1).json()["plan"]
    assert (revised["num_items"], revised["revision"]) == (1, 2)


def test_what_was_dismissed_is_in_no_plan_and_needs_a_reason(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY})
    (found,) = listed(later.department_a1, kind="follow_up")
    body = {"horizon_id": NEXT, "decision": "dismiss"}
    place = f"/proposals/{found['proposal_id']}/decision"
    assert later.department_a1.post(place, json=body).json()["code"] == "bad_request"
    assert decide(later.department_a1, found, "dismiss").status_code == 200
    assert plan(later.department_a1).json()["code"] == "conflict"
    assert decide(later.department_a1, found).status_code == 200
    assert plan(later.department_a1).status_code == 201


def test_everybody_sees_and_decides_what_is_theirs(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY})
    enter(later, "N2", {"Y1": RECTIFY}, authority_id="A2", enterprise_id="E3", street_id="S2")
    names = ("department_a1", "department_a2", "office_s1", "office_s2")
    seen = {n: [p["enterprise_id"] for p in listed(getattr(later, n))] for n in names}
    assert seen == {"department_a1": ["E1"], "department_a2": ["E3"], "office_s1": ["E1"], "office_s2": ["E3"]}
    assert len(listed(later.supervisor)) == len(listed(later.planner)) == 2
    (found,) = listed(later.department_a1)
    assert decide(later.department_a2, found).json()["code"] == "not_found"
    assert decide(later.office_s1, found).json()["code"] == "forbidden"
    assert decide(later.supervisor, found).json()["code"] == "not_yours"
    assert plan(later.department_a2, authority_id="A1").json()["code"] == "not_yours"
    for client in (later.enterprise_e1, later.officer_p1, later.invited):
        assert client.get("/proposals", params={"horizon_id": NEXT}).json()["code"] == "forbidden"
    answer = later.department_a1.get("/proposals", params={"horizon_id": NEXT, "authority_id": "A2"})
    assert answer.json()["code"] == "not_yours"


def test_a_lead_is_proposed_as_a_case_until_it_is_closed(later: Service) -> None:
    lead = {"enterprise_id": "E1", "authority_id": "A1", "source": "12345", "received": "2026-11-30", "text": "x"}
    lead_id = later.office_s1.post("/leads", json=lead).json()["lead_id"]
    (found,) = listed(later.department_a1, HORIZON, kind="case")
    assert (found["item"]["trigger"], found["item"]["cap_exempt"], found["item"]["latest"]) == (
        "case",
        True,
        "2026-12-15",
    )
    later.office_s1.post(f"/leads/{lead_id}/closure", json={"reason": "x"})
    assert listed(later.department_a1, HORIZON, kind="case") == []


def _approve(service: Service, rows: list[dict[str, Any]]) -> None:
    sent = service.submit(service.administrator, rows, authority_id="A1")
    answer = service.administrator.post(f"/plans/{sent['plan']['plan_id']}/approval", json={"approval_no": "1"})
    assert answer.status_code == 200


def test_what_was_left_is_proposed_for_the_next_horizon_and_not_for_its_own(later: Service) -> None:
    _approve(later, [item(f"X{n}", item_code=f"A1-0{n}") for n in (1, 2, 3)])
    enter(later, "N1", {"X1": "not_done", "X2": "nothing_found"})
    enter(later, "N2", {"X3": None}, state="turned_away", date="2026-10-21")
    found = listed(later.department_a1, kind="return")
    assert {p["evidence"]["item_id"]: p["evidence"]["why"] for p in found} == {"X1": "not_done", "X3": "turned_away"}
    assert listed(later.department_a1, HORIZON, kind="return") == []
    enter(later, "N3", {"X1": "nothing_found"}, date="2026-11-20")
    assert [p["evidence"]["item_id"] for p in listed(later.department_a1, kind="return")] == ["X3"]
    row = item("own", item_code="A1-03", earliest="2027-01-04", latest="2027-03-30")
    later.submit(later.department_a1, [row], horizon_id=NEXT)
    assert listed(later.department_a1, kind="return") == [], "the department has planned it by itself"


def _class_of(service: Service) -> str:
    return str(service.supervisor.get("/enterprises/E1").json()["credit_class"])


def _two_cases(service: Service) -> None:
    for number in (1, 2):
        enter(service, f"N{number}", {f"X{number}": {"result": "case_filed", "case_no": "1"}})


def test_a_class_changes_once_a_person_confirms_it_and_changes_back_when_that_is_dismissed(later: Service) -> None:
    _two_cases(later)
    (found,) = listed(later.supervisor, kind="risk")
    assert (found["old"], found["new"], _class_of(later)) == ("B", "C", "B")
    assert decide(later.department_a1, found).json()["code"] == "not_yours"
    assert decide(later.supervisor, found).status_code == 200
    assert _class_of(later) == "C"
    (entry,) = later.audit_log(action="enterprises.reclass")
    assert entry["after"]["evidence"]["findings"] == ["N1/X1", "N2/X2"]
    (again,) = listed(later.supervisor, kind="risk")
    assert again["state"] == "taken", "the same findings do not change it twice"
    assert decide(later.supervisor, found).status_code == 200
    assert _class_of(later) == "C"
    assert decide(later.supervisor, found, "dismiss").status_code == 200
    assert _class_of(later) == "B"


def test_a_class_that_somebody_else_changed_since_is_not_overwritten(later: Service) -> None:
    _two_cases(later)
    (found,) = listed(later.supervisor, kind="risk")
    decide(later.supervisor, found)
    row = later.administrator.get("/enterprises/E1").json()
    assert later.administrator.put("/enterprises/E1", json={**row, "credit_class": "D"}).status_code == 200
    assert decide(later.supervisor, found, "dismiss").json()["code"] == "conflict"
    assert _class_of(later) == "D"


def test_an_enterprise_that_let_nobody_in_without_a_code_is_not_the_worse_for_it(later: Service) -> None:
    for number in range(5):
        enter(later, f"N{number}", {f"X{number}": None}, state="turned_away", scan_status="missing")
    assert listed(later.supervisor) == []


def test_measured_minutes_and_priorities_are_applied_to_a_table_where_they_were_taken(later: Service) -> None:
    _approve(later, [item(f"X{n}", f"E{n % 2 + 1}", item_code="A1-01") for n in range(12)])
    for n in range(12):
        enter(later, f"N{n}", {f"X{n}": "nothing_found"}, left_at=f"2026-10-20T02:{20 + n % 3}:00.000000Z")
    enter(later, "NC", {"X99": {"result": "case_filed", "case_no": "1"}}, left_at=None)
    found = {p["kind"]: p for p in listed(later.department_a1)}
    assert set(found) == {"duration", "priority"}
    assert (found["duration"]["old"], found["duration"]["evidence"]["n"]) == (30, 12)
    assert listed(later.office_s1, kind="duration") == []
    rows = [
        item("Z1", item_code="A1-01", earliest="2027-01-04", latest="2027-03-30"),
        item("Z2", "E2", item_code="A1-02", earliest="2027-01-04", latest="2027-03-30"),
    ]
    body = {"horizon_id": NEXT, "items": rows}
    before = later.department_a1.post("/proposals/apply", json=body).json()
    assert before["changes"] == []
    for p in found.values():
        assert decide(later.department_a1, p).status_code == 200
    answer = later.department_a1.post("/proposals/apply", json=body).json()
    new = found["duration"]["new"]
    assert 55 <= new <= 75
    assert {(c["item_id"], c["column"], c["new"]) for c in answer["changes"]} == {
        ("Z1", "duration_min", new),
        ("Z1", "priority", "high"),
    }
    assert [r["duration_min"] for r in answer["items"]] == [new, 30]
    later.submit(later.department_a1, answer["items"], horizon_id=NEXT)
    text = "item_id,authority_id,enterprise_id,duration_min,earliest,latest,priority,item_code\n"
    text += "Z3,A1,E1,30,2027-01-04,2027-03-30,normal,A1-01\n"
    place = f"/proposals/apply?horizon_id={NEXT}"
    answer = later.department_a1.post(place, content=text.encode(), headers={"Content-Type": "text/csv"})
    assert len(answer.json()["changes"]) == 2


def test_a_table_with_faults_is_not_corrected_and_all_faults_are_told(later: Service) -> None:
    rows = [item("Z1", "E99", earliest="2027-01-04", latest="2027-03-30"), {**item("Z2"), "duration_min": 0}]
    answer = later.department_a1.post("/proposals/apply", json={"horizon_id": NEXT, "items": rows})
    assert answer.status_code == 422
    assert {p["row"] for p in answer.json()["problems"]} == {1, 2}


def test_rules_are_data_with_versions_and_what_they_rest_on(later: Service) -> None:
    enter(later, "N1", {"X1": RECTIFY})
    rules = {r["rule_id"]: r for r in later.department_a1.get("/feedback-rules").json()["items"]}
    rule = rules["follow_up"]
    assert (rule["version"], rule["days"], rule["assumed"]) == (1, 10, True)
    changed = later.supervisor.put("/feedback-rules/follow_up", json={**rule, "days": 3})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert listed(later.department_a1)[0]["item"]["latest"] == "2027-01-14"
    late = later.supervisor.put("/feedback-rules/follow_up", json={**rule, "days": 5})
    assert late.json()["code"] == "precondition_failed"
    missing = {k: v for k, v in rule.items() if k not in ("rule_id", "version")} | {"days": None}
    assert later.supervisor.put("/feedback-rules/follow_up", json=missing).json()["code"] == "bad_request"
    assert later.department_a1.put("/feedback-rules/follow_up", json=rule).json()["code"] == "forbidden"
    off = {**changed.json(), "active": False}
    assert later.administrator.put("/feedback-rules/follow_up", json=off).status_code == 200
    assert listed(later.department_a1) == []


def test_pages_of_proposals_hold_every_one_once(later: Service) -> None:
    enter(later, "N1", {f"X{n}": RECTIFY for n in range(7)})
    first = later.department_a1.get("/proposals", params={"horizon_id": NEXT, "limit": 3}).json()
    assert len(first["items"]) == 3
    found = [p["proposal_id"] for p in listed(later.department_a1, limit=3)]
    assert len(set(found)) == len(found) == 7
    bad = later.department_a1.get("/proposals", params={"horizon_id": NEXT, "cursor": "x"})
    assert bad.json()["code"] == "invalid_cursor"


def test_an_entry_off_plan_counts_against_caps_once_however_often_its_results_are_told(later: Service) -> None:
    enter(later, "N1", {"X1": "nothing_found"}, path="off_plan", horizon_id=None)
    row = {"enterprise_id": "E1", "authority_id": "A1", "date": "2026-10-20", "visit_id": "N1", "trigger": "routine"}
    with later.store.writing("system") as work:
        work.connection.execute(insert(history).values(**row, cap_exempt=False))
    within = select(history.c.enterprise_id).where(history.c.enterprise_id == "E1")
    with later.store.reading() as connection:
        past = past_of(connection, NEXT, within)
    assert list(zip(past["authority_id"], past["date"], strict=True)).count(("A1", "2026-10-20")) == 1
