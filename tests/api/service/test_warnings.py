"""Warnings as they happen: raised once with the event, explained by what comes later, seen by whom."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from api.operations.backup import backup, restore
from api.runs.dispatcher import Dispatcher
from api.store.database import open_engine
from api.store.schema import plan_items, plans
from api.store.warning_tables import missed_scans, warning_steps, warnings
from api.store.work import Store
from api.supervision.warnings.complaints import raise_for_complaints
from api.supervision.warnings.raising import raise_for
from api.supervision.warnings.sweeping import sweep
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.databases import Databases
from tests.api.service.watching import (
    amend,
    enter,
    entry_row,
    kinds,
    listed,
    publish,
    put,
    set_day,
    sweep_on,
    tell,
    visit,
)
from tests.api.service.world import HORIZON, Clock, Service

EN = {"Accept-Language": "en"}


def _one(client: Any, **filters: Any) -> dict[str, Any]:
    (found,) = listed(client, **filters)
    full = client.get(f"/warnings/{found['warning_id']}", headers=EN)
    assert full.status_code == 200, full.text
    return dict(full.json())


def _repeat(service: Service) -> dict[str, Any]:
    """Let A2 enter E1 two weeks after A1."""
    set_day(service, "2026-10-08")
    enter(service, "E1", "A1", "2026-10-08", cap_exempt=True)
    set_day(service, "2026-10-22")
    enter(service, "E1", "A2", "2026-10-22", cap_exempt=True)
    return _one(service.supervisor, kind="repeat")


# --- raised with the event ------------------------------------------------------------------------------------------


def test_a_second_entry_within_sixty_days_is_warned_of_in_its_own_transaction(service: Service) -> None:
    found = _repeat(service)
    assert (found["enterprise_id"], found["authority_ids"], found["state"]) == ("E1", ["A2"], "open")
    assert found["sentence"] == (
        "企业1 was entered on 2026-10-08 (市场监管局) and again on 2026-10-22 (应急管理局), "
        "14 day(s) later, fewer than 60."
    )
    assert [r["record"]["authority_id"] for r in found["resolved"]] == ["A1", "A2"]
    assert [s["action"] for s in found["steps"]] == ["raised"]
    assert service.audit_log(action="warnings.raise")


def test_nothing_is_raised_when_the_transaction_of_the_event_fails(service: Service) -> None:
    set_day(service, "2026-10-09")
    enter(service, "E1", "A1", "2026-10-08")
    twice = entry_row("E1", "A2", "2026-10-09")
    with pytest.raises(IntegrityError):
        _enter_twice(service, twice)
    assert kinds(service.supervisor, kind="repeat") == []
    with service.store.writing("officer_p1") as work:
        put(work, twice)
    assert kinds(service.supervisor, kind="repeat") == [("repeat", "open")]


def _enter_twice(service: Service, row: dict[str, Any]) -> None:
    with service.store.writing("officer_p1") as work:
        put(work, row)
        put(work, row)


def test_the_same_event_twice_raises_nothing_more(service: Service) -> None:
    _repeat(service)
    for _ in range(2):
        with service.store.writing("officer_p1") as work:
            raise_for(work, "E1")
    full = _one(service.supervisor, kind="repeat")
    assert [s["action"] for s in full["steps"]] == ["raised"]


def test_the_second_authority_of_a_joint_visit_is_added_to_the_warning_of_the_first(service: Service) -> None:
    set_day(service, "2026-10-22")
    enter(service, "E1", "A3", "2026-10-08")
    for authority_id in ("A1", "A2"):
        enter(service, "E1", authority_id, "2026-10-22", horizon_id=HORIZON, visit_id="V1")
    found = _one(service.supervisor, kind="repeat")
    assert found["authority_ids"] == ["A1", "A2"]
    assert len(found["evidence"]) == 3
    assert [s["action"] for s in found["steps"]] == ["raised", "amended"]


def test_three_repeats_in_a_district_are_warned_of_as_well(service: Service) -> None:
    set_day(service, "2026-10-20")
    for enterprise_id in ("E1", "E2", "E4"):
        for date in ("2026-10-08", "2026-10-19"):
            enter(service, enterprise_id, "A3", date)
    assert _one(service.supervisor, kind="repeat_district")["district_id"] == "D1"
    assert len(listed(service.supervisor, kind="repeat", since="2026-10-01")) == 3


def test_the_cap_of_an_authority_is_counted_with_the_history(service: Service) -> None:
    set_day(service, "2026-11-12")
    enter(service, "E1", "A1", "2026-11-12")  # the history has one of 2026-05-11; the cap is two a year
    found = _one(service.supervisor, kind="cap")
    assert (found["rule_id"], found["authority_ids"]) == ("cap_100", ["A1"])
    assert [r["kind"] for r in found["resolved"]] == ["entry", "record"]
    assert found["resolved"][1]["record"]["date"] == "2026-05-11"


def test_officers_of_entries_at_the_same_time_are_a_crowd(service: Service) -> None:
    set_day(service, "2026-10-09")
    for n, authority_id in enumerate(("A1", "A2", "A3")):
        officers = ";".join(f"Q{n}{k}" for k in range(4))
        enter(service, "E5", authority_id, "2026-10-09", officer_ids=officers, start=f"09:0{n}", visit_id="V")
    assert _one(service.supervisor, kind="crowd")["facts"]["officers"] == "12"


# --- what time alone causes -----------------------------------------------------------------------------------------


def _two_missing(service: Service) -> None:
    """Let A1 scan at E1 once, and not at two visits after that."""
    set_day(service, "2026-10-08")
    enter(service, "E1", "A1", "2026-10-08", trigger="case", cap_exempt=True)
    publish(
        service.store, visit("V1", "E2", "2026-10-12", A1=["X1"], A2=["Y1"]), visit("V2", "E4", "2026-10-13", A1=["X2"])
    )
    set_day(service, "2026-10-12")
    enter(service, "E2", "A2", "2026-10-12", horizon_id=HORIZON, visit_id="V1")


def test_two_visits_without_a_scan_are_warned_of_the_day_after_the_second(service: Service) -> None:
    _two_missing(service)
    sweep_on(service, "2026-10-13")
    assert kinds(service.supervisor, kind="unscanned") == []
    sweep_on(service, "2026-10-14")
    found = _one(service.supervisor, kind="unscanned")
    assert (found["authority_ids"], found["date"]) == (["A1"], "2026-10-13")
    assert [r["record"]["enterprise_id"] for r in found["resolved"]] == ["E2", "E4"]


def test_a_late_back_fill_resolves_the_warning_and_stays_on_record(service: Service) -> None:
    _two_missing(service)
    sweep_on(service, "2026-10-19")
    assert kinds(service.supervisor) == [("backfill_due", "open"), ("unscanned", "open")]
    enter(service, "E2", "A1", "2026-10-12", horizon_id=HORIZON, visit_id="V1", scan_status="backfilled", reason="断网")
    assert kinds(service.supervisor) == [("backfill_due", "resolved"), ("unscanned", "resolved")]
    full = _one(service.supervisor, kind="unscanned")
    assert [s["action"] for s in full["steps"]] == ["raised", "resolved"]
    assert "backfilled" in full["steps"][-1]["text"]


def test_a_back_fill_is_reminded_of_and_overdue_on_its_days(service: Service) -> None:
    _two_missing(service)
    said = {}
    for date in ("2026-10-18", "2026-10-19", "2026-10-22", "2026-10-23"):
        sweep_on(service, date)
        said[date] = kinds(service.supervisor, enterprise_id="E2")
    due, overdue = ("backfill_due", "open"), ("backfill_overdue", "open")
    assert list(said.values()) == [[], [due], [due], [due, overdue]]


def test_nobody_scans_before_the_first_entry_on_record(service: Service) -> None:
    publish(service.store, visit("V1", "E2", "2026-10-12", A1=["X1"]), visit("V2", "E4", "2026-10-13", A1=["X2"]))
    sweep_on(service, "2026-10-30")
    enter(service, "E1", "A2", "2026-10-30")
    sweep_on(service, "2026-10-31")
    assert kinds(service.supervisor, kind="unscanned") == []


def test_a_door_that_the_office_tells_closed_is_no_missing_scan_and_one_told_done_is(service: Service) -> None:
    _two_missing(service)
    tell(service.store, "V2", "done")
    sweep_on(service, "2026-10-14")
    assert kinds(service.supervisor, kind="unscanned") == [("unscanned", "open")]
    tell(service.store, "V1", "no_access")
    sweep_on(service, "2026-10-15")
    assert kinds(service.supervisor, kind="unscanned") == [("unscanned", "resolved")]


def test_an_authority_whose_items_were_all_left_did_not_come(service: Service) -> None:
    _two_missing(service)
    tell(service.store, "V1", "done", left_items="X1")
    sweep_on(service, "2026-10-14")
    assert kinds(service.supervisor, kind="unscanned") == []


def test_papers_that_do_not_come_are_warned_of_and_late_ones_resolve_it(service: Service) -> None:
    set_day(service, "2026-10-08")
    entry_id = enter(service, "E5", "A1", "2026-10-08", path="emergency", papers_due="2026-10-10")
    sweep_on(service, "2026-10-10")
    assert kinds(service.supervisor) == []
    sweep_on(service, "2026-10-11")
    assert kinds(service.supervisor) == [("off_plan", "open")]
    amend(service, entry_id, approval_no="批1")
    assert kinds(service.supervisor) == [("off_plan", "resolved")]
    assert "批1" in _one(service.supervisor)["steps"][-1]["text"]


def test_a_campaign_that_is_not_published_within_thirty_days_is_warned_of_until_it_is(service: Service) -> None:
    set_day(service, "2026-09-01")
    with service.store.writing("x") as work:
        of = {"plan_id": "L0", "horizon_id": HORIZON, "authority_id": "A1"}
        about = {"code": "c", "revision": 1, "state": "approved", "num_items": 1, "digest": "0", "submitted_by": "x"}
        work.connection.execute(insert(plans).values(**of, **about, submitted_at=work.at, approved_at=work.at))
        span = {"earliest": "2026-10-08", "latest": "2026-12-01", "duration_min": 30, "priority": "normal"}
        row = {**of, **span, "row": 1, "live": True, "item_id": "Z1", "enterprise_id": "E1", "trigger": "campaign"}
        work.connection.execute(insert(plan_items).values(**row))
    sweep_on(service, "2026-10-01")
    assert kinds(service.supervisor) == []
    sweep_on(service, "2026-10-02")
    assert kinds(service.department_a1) == [("unpublished", "open")]
    publish(service.store, visit("V1", "E1", "2026-11-12", A1=["Z1"]), with_plans=False)
    sweep_on(service, "2026-10-03")
    assert kinds(service.supervisor) == [("unpublished", "resolved")]


def test_sweeping_again_raises_nothing_more(service: Service) -> None:
    _two_missing(service)
    sweep_on(service, "2026-10-25")
    before = listed(service.supervisor)
    assert service.supervisor.post("/warnings/sweep", json={}).json()["days"] == 0
    answer = service.administrator.post("/warnings/sweep", json={"full": True})
    assert answer.json()["days"] == 17
    assert listed(service.supervisor) == before


def test_the_dispatcher_of_a_server_sweeps_by_itself(service: Service) -> None:
    _two_missing(service)
    set_day(service, "2026-10-14")
    dispatcher = Dispatcher(service.app.state.services.settings, service.store)
    dispatcher.start()
    try:
        asked = (kinds(service.supervisor, kind="unscanned") for _ in range(2000))
        assert next(found for found in asked if found) == [("unscanned", "open")]
    finally:
        dispatcher.stop()


# --- complaints -----------------------------------------------------------------------------------------------------


def test_complaints_in_a_cluster_are_warned_of_once_and_by_counts_only(service: Service) -> None:
    set_day(service, "2026-10-10")
    for enterprise_id in ("E1", "E3", "E5", "E6"):
        enter(service, enterprise_id, "A2", "2026-10-08", trigger="case", cap_exempt=True)
    filed = {
        "authority_id": "A1",
        "street_id": "S1",
        "kind": "arbitrary",
        "filed_on": "2026-10-10",
        "enterprise_id": "E1",
    }
    for number in range(1, 6):
        with service.store.writing("system") as work:
            raise_for_complaints(work, [filed] * number)
    found = _one(service.department_a1)
    assert (found["kind"], found["facts"]["count"], found["evidence"]) == ("complaints", "3", [])
    assert found["enterprise_id"] is None
    assert "E1" not in json.dumps(found)
    assert listed(service.department_a2) == []


# --- who sees and does what -----------------------------------------------------------------------------------------


def test_departments_see_what_they_answer_for_and_offices_what_lies_in_their_streets(service: Service) -> None:
    wid = _repeat(service)["warning_id"]
    seeing = {
        "department_a2": 1,
        "department_a1": 0,
        "office_s1": 1,
        "office_s2": 0,
        "supervisor": 1,
        "administrator": 1,
    }
    for name, number in seeing.items():
        client = getattr(service, name)
        assert len(listed(client)) == number, name
        assert client.get(f"/warnings/{wid}").status_code == (200 if number else 404), name
    for name in ("enterprise_e1", "officer_p1", "invited", "planner"):
        assert getattr(service, name).get("/warnings").status_code == 403, name


def test_a_department_is_not_shown_the_record_of_another(service: Service) -> None:
    _repeat(service)
    shown = [r["record"] and r["record"]["authority_id"] for r in _one(service.department_a2)["resolved"]]
    assert shown == [None, "A2"]


def test_filters_find_what_they_name(service: Service) -> None:
    _repeat(service)
    for good in (
        {"kind": "repeat"},
        {"authority_id": "A2"},
        {"street_id": "S1"},
        {"since": "2026-10-22"},
        {"state": "open"},
    ):
        assert len(listed(service.supervisor, **good)) == 1, good
    for other in (
        {"kind": "cap"},
        {"authority_id": "A1"},
        {"street_id": "S2"},
        {"since": "2026-10-23"},
        {"state": "closed"},
    ):
        assert listed(service.supervisor, **other) == [], other


def _step(service: Service, wid: str, action: str, **more: Any) -> Any:
    return service.supervisor.post(f"/warnings/{wid}/steps", json={"action": action, "text": "依据", **more})


def test_a_warning_is_explained_upheld_and_led_up_the_ladder_with_every_step_on_record(service: Service) -> None:
    wid = _repeat(service)["warning_id"]
    explain = {"json": {"text": "群众举报，未及登记"}}
    assert service.department_a1.post(f"/warnings/{wid}/explanation", **explain).status_code == 404
    assert service.supervisor.post(f"/warnings/{wid}/explanation", **explain).status_code == 403
    assert (
        service.department_a2.post(f"/warnings/{wid}/steps", json={"action": "close", "text": "x"}).status_code == 403
    )
    assert _step(service, wid, "acknowledge").json()["state"] == "acknowledged"
    assert service.department_a2.post(f"/warnings/{wid}/explanation", **explain).json()["state"] == "explained"
    assert _step(service, wid, "talk").json()["code"] == "wrong_state"
    assert _step(service, wid, "uphold").json()["suggestion"] == {"step": "correction", "because_of": []}
    assert _step(service, wid, "talk").json()["code"] == "step_skipped"
    assert _step(service, wid, "correction").json()["code"] == "bad_request"
    assert _step(service, wid, "correction", due="2026-13-01").json()["code"] == "invalid"
    assert _step(service, wid, "correction", due="2026-11-05").status_code == 200
    assert _step(service, wid, "report", reason="情节严重").json()["state"] == "report"
    closed = _step(service, wid, "close").json()
    assert (closed["state"], closed["verdict"]) == ("closed", "upheld")
    assert [s["action"] for s in closed["steps"]] == [
        "raised", "acknowledge", "explain", "uphold", "correction", "report", "close",
    ]  # fmt: skip
    assert {s["by"] for s in closed["steps"]} == {"system", "supervisor", "department_a2"}
    assert len(service.audit_log(object=f"warnings/{wid}")) == 7


def test_a_body_upheld_before_in_the_year_is_suggested_the_next_rung(service: Service) -> None:
    wid = _repeat(service)["warning_id"]
    _step(service, wid, "uphold")
    _step(service, wid, "correction", due="2026-11-05")
    enter(service, "E3", "A2", "2026-10-21")  # the history of E3 has A2 of 2026-08-27
    other = next(w["warning_id"] for w in listed(service.supervisor, kind="repeat", enterprise_id="E3"))
    upheld = _step(service, other, "uphold").json()
    assert upheld["suggestion"] == {"step": "talk", "because_of": [wid]}


def test_a_step_with_an_older_version_is_refused(service: Service) -> None:
    wid = _repeat(service)["warning_id"]
    url, body = f"/warnings/{wid}/steps", {"action": "acknowledge", "text": "x"}
    assert service.supervisor.post(url, json=body, headers={"If-Match": '"2"'}).status_code == 412
    answer = service.supervisor.post(url, json=body, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


def test_what_people_have_decided_is_not_changed_by_what_comes_later(service: Service) -> None:
    _two_missing(service)
    sweep_on(service, "2026-10-14")
    _step(service, _one(service.supervisor)["warning_id"], "uphold")
    enter(service, "E2", "A1", "2026-10-12", horizon_id=HORIZON, visit_id="V1", scan_status="backfilled", reason="断网")
    assert kinds(service.supervisor) == [("unscanned", "upheld")]


def test_missing_scans_whose_explanation_was_accepted_count_no_longer(service: Service) -> None:
    _two_missing(service)
    sweep_on(service, "2026-10-14")
    _step(service, _one(service.supervisor)["warning_id"], "close")
    publish(service.store, visit("V3", "E5", "2026-10-15", A1=["X3"]))
    sweep_on(service, "2026-10-16")
    assert kinds(service.supervisor) == [("unscanned", "closed")]
    publish(service.store, visit("V4", "E6", "2026-10-19", A1=["X4"]))
    sweep_on(service, "2026-10-20")
    assert kinds(service.supervisor, state="open", kind="unscanned") == [("unscanned", "open")]


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_rule_that_is_narrowed_later_takes_no_warning_away(service: Service) -> None:
    _repeat(service)
    rule = {"kind": "repeat", "days": 10, "exempt_triggers": ["case", "follow_up"]}
    answer = service.supervisor.put("/warning-rules/repeat_60", json=rule, headers={"If-Match": '"0"'})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    enter(service, "E1", "A1", "2026-11-12", cap_exempt=True)  # 21 days later: no longer a repeat
    assert [(w["date"], w["state"]) for w in listed(service.supervisor, kind="repeat")] == [("2026-10-22", "open")]


def test_a_rule_that_is_switched_off_warns_no_more_and_one_of_ones_own_does(service: Service) -> None:
    off = {"kind": "repeat", "days": 60, "active": False}
    assert service.supervisor.put("/warning-rules/repeat_60", json=off).status_code == 200
    own = {"kind": "repeat", "days": 5, "severity": "grave"}
    assert service.supervisor.put("/warning-rules/again_5", json=own).status_code == 201
    set_day(service, "2026-10-22")
    for date in ("2026-10-08", "2026-10-20", "2026-10-22"):
        enter(service, "E6", "A1", date, cap_exempt=True)
    (found,) = listed(service.supervisor)
    assert (found["rule_id"], found["date"], found["severity"]) == ("again_5", "2026-10-22", "grave")


def test_a_rule_without_its_threshold_or_of_another_kind_is_refused(service: Service) -> None:
    put_rule = service.supervisor.put
    assert put_rule("/warning-rules/repeat_60", json={"kind": "repeat"}).json()["code"] == "bad_request"
    assert put_rule("/warning-rules/repeat_60", json={"kind": "crowd", "officers": 3}).json()["code"] == "conflict"
    stale = put_rule("/warning-rules/repeat_60", json={"kind": "repeat", "days": 9}, headers={"If-Match": '"4"'})
    assert stale.status_code == 412


# --- the stream, several servers, backups ---------------------------------------------------------------------------


def _events(text: str) -> list[tuple[str, dict[str, Any]]]:
    blocks = [dict(line.split(": ", 1) for line in b.splitlines() if ": " in line) for b in text.split("\r\n\r\n") if b]
    return [(b["event"], json.loads(b["data"])) for b in blocks if "event" in b]


@ON_ONE_DATABASE
def test_the_stream_tells_what_follows_after_a_position_to_those_who_see_it(service: Service) -> None:
    start = service.supervisor.get("/warnings/events")
    assert start.headers["content-type"].startswith("text/event-stream")
    assert [kind for kind, _ in _events(start.text)] == ["position"]
    wid = _repeat(service)["warning_id"]
    ((kind, step),) = _events(service.supervisor.get("/warnings/events?after=0", headers=EN).text)
    assert (kind, step["action"], step["warning"]["warning_id"]) == ("step", "raised", wid)
    assert _events(service.department_a1.get("/warnings/events?after=0").text) == []
    again = service.supervisor.get("/warnings/events", headers={"Last-Event-ID": str(step["number"])})
    assert _events(again.text) == []


def test_two_servers_at_once_raise_a_warning_once_and_overlook_nothing(service: Service) -> None:
    set_day(service, "2026-10-22")
    enter(service, "E1", "A3", "2026-10-08")
    rows = [
        entry_row("E1", a, "2026-10-22", horizon_id=HORIZON, visit_id="V1", entry_id=f"M{a}{k}", cap_exempt=True)
        for k in range(4)
        for a in ("A1", "A2")
    ]
    barrier = Barrier(len(rows))

    def scan(row: dict[str, Any]) -> None:
        barrier.wait()
        with service.store.writing("officer_p1") as work:
            put(work, row)

    with ThreadPoolExecutor(len(rows)) as threads:
        list(threads.map(scan, rows))
    found = _one(service.supervisor, kind="repeat")
    assert found["authority_ids"] == ["A1", "A2"]
    assert len(found["evidence"]) == 9
    assert [s["action"] for s in found["steps"]].count("raised") == 1


def test_two_servers_that_sweep_at_once_find_every_missing_scan_once(service: Service) -> None:
    _two_missing(service)
    set_day(service, "2026-10-25")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: sweep(service.store), range(4)))
    with service.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(missed_scans)) == 2
        raised = select(func.count()).where(warning_steps.c.action == "raised")
        assert connection.scalar(raised) == connection.scalar(select(func.count()).select_from(warnings))


def test_warnings_come_through_a_backup(service: Service, databases: Databases, tmp_path: Path) -> None:
    _two_missing(service)
    sweep_on(service, "2026-10-25")
    service.supervisor.put("/warning-rules/again_5", json={"kind": "repeat", "days": 5})
    counts = backup(service.store, tmp_path / "kept.zip")
    assert min(counts[n] for n in ("warnings", "warning_steps", "missed_scans", "warning_rules", "watch_marks")) > 0
    url = databases.create()
    restored = Store(engine=open_engine(url), now=Clock(service.clock.at))
    assert restore(restored, tmp_path / "kept.zip") == counts
    before = listed(service.supervisor)
    sweep(restored, full=True)
    with restored.reading() as connection:
        ids = set(connection.scalars(select(warnings.c.warning_id)))
    assert ids == {w["warning_id"] for w in before}
    restored.engine.dispose()
    databases.drop(url)
