"""Who sees warnings, what becomes of them, their rules, the stream, several servers, backups."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

from sqlalchemy import func, select

from api.operations.backup import backup, restore
from api.store.database import open_engine
from api.store.warning_tables import missed_scans, warning_steps, warnings
from api.store.work import Store
from api.supervision.warnings.sweeping import sweep
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.databases import Databases
from tests.api.service.watching import (
    EN,
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
    two_missing,
    visit,
)
from tests.api.service.world import HORIZON, Clock, Service

# --- who sees and does what -----------------------------------------------------------------------------------------


def test_departments_see_what_they_answer_for_and_offices_what_lies_in_their_streets(service: Service) -> None:
    wid = repeat_at_e1(service)["warning_id"]
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
    repeat_at_e1(service)
    shown = [r["record"] and r["record"]["authority_id"] for r in one_of(service.department_a2)["resolved"]]
    assert shown == [None, "A2"]


def test_filters_find_what_they_name(service: Service) -> None:
    repeat_at_e1(service)
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
    wid = repeat_at_e1(service)["warning_id"]
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
    wid = repeat_at_e1(service)["warning_id"]
    _step(service, wid, "uphold")
    _step(service, wid, "correction", due="2026-11-05")
    enter(service, "E3", "A2", "2026-10-21")  # the history of E3 has A2 of 2026-08-27
    other = next(w["warning_id"] for w in listed(service.supervisor, kind="repeat", enterprise_id="E3"))
    upheld = _step(service, other, "uphold").json()
    assert upheld["suggestion"] == {"step": "talk", "because_of": [wid]}


def test_a_step_with_an_older_version_is_refused(service: Service) -> None:
    wid = repeat_at_e1(service)["warning_id"]
    url, body = f"/warnings/{wid}/steps", {"action": "acknowledge", "text": "x"}
    assert service.supervisor.post(url, json=body, headers={"If-Match": '"2"'}).status_code == 412
    answer = service.supervisor.post(url, json=body, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')


def test_what_people_have_decided_is_not_changed_by_what_comes_later(service: Service) -> None:
    two_missing(service)
    sweep_on(service, "2026-10-14")
    _step(service, one_of(service.supervisor)["warning_id"], "uphold")
    enter(service, "E2", "A1", "2026-10-12", horizon_id=HORIZON, visit_id="V1", scan_status="backfilled", reason="断网")
    assert kinds(service.supervisor) == [("unscanned", "upheld")]


def test_missing_scans_whose_explanation_was_accepted_count_no_longer(service: Service) -> None:
    two_missing(service)
    sweep_on(service, "2026-10-14")
    _step(service, one_of(service.supervisor)["warning_id"], "close")
    publish(service.store, visit("V3", "E5", "2026-10-15", A1=["X3"]))
    sweep_on(service, "2026-10-16")
    assert kinds(service.supervisor) == [("unscanned", "closed")]
    publish(service.store, visit("V4", "E6", "2026-10-19", A1=["X4"]))
    sweep_on(service, "2026-10-20")
    assert kinds(service.supervisor, state="open", kind="unscanned") == [("unscanned", "open")]


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_rule_that_is_narrowed_later_takes_no_warning_away(service: Service) -> None:
    repeat_at_e1(service)
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
    wid = repeat_at_e1(service)["warning_id"]
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
    found = one_of(service.supervisor, kind="repeat")
    assert found["authority_ids"] == ["A1", "A2"]
    assert len(found["evidence"]) == 9
    assert [s["action"] for s in found["steps"]].count("raised") == 1


def test_two_servers_that_sweep_at_once_find_every_missing_scan_once(service: Service) -> None:
    two_missing(service)
    set_day(service, "2026-10-25")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: sweep(service.store), range(4)))
    with service.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(missed_scans)) == 2
        raised = select(func.count()).where(warning_steps.c.action == "raised")
        assert connection.scalar(raised) == connection.scalar(select(func.count()).select_from(warnings))


def test_warnings_come_through_a_backup(service: Service, databases: Databases, tmp_path: Path) -> None:
    two_missing(service)
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
