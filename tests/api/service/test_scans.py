"""The door: scans in time, late and made up for, who is let in, results, and what of it reaches the plan."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from api.codes.service import printable
from api.operations.pruning import prune
from api.store.fieldwork_tables import entries, field_events
from api.store.schema import draw_teams, draws, history, outcomes, plans, visit_authorities
from tests.api.service.noticing import plan, put_in_force, set_clock, visit
from tests.api.service.test_codes import _caller as administrator
from tests.api.service.world import HORIZON, Service

ON = "2026-10-20"
_NUMBERS = count(1)


def _event() -> str:
    return f"event-{next(_NUMBERS):06d}"


@pytest.fixture
def street(service: Service) -> Service:
    """A service on the morning of a published visit of A1 (X1, X2) and A2 (Y1) at E1; A1 has two officers."""
    for item_id in ("X1", "X2", "Y1"):
        plan(service.store, item_id)
    _publish(service, 1, [visit(ON, "X1", "X2", "Y1")])
    for number, authority_id in ((11, "A1"), (12, "A2"), (13, "A1")):
        row = {
            "officer_id": f"P{number}",
            "name": f"人员{number}",
            "certificate_no": f"粤B{number}",
            "authority_id": authority_id,
        }
        validity = {"valid_from": "2024-01-01", "valid_to": "2028-12-31"}
        assert service.administrator.post("/officers", json={**row, **validity}).status_code == 201
    service.administrator.post("/codes", json={})
    set_clock(service.store, ON)
    return service


def _publish(service: Service, version: int, found: list[Any], street_id: str = "S1") -> None:
    put_in_force(service.store, version, found, street_id=street_id)
    with service.store.writing("system") as work:
        for v in found:
            for authority_id in v["authority_ids"].split(";"):
                row = {"schedule_id": f"{street_id}-{version}", "authority_id": authority_id, "visit_id": v["visit_id"]}
                work.connection.execute(insert(visit_authorities).values(**row))


def _token(service: Service, enterprise_id: str = "E1") -> str:
    with service.store.reading() as connection:
        (found,) = printable(
            connection, service.app.state.services.settings, administrator(service), enterprise_id, None
        )
    return found.token


def _scan(service: Service, **more: Any) -> Any:
    client = more.pop("client", service.officer_p1)
    body = {"event_id": _event(), "token": _token(service, more.pop("at", "E1")), "officer_ids": ["P11"], **more}
    return client.post("/scans", json=body, headers={"Accept-Language": "en"})


def _in(service: Service, **more: Any) -> str:
    answer = _scan(service, **more)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["entry_id"])


def _leave(service: Service, entry_id: str, client: Any = None) -> Any:
    return (client or service.officer_p1).post(f"/entries/{entry_id}/departure", json={"event_id": _event()})


def _denied(answer: Any) -> list[str]:
    assert (answer.status_code, answer.json()["allowed"]) == (200, False), answer.text
    return [f["code"] for f in answer.json()["faults"]]


def _outcomes(service: Service) -> list[Mapping[str, Any]]:
    names = ("visit_id", "date", "outcome", "minutes", "left_items")
    with service.store.reading() as connection:
        return [dict(r) for r in connection.execute(select(*(outcomes.c[n] for n in names))).mappings()]


def _kinds(service: Service) -> list[str]:
    with service.store.reading() as connection:
        query = select(field_events.c.kind).where(field_events.c.kind.not_like("code%")).order_by(field_events.c.number)
        return list(connection.scalars(query))


# --- entering ---


def test_officers_of_a_published_visit_are_let_in_at_once(street: Service) -> None:
    found = _scan(street).json()
    assert (found["allowed"], found["scan_status"], found["items"]) == (True, "scanned", ["X1", "X2"])
    assert (found["enterprise_id"], found["enterprise"], found["faults"]) == ("E1", "企业1", [])
    entry = street.supervisor.get(f"/entries/{found['entry_id']}").json()
    assert (entry["state"], entry["officer_ids"], entry["path"]) == ("open", ["P1", "P11"], "planned")
    assert _kinds(street) == ["scan_in"]


def test_who_may_not_enter_is_told_why_and_how_and_the_scan_is_on_record(street: Service) -> None:
    alone = _scan(street, officer_ids=[])
    assert _denied(alone) == ["too_few_officers"]
    assert alone.json()["faults"][0]["way"] == "wait for another certified officer"
    assert _denied(_scan(street, officer_ids=["P12"])) == ["too_few_officers", "other_authority"]
    assert _denied(_scan(street, at="E2")) == ["no_visit"]
    assert _denied(_scan(street, items=["Y1"])) == ["not_of_plan"]
    assert _kinds(street) == ["scan_denied"] * 4
    assert street.supervisor.every("/entries") == []


def test_on_a_wrong_date_the_right_one_is_told(street: Service) -> None:
    set_clock(street.store, "2026-10-19")
    answer = _scan(street)
    assert _denied(answer) == ["other_date"]
    assert ON in answer.json()["faults"][0]["why"]


def test_recused_absent_and_uncertified_officers_do_not_enter(street: Service) -> None:
    street.administrator.post("/recusals", json={"officer_id": "P11", "enterprise_id": "E1"})
    assert _denied(_scan(street)) == ["recused"]
    street.administrator.post("/absences", json={"officer_id": "P13", "from": ON, "to": ON})
    assert _denied(_scan(street, officer_ids=["P13"])) == ["absent"]
    row = {"officer_id": "P14", "name": "人员", "certificate_no": "粤B14", "authority_id": "A1"}
    past = {"valid_from": "2020-01-01", "valid_to": "2026-10-19"}
    assert street.administrator.post("/officers", json={**row, **past}).status_code == 201
    assert _denied(_scan(street, officer_ids=["P14"])) == ["certificate"]
    assert _denied(_scan(street, officer_ids=["P99"])) == ["too_few_officers", "unknown_officer"]


def test_only_those_who_were_drawn_enter(street: Service) -> None:
    crew = {"schedule_id": "S1-1", "authority_id": "A1", "street_id": "S1", "date": ON, "shift_id": "AM"}
    v = visit(ON, "X1", "X2", "Y1")["visit_id"]
    from api.store.schema import crew_shifts

    with street.store.writing("system") as work:
        route = {"depart": "08:50", "back": "10:10", "travel_min": 20, "stops": f"{v},08:58,09:00,10:00"}
        work.connection.execute(insert(crew_shifts).values(crew_id="C1", **crew, **route))
        draw = {
            "kind": "officers",
            "purpose": "x",
            "horizon_id": HORIZON,
            "state": "drawn",
            "commitment": "",
            "seed": "",
        }
        at = {"committed_at": work.at, "committed_by": "x", "drawn_at": work.at, "drawn_by": "x"}
        work.connection.execute(insert(draws).values(draw_id="D", schedule_id="S1-1", **draw, **at))
        for who in ("P1", "P13"):
            person = {"officer_id": who, "name": who, "certificate_no": who}
            work.connection.execute(insert(draw_teams).values(draw_id="D", crew_id="C1", **crew, **person))
    assert _denied(_scan(street)) == ["not_drawn"]
    assert [t["officer_ids"] for t in street.officer_p1.get("/tasks").json()["items"]] == [["P1", "P13"]]
    assert _scan(street, officer_ids=["P13"]).status_code == 201


def test_an_item_whose_plan_was_withdrawn_is_not_inspected(street: Service) -> None:
    with street.store.writing("system") as work:
        work.connection.execute(plans.update().where(plans.c.code == "X2").values(state="withdrawn"))
    assert _denied(_scan(street)) == ["not_approved"]
    assert _scan(street, items=["X1"]).json()["items"] == ["X1"]


def test_a_forged_replaced_or_foreign_code_opens_no_door(street: Service) -> None:
    good = _token(street)
    forged = good[:-1] + ("a" if good[-1] != "a" else "b")
    for token in (forged, "", "https://example.com", good[1:]):
        answer = _scan(street, token=token or "x")
        assert (answer.status_code, answer.json()["code"]) == (404, "bad_code")
    street.administrator.post("/codes/E1/rotation", json={"reason": "遗失"})
    answer = _scan(street, token=good)
    assert (answer.status_code, answer.json()["code"]) == (410, "code_ended")
    assert _scan(street, token=f"https://host/c/{_token(street)}").status_code == 201


def test_the_same_scan_sent_again_is_answered_the_same_and_stored_once(street: Service) -> None:
    body = {"event_id": _event(), "token": _token(street), "officer_ids": ["P11"]}
    first = street.officer_p1.post("/scans", json=body)
    again = street.officer_p1.post("/scans", json=body)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = street.officer_p1.post("/scans", json={**body, "officer_ids": ["P13"]})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert _kinds(street) == ["scan_in"]
    assert len(street.supervisor.every("/entries")) == 1


def test_an_officer_who_scans_a_second_time_joins_the_entry_of_the_crew(street: Service) -> None:
    entry_id = _in(street)
    again = _scan(street, officer_ids=["P13"]).json()
    assert (again["entry_id"], again["again"]) == (entry_id, True)
    assert street.supervisor.get(f"/entries/{entry_id}").json()["officer_ids"] == ["P1", "P11", "P13"]
    assert len(street.supervisor.every("/entries")) == 1


def test_after_leaving_a_visit_is_not_entered_again(street: Service) -> None:
    _leave(street, _in(street))
    assert _denied(_scan(street)) == ["has_ended"]


def test_an_emergency_is_entered_first_and_its_papers_follow(street: Service) -> None:
    set_clock(street.store, ON, 2)
    urgent = {"path": "emergency", "items": ["SC-X1"], "at": "E2", "entered_at": f"{ON}T01:00:00Z"}
    assert _scan(street, **urgent).json()["faults"][0]["code"] == "no_reason"
    found = _scan(street, at="E2", path="emergency", items=["SC-X1"], reason="燃气泄漏", officer_ids=["P13"]).json()
    assert found["again"] is True
    entry = street.supervisor.get(f"/entries/{found['entry_id']}").json()
    assert (entry["scan_status"], entry["papers_due"]) == ("late", "2026-10-22")
    assert [f["code"] for f in entry["flags"]] == ["no_reason"]
    papers = {"event_id": _event(), "approval_no": "深应急〔2026〕1号"}
    answer = street.officer_p1.post(f"/entries/{entry['entry_id']}/papers", json=papers)
    assert answer.json() == {"entry_id": entry["entry_id"], "approval_no": "深应急〔2026〕1号", "in_time": True}
    more = {**papers, "event_id": _event()}
    assert street.officer_p1.post(f"/entries/{entry['entry_id']}/papers", json=more).status_code == 409


def test_off_plan_takes_an_approval_and_counts_against_caps(street: Service) -> None:
    off = {"path": "off_plan", "items": ["SC-01"], "at": "E2"}
    assert _denied(_scan(street, **off)) == ["no_approval_no"]
    entry_id = _in(street, **off, approval_no="1号", trigger="campaign")
    _leave(street, entry_id)
    with street.store.reading() as connection:
        (row,) = connection.execute(select(history).where(history.c.visit_id == entry_id)).mappings()
    assert (row["enterprise_id"], row["authority_id"], row["date"]) == ("E2", "A1", ON)
    assert (row["trigger"], row["cap_exempt"]) == ("campaign", False)
    assert _outcomes(street) == []


@pytest.mark.parametrize(("days", "status"), [(0, "backfilled"), (10, "backfilled"), (11, "missing")])
def test_a_scan_is_made_up_for_within_ten_natural_days(street: Service, days: int, status: str) -> None:
    street.clock.at += timedelta(days=days, hours=4)
    told = {"enterprise_id": "E1", "officer_ids": ["P11"], "reason": "现场无网络"}
    times = {"entered_at": f"{ON}T01:00:00Z", "left_at": f"{ON}T02:00:00Z"}
    answer = street.officer_p1.post("/scans/backfill", json={"event_id": _event(), **told, **times})
    assert (answer.status_code, answer.json()["scan_status"]) == (201, status)
    assert [(o["outcome"], o["minutes"]) for o in _outcomes(street)] == [("done", 60)]
    again = street.officer_p1.post("/scans/backfill", json={"event_id": _event(), **told, **times})
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


def test_what_is_wrong_with_a_back_fill_is_flagged_and_nothing_is_lost(street: Service) -> None:
    street.clock.at += timedelta(hours=4)
    told = {
        "enterprise_id": "E2",
        "reason": "现场无网络",
        "entered_at": f"{ON}T01:00:00Z",
        "left_at": f"{ON}T02:00:00Z",
    }
    found = street.officer_p1.post("/scans/backfill", json={"event_id": _event(), **told}).json()
    entry = street.supervisor.get(f"/entries/{found['entry_id']}").json()
    assert [f["code"] for f in entry["flags"]] == ["no_visit", "too_few_officers"]


def test_clocks_that_are_wrong_are_noted_and_ours_counts(street: Service) -> None:
    entry_id = _in(street, happened_at=f"{ON}T05:00:00Z")
    entry = street.supervisor.get(f"/entries/{entry_id}").json()
    assert entry["flags"] == [{"code": "clock_off", "minutes": -240}]
    assert entry["entered_at"] == f"{ON}T01:00:00.000000Z"
    for entered_at in (f"{ON}T05:00:00Z", "2026-10-18T01:00:00Z"):
        answer = _scan(street, at="E2", entered_at=entered_at)
        assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, "entered_at")
    told = {"event_id": _event(), "enterprise_id": "E1", "reason": "x", "entered_at": f"{ON}T02:00:00Z"}
    answer = street.officer_p1.post("/scans/backfill", json={**told, "left_at": f"{ON}T00:00:00Z"})
    assert [p["column"] for p in answer.json()["problems"]] == ["entered_at", "left_at"]


# --- inside and leaving ---


def _tell(service: Service, entry_id: str, *results: Mapping[str, Any], **more: Any) -> Any:
    return service.officer_p1.post(
        f"/entries/{entry_id}/results", json={"event_id": _event(), "results": list(results), **more}
    )


def test_results_are_told_item_by_item_and_every_fault_at_once(street: Service) -> None:
    entry_id = _in(street)
    answer = _tell(
        street,
        entry_id,
        {"item_id": "X1", "result": "rectification"},
        {"item_id": "Y1", "result": "case_filed"},
        {"item_id": "X1", "result": "advice", "leniency": {"list": "no_penalty", "yuan": 500}},
    )
    columns = [p["column"] for p in answer.json()["problems"]]
    assert columns == ["results.0.due", "results.1.item_id", "results.1.case_no", "results.2.item_id"]
    good = [
        {"item_id": "X1", "result": "rectification", "due": "2026-11-20", "note": "标识不全"},
        {"item_id": "X2", "result": "advice", "leniency": {"list": "no_penalty", "code": "M-7", "yuan": 500}},
    ]
    assert _tell(street, entry_id, *good).json()["stored"] == 2
    found = street.department_a1.get(f"/entries/{entry_id}").json()["results"]
    assert [(r["item_id"], r["item_code"], r["result"], r["due"]) for r in found] == [
        ("X1", "SC-X1", "rectification", "2026-11-20"),
        ("X2", "SC-X2", "advice", None),
    ]
    assert (found[1]["leniency_list"], found[1]["leniency_amount"]) == ("no_penalty", 500)


def test_of_two_results_of_an_item_the_one_that_happened_later_stands(street: Service) -> None:
    set_clock(street.store, ON, 3)
    entry_id = _in(street)
    _tell(street, entry_id, {"item_id": "X1", "result": "advice"}, happened_at=f"{ON}T02:30:00Z")
    older = _tell(street, entry_id, {"item_id": "X1", "result": "nothing_found"}, happened_at=f"{ON}T02:00:00Z")
    assert (older.json()["stored"], older.json()["older"]) == (0, 1)
    assert street.officer_p1.get(f"/entries/{entry_id}").json()["results"][0]["result"] == "advice"
    assert _kinds(street) == ["scan_in", "result", "result"]


def test_a_visit_reaches_the_plan_when_the_last_authority_has_left(street: Service) -> None:
    first, second = _in(street), _in(street, client=street.officer_p2, officer_ids=["P12"])
    street.clock.at += timedelta(minutes=50)
    _tell(street, first, {"item_id": "X1", "result": "nothing_found"}, {"item_id": "X2", "result": "not_done"})
    assert _leave(street, first).json()["state"] == "closed"
    assert _outcomes(street) == []
    street.clock.at += timedelta(minutes=10)
    _leave(street, second, street.officer_p2)
    assert [(o["outcome"], o["minutes"], o["left_items"]) for o in _outcomes(street)] == [("done", 60, "X2")]
    assert _leave(street, first).status_code == 409
    _tell(street, first, {"item_id": "X2", "result": "advice"})
    assert [o["left_items"] for o in _outcomes(street)] == [None]


@pytest.mark.parametrize(("told", "outcome"), [("no_access", "no_access"), ("turned_away", "refused")])
def test_who_does_not_get_in_returns_the_items_to_planning(street: Service, told: str, outcome: str) -> None:
    body = {"event_id": _event(), "enterprise_id": "E1", "outcome": told, "reason": "无人应门"}
    answer = street.officer_p1.post("/scans/turned-back", json=body)
    assert answer.status_code == 201, answer.text
    assert [o["outcome"] for o in _outcomes(street)] == [outcome]
    entry_id = answer.json()["entry_id"]
    assert _tell(street, entry_id, {"item_id": "X1", "result": "advice"}).status_code == 409
    nowhere = {**body, "event_id": _event(), "enterprise_id": "E2"}
    assert street.officer_p1.post("/scans/turned-back", json=nowhere).status_code == 404


def test_nobody_touches_or_sees_anothers_entries(street: Service) -> None:
    entry_id = _in(street)
    assert _leave(street, entry_id, street.officer_p2).status_code == 404
    for client in (street.officer_p2, street.department_a2, street.office_s2):
        assert client.get(f"/entries/{entry_id}").status_code == 404
        assert client.every("/entries") == []
        assert client.every("/field-events", entry_id=entry_id) == []
    for client in (street.department_a1, street.office_s1, street.supervisor):
        assert [e["entry_id"] for e in client.every("/entries")] == [entry_id]
    assert street.enterprise_e1.get("/entries").status_code == 403


def test_the_record_says_everything_once_and_keeps_no_answers(street: Service) -> None:
    entry_id = _in(street)
    _leave(street, entry_id)
    rows = street.supervisor.every("/field-events", entry_id=entry_id)
    assert [r["kind"] for r in rows] == ["scan_in", "scan_out"]
    assert all(set(r["data"]).isdisjoint({"answer", "request"}) for r in rows)
    with street.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(entries)) == 1


def test_tasks_are_the_published_visits_of_the_authority(street: Service) -> None:
    (task,) = street.officer_p1.get("/tasks").json()["items"]
    assert (task["enterprise"], task["item_ids"], task["state"]) == ("企业1", ["X1", "X2"], None)
    assert (task["authority_ids"], task["officer_ids"]) == (["A1", "A2"], None)
    _in(street)
    assert street.department_a1.get("/tasks", params={"date": ON}).json()["items"][0]["state"] == "open"
    assert street.officer_p1.get("/tasks", params={"date": "2026-10-21"}).json()["items"] == []


# --- evidence ---

_FILES: Mapping[str, bytes] = {
    "照片.jpg": b"\xff\xd8\xff\xe0 no picture at all",
    "page.html": b"<script>alert(1)</script>",
    "virus.exe": b"MZ\x00\x00" + bytes(range(256)),
    '"; rm -rf \\ 名.txt': "文字".encode(),
    "x" * 200: b"\x00",
}


def _attach(service: Service, entry_id: str, name: str, content: bytes, **more: Any) -> Any:
    asked = {"event_id": _event(), "name": name, **more}
    return service.officer_p1.post(f"/entries/{entry_id}/files", params=asked, content=content)


@pytest.mark.parametrize("name", _FILES, ids=range(len(_FILES)))
def test_a_file_of_any_kind_is_kept_as_it_came_and_never_shown(street: Service, name: str) -> None:
    entry_id, content = _in(street), _FILES[name]
    kept = _attach(street, entry_id, name, content, item_id="X1")
    assert kept.status_code == 201, kept.text
    assert kept.json()["sha256"] == hashlib.sha256(content).hexdigest()
    path = f"/entries/{entry_id}/files/{kept.json()['evidence_id']}"
    answer = street.supervisor.get(path)
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert "\n" not in answer.headers["content-disposition"]
    assert street.department_a2.get(path).status_code == 404
    (found,) = street.department_a1.get(f"/entries/{entry_id}/evidence").json()["items"]
    assert (found["name"], found["item_id"], found["size"]) == (name, "X1", len(content))
    assert "evidence" in _kinds(street)


def test_evidence_that_is_none_is_refused(street: Service) -> None:
    entry_id = _in(street)
    assert _attach(street, entry_id, "a", b"").status_code == 400
    assert _attach(street, entry_id, "a\nb", b"x").status_code == 422
    assert _attach(street, entry_id, "a", b"x", item_id="Y1").status_code == 404
    assert _attach(street, entry_id, "a", b"x" * (9 << 20)).status_code == 413
    for address in ("http://host/a", "javascript:alert(1)", "https://host/a b"):
        body = {"event_id": _event(), "name": "a", "address": address}
        assert street.officer_p1.post(f"/entries/{entry_id}/evidence", json=body).status_code == 422
    assert street.supervisor.get(f"/entries/{entry_id}/evidence").json()["items"] == []


def test_an_address_and_a_file_sent_twice_are_attached_once(street: Service) -> None:
    entry_id = _in(street)
    body = {"event_id": _event(), "name": "录像", "address": "https://evidence.example.gov.cn/1"}
    answers = [street.officer_p1.post(f"/entries/{entry_id}/evidence", json=body).json() for _ in range(2)]
    assert answers[0] == answers[1]
    event_id = _event()
    for _ in range(2):
        assert _attach(street, entry_id, "a", b"x", event_id=event_id).status_code == 201
    assert _attach(street, entry_id, "a", b"y", event_id=event_id).status_code == 422
    assert len(street.supervisor.get(f"/entries/{entry_id}/evidence").json()["items"]) == 2


def test_evidence_outlives_the_pruning_of_files(street: Service) -> None:
    entry_id = _in(street)
    kept = _attach(street, entry_id, "a", b"x").json()
    street.clock.at += timedelta(days=400)
    prune(street.store, 30)
    answer = street.supervisor.get(f"/entries/{entry_id}/files/{kept['evidence_id']}")
    assert (answer.status_code, answer.content) == (200, b"x")
