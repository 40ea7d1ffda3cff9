"""Warnings as they happen: raised once with the event, explained by what comes later, seen by whom."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from api.runs.dispatcher import Dispatcher
from api.store.schema import plan_items, plans
from api.supervision.warnings.complaints import raise_for_complaints
from api.supervision.warnings.raising import raise_for
from tests.api.service.watching import (
    amend,
    enter,
    entry_row,
    kinds,
    listed,
    one_of,
    publish,
    put,
    repeat_at_e1,
    set_day,
    sweep_on,
    tell,
    two_missing,
    visit,
)
from tests.api.service.world import HORIZON, Service

# --- raised with the event ------------------------------------------------------------------------------------------


def test_a_second_entry_within_sixty_days_is_warned_of_in_its_own_transaction(service: Service) -> None:
    found = repeat_at_e1(service)
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
    repeat_at_e1(service)
    for _ in range(2):
        with service.store.writing("officer_p1") as work:
            raise_for(work, "E1")
    full = one_of(service.supervisor, kind="repeat")
    assert [s["action"] for s in full["steps"]] == ["raised"]


def test_the_second_authority_of_a_joint_visit_is_added_to_the_warning_of_the_first(service: Service) -> None:
    set_day(service, "2026-10-22")
    enter(service, "E1", "A3", "2026-10-08")
    for authority_id in ("A1", "A2"):
        enter(service, "E1", authority_id, "2026-10-22", horizon_id=HORIZON, visit_id="V1")
    found = one_of(service.supervisor, kind="repeat")
    assert found["authority_ids"] == ["A1", "A2"]
    assert len(found["evidence"]) == 3
    assert [s["action"] for s in found["steps"]] == ["raised", "amended"]


def test_three_repeats_in_a_district_are_warned_of_as_well(service: Service) -> None:
    set_day(service, "2026-10-20")
    for enterprise_id in ("E1", "E2", "E4"):
        for date in ("2026-10-08", "2026-10-19"):
            enter(service, enterprise_id, "A3", date)
    assert one_of(service.supervisor, kind="repeat_district")["district_id"] == "D1"
    assert len(listed(service.supervisor, kind="repeat", since="2026-10-01")) == 3


def test_the_cap_of_an_authority_is_counted_with_the_history(service: Service) -> None:
    set_day(service, "2026-11-12")
    enter(service, "E1", "A1", "2026-11-12")  # the history has one of 2026-05-11; the cap is two a year
    found = one_of(service.supervisor, kind="cap")
    assert (found["rule_id"], found["authority_ids"]) == ("cap_100", ["A1"])
    assert [r["kind"] for r in found["resolved"]] == ["entry", "record"]
    assert found["resolved"][1]["record"]["date"] == "2026-05-11"


def test_officers_of_entries_at_the_same_time_are_a_crowd(service: Service) -> None:
    set_day(service, "2026-10-09")
    for n, authority_id in enumerate(("A1", "A2", "A3")):
        officers = ";".join(f"Q{n}{k}" for k in range(4))
        enter(service, "E5", authority_id, "2026-10-09", officer_ids=officers, start=f"09:0{n}", visit_id="V")
    assert one_of(service.supervisor, kind="crowd")["facts"]["officers"] == "12"


# --- what time alone causes -----------------------------------------------------------------------------------------


def test_two_visits_without_a_scan_are_warned_of_the_day_after_the_second(service: Service) -> None:
    two_missing(service)
    sweep_on(service, "2026-10-13")
    assert kinds(service.supervisor, kind="unscanned") == []
    sweep_on(service, "2026-10-14")
    found = one_of(service.supervisor, kind="unscanned")
    assert (found["authority_ids"], found["date"]) == (["A1"], "2026-10-13")
    assert [r["record"]["enterprise_id"] for r in found["resolved"]] == ["E2", "E4"]


def test_a_late_back_fill_resolves_the_warning_and_stays_on_record(service: Service) -> None:
    two_missing(service)
    sweep_on(service, "2026-10-19")
    assert kinds(service.supervisor) == [("backfill_due", "open"), ("unscanned", "open")]
    enter(service, "E2", "A1", "2026-10-12", horizon_id=HORIZON, visit_id="V1", scan_status="backfilled", reason="断网")
    assert kinds(service.supervisor) == [("backfill_due", "resolved"), ("unscanned", "resolved")]
    full = one_of(service.supervisor, kind="unscanned")
    assert [s["action"] for s in full["steps"]] == ["raised", "resolved"]
    assert "backfilled" in full["steps"][-1]["text"]


def test_a_back_fill_is_reminded_of_and_overdue_on_its_days(service: Service) -> None:
    two_missing(service)
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
    two_missing(service)
    tell(service.store, "V2", "done")
    sweep_on(service, "2026-10-14")
    assert kinds(service.supervisor, kind="unscanned") == [("unscanned", "open")]
    tell(service.store, "V1", "no_access")
    sweep_on(service, "2026-10-15")
    assert kinds(service.supervisor, kind="unscanned") == [("unscanned", "resolved")]


def test_an_authority_whose_items_were_all_left_did_not_come(service: Service) -> None:
    two_missing(service)
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
    assert "批1" in one_of(service.supervisor)["steps"][-1]["text"]


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
    two_missing(service)
    sweep_on(service, "2026-10-25")
    before = listed(service.supervisor)
    assert service.supervisor.post("/warnings/sweep", json={}).json()["days"] == 0
    answer = service.administrator.post("/warnings/sweep", json={"full": True})
    assert answer.json()["days"] == 17
    assert listed(service.supervisor) == before


def test_the_dispatcher_of_a_server_sweeps_by_itself(service: Service) -> None:
    two_missing(service)
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
    found = one_of(service.department_a1)
    assert (found["kind"], found["facts"]["count"], found["evidence"]) == ("complaints", "3", [])
    assert found["enterprise_id"] is None
    assert "E1" not in json.dumps(found)
    assert listed(service.department_a2) == []
