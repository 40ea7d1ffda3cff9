"""Notices found, told once and shown, on schedules that are published one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import insert, select

from api.notices.sending import carry_out_round
from api.notices.telling import tell
from api.store.fieldwork_tables import field_events
from api.store.metadata import METADATA
from api.store.notices_tables import notices
from api.store.schema import outcomes
from api.store.work import Store
from tests.api.service.client import Client
from tests.api.service.noticing import plan, put_in_force, set_clock, visit
from tests.api.service.world import HORIZON, Service

EN = {"Accept-Language": "en"}


def _round(service: Service) -> dict[str, int]:
    return carry_out_round(service.store, service.app.state.services.settings)


def _steps(client: Client, path: str = "/my/notices") -> list[tuple[str, str, str]]:
    rows = sorted(client.every(path), key=lambda n: (n["created_at"], n["sequence"]))
    return [(n["step"], n["state"], n["date"]) for n in rows]


def _put(service: Service, version: int, *found: Any, from_date: str = "") -> None:
    put_in_force(service.store, version, found, from_date)


def test_an_announced_visit_is_told_three_working_days_before_and_once(service: Service) -> None:
    plan(service.store, "X1")
    _put(service, 1, visit("2026-10-20", "X1"))
    set_clock(service.store, "2026-10-14")
    assert _round(service)["told"] == 0
    set_clock(service.store, "2026-10-15")
    assert _round(service)["told"] == 1
    assert _round(service)["told"] == 0
    (told,) = service.enterprise_e1.get("/my/notices", headers=EN).json()["items"]
    assert told["subject"] == "Notice of inspection: Tuesday, 20 October 2026 AM 09:00–10:00"
    assert "SC-X1" in told["text"]
    assert told["content"]["visits_so_far"] == [
        {"authority_id": None, "period": "year", "used": 1, "most": None},
        {"authority_id": None, "period": "quarter", "used": 0, "most": 2},
        {"authority_id": "A1", "period": "year", "used": 1, "most": 2},
    ]
    zh = service.enterprise_e1.get("/my/notices", headers={"Accept-Language": "zh"}).json()["items"][0]
    assert zh["subject"].startswith("检查预告：2026年10月20日（星期二）")
    assert service.enterprise_e3.every("/my/notices") == []


def test_the_working_days_are_a_setting(make_service: Callable[..., Service]) -> None:
    service = make_service(notice_days=10)
    plan(service.store, "X1")
    _put(service, 1, visit("2026-10-22", "X1"))
    set_clock(service.store, "2026-10-07")
    assert _round(service)["told"] == 0
    set_clock(service.store, "2026-10-08")
    assert _round(service)["told"] == 1


def test_a_change_and_a_withdrawal_are_told_once_at_once_and_put_on_the_record(service: Service) -> None:
    plan(service.store, "X1")
    plan(service.store, "Y1")
    _put(service, 1, visit("2026-10-20", "X1"))
    set_clock(service.store, "2026-10-15")
    _round(service)
    _put(service, 2, visit("2026-11-25", "X1"), from_date="2026-10-16")
    set_clock(service.store, "2026-10-15", 2)
    assert [_round(service)["told"] for _ in range(2)] == [1, 0]
    _put(service, 3, visit("2026-11-25", "X1", "Y1"), from_date="2026-10-16")
    set_clock(service.store, "2026-10-15", 3)
    assert [_round(service)["told"] for _ in range(2)] == [1, 0]
    _put(service, 4, from_date="2026-10-16")
    set_clock(service.store, "2026-10-15", 4)
    assert [_round(service)["told"] for _ in range(2)] == [1, 0]
    assert _steps(service.enterprise_e1) == [
        ("new", "replaced", "2026-10-20"),
        ("changed", "replaced", "2026-11-25"),
        ("changed", "replaced", "2026-11-25"),
        ("withdrawn", "withdrawn", "2026-11-25"),
    ]
    assert [r["date"] for r in service.enterprise_e1.every("/my/notices", state="withdrawn")] == ["2026-11-25"]
    with service.store.reading() as connection:
        kinds = connection.execute(select(field_events.c.kind, field_events.c.visit_id).order_by("number")).all()
    sent, changed, again, withdrawn = kinds
    assert (sent.kind, changed.kind, withdrawn.kind) == ("notice_sent", "notice_changed", "notice_withdrawn")
    assert again.visit_id == withdrawn.visit_id != changed.visit_id == sent.visit_id


def test_a_visit_that_becomes_unannounced_is_withdrawn_in_the_words_of_any_other(service: Service) -> None:
    for enterprise, item_id in (("E1", "X1"), ("E2", "X2")):
        plan(service.store, item_id, enterprise)
    both = (visit("2026-10-20", "X1"), visit("2026-10-20", "X2", enterprise_id="E2"))
    _put(service, 1, *both)
    set_clock(service.store, "2026-10-15")
    assert _round(service)["told"] == 2
    plan(service.store, "X1", notice="unannounced", revision=2)
    _put(service, 2, both[0])
    assert _round(service)["told"] == 2
    texts = {
        n["enterprise_id"]: n["text"].replace("企业1", "企业2")
        for n in service.administrator.every("/notices", step="withdrawn")
    }
    assert texts["E1"] == texts["E2"]


def test_an_unannounced_visit_is_counted_only_when_it_is_recorded_as_done(service: Service) -> None:
    for item_id, kind in (("X1", None), ("X2", "unannounced"), ("X3", None)):
        plan(service.store, item_id, notice=kind)
    hidden = visit("2026-10-12", "X2")
    _put(service, 1, visit("2026-10-09", "X3"), hidden, visit("2026-10-20", "X1"))
    set_clock(service.store, "2026-10-15")

    def doors() -> int:
        _round(service)
        (told,) = service.enterprise_e1.every("/my/notices", state="in_force", **{"from": "2026-10-20"})
        return int(told["content"]["visits_so_far"][0]["used"])

    assert doors() == 2  # the one of history, and the announced one of 9 October
    with service.store.writing("system") as work:
        of = {k: hidden[k] for k in ("street_id", "enterprise_id", "visit_id", "date")}
        more = {"outcome_id": "o", "horizon_id": HORIZON, "schedule_id": "S1-1", "outcome": "done"}
        work.connection.execute(insert(outcomes).values(**of, **more, recorded_at=work.at, recorded_by="system"))
    _put(service, 2, visit("2026-10-21", "X1"), from_date="2026-10-16")
    assert doors() == 3


@pytest.mark.parametrize("table", ["outcomes", "entries"])
def test_a_visit_of_this_morning_that_a_version_from_today_leaves_out_is_not_withdrawn(
    service: Service, table: str
) -> None:
    plan(service.store, "X1")
    plan(service.store, "X2")
    there = visit("2026-10-20", "X1")
    _put(service, 1, there, visit("2026-10-20", "X2", start="11:00", end="12:00"))
    set_clock(service.store, "2026-10-20")
    assert _round(service)["told"] == 2
    of = {k: there[k] for k in ("street_id", "enterprise_id", "visit_id", "date")}
    of |= {"horizon_id": HORIZON, "schedule_id": "S1-1"}
    with service.store.writing("system") as work:
        done = {"outcome_id": "o", "outcome": "done", "recorded_at": work.at, "recorded_by": "system"}
        entry = {"entry_id": "n", "authority_id": "A1", "path": "planned", "scan_status": "scanned", "state": "open"}
        entry |= {"entered_at": work.at, "officer_ids": "P1", "item_ids": "X1", "trigger": "routine"}
        more = done if table == "outcomes" else {**entry, "cap_exempt": False, "flags": {}}
        work.connection.execute(insert(METADATA.tables[table]).values(**of, **more))
    assert _round(service)["told"] == 0
    _put(service, 2, from_date="2026-10-20")
    assert _round(service)["told"] == 1
    assert _steps(service.enterprise_e1)[-1][0] == "withdrawn"
    (gone,) = service.enterprise_e1.every("/my/notices", state="withdrawn")
    assert gone["content"]["start"] == "11:00"


def test_only_those_who_may_see_notices_do(service: Service) -> None:
    plan(service.store, "X1")
    plan(service.store, "X9", "E3")
    _put(service, 1, visit("2026-10-20", "X1"))
    put_in_force(service.store, 1, [visit("2026-10-20", "X9", enterprise_id="E3")], street_id="S2")
    set_clock(service.store, "2026-10-15")
    _round(service)
    seen = {
        name: [n["enterprise_id"] for n in getattr(service, name).every("/notices", date="2026-10-20")]
        for name in ("office_s1", "office_s2", "supervisor", "administrator")
    }
    assert (seen["office_s1"], seen["office_s2"]) == (["E1"], ["E3"])
    assert sorted(seen["supervisor"]) == sorted(seen["administrator"]) == ["E1", "E3"]
    (own,) = service.enterprise_e1.every("/my/notices")
    assert service.office_s1.get(f"/notices/{own['notice_id']}").status_code == 200
    assert service.office_s2.get(f"/notices/{own['notice_id']}").status_code == 404
    for client in (service.enterprise_e1, service.department_a1, service.invited, service.officer_p1):
        assert client.get("/notices").status_code == 403


def test_two_servers_that_tell_at_once_tell_everything_once(service: Service) -> None:
    found = []
    for n in range(30):
        plan(service.store, f"X{n}", f"E{1 + n % 2}")
        found.append(visit("2026-10-20", f"X{n}", enterprise_id=f"E{1 + n % 2}"))
    _put(service, 1, *found)
    set_clock(service.store, "2026-10-15")
    start, told = threading.Barrier(4), []

    def tell() -> None:
        start.wait()
        told.append(_round(service)["told"])

    servers = [threading.Thread(target=tell) for _ in range(4)]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    assert sum(told) == 30
    assert _count(service.store) == 30
    assert service.administrator.get("/audit/verification").json()["whole"]


def _count(store: Store) -> int:
    with store.reading() as connection:
        return len(connection.execute(select(notices.c.notice_id)).all())


# --- contacts and calendars -------------------------------------------------------------------------------------------


def test_a_contact_is_written_by_the_enterprise_its_street_office_and_administrators(service: Service) -> None:
    body = {"email": "safety@example.com", "language": "en"}
    made = service.enterprise_e1.put("/contacts/E1", json=body)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.json() == {"enterprise_id": "E1", **body, "version": 1}
    again = service.office_s1.put("/contacts/E1", json={**body, "language": "zh"}, headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()["version"]) == (200, 2)
    assert service.administrator.put("/contacts/E1", json=body, headers={"If-Match": '"1"'}).status_code == 412
    assert service.office_s2.put("/contacts/E1", json=body).status_code == 403
    assert service.office_s2.get("/contacts/E1").status_code == 404
    for enterprise_id in ("E2", "E99"):  # whether there is such an enterprise is not told
        answers = [
            service.enterprise_e1.put(f"/contacts/{enterprise_id}", json=body),
            service.enterprise_e1.get(f"/contacts/{enterprise_id}"),
            service.enterprise_e1.delete(f"/contacts/{enterprise_id}"),
        ]
        assert [a.status_code for a in answers] == [404] * 3
    assert [c["enterprise_id"] for c in service.enterprise_e1.every("/contacts")] == ["E1"]
    assert service.enterprise_e3.every("/contacts") == []
    assert service.enterprise_e1.delete("/contacts/E1").status_code == 204
    assert service.enterprise_e1.get("/contacts/E1").status_code == 404


def test_an_address_that_could_be_more_than_an_address_is_refused(service: Service) -> None:
    for email in ("a", "a@b@c", "a@b\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d", '"a\\r"@b', "é@b.c", "a@-b", "a.@b", ""):
        answer = service.enterprise_e1.put("/contacts/E1", json={"email": email})
        assert answer.status_code == 422, email


def test_a_calendar_shows_the_newest_of_every_visit_and_its_address_can_be_revoked(service: Service) -> None:
    plan(service.store, "X1")
    plan(service.store, "X2")
    _put(service, 1, visit("2026-10-20", "X1"), visit("2026-10-19", "X2"))
    set_clock(service.store, "2026-10-15")
    _round(service)
    _put(service, 2, visit("2026-10-21", "X1"), from_date="2026-10-16")
    _round(service)
    assert service.enterprise_e1.get("/my/calendar").status_code == 404
    first = service.enterprise_e1.post("/my/calendar").json()["path"]
    answer = service.anonymous.get(first)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    events = {str(e["STATUS"]): e for e in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert events["CONFIRMED"]["DTSTART"].dt.date().isoformat() == "2026-10-21"
    assert events["CANCELLED"]["DTSTART"].dt.date().isoformat() == "2026-10-19"
    assert (events["CONFIRMED"]["SEQUENCE"], events["CANCELLED"]["SEQUENCE"]) == (1, 1)
    second = service.enterprise_e1.post("/my/calendar").json()["path"]
    assert service.enterprise_e1.get("/my/calendar").json()["path"] == second
    assert service.anonymous.get(second).status_code == 200
    assert service.enterprise_e1.delete("/my/calendar").status_code == 204
    never = service.anonymous.get("/calendars/0000")
    for gone in (first, second, second[:-1], second.replace(".", ".A"), "/calendars/" + "0" * 28 + "." + "A" * 32):
        answer = service.anonymous.get(gone)
        assert answer.status_code == 404
        assert answer.json()["detail"] == never.json()["detail"]


def test_the_address_of_a_calendar_is_not_logged(service: Service, caplog: Any, capsys: Any) -> None:
    path = service.enterprise_e1.post("/my/calendar").json()["path"]
    assert service.anonymous.get(path).status_code == 200
    said = capsys.readouterr()
    token = path.rpartition("/")[2]
    assert token not in said.out + said.err + caplog.text
    assert not any(token in str(e) for e in service.audit_log())


def test_a_notice_names_the_items_and_the_papers_to_prepare(service: Service) -> None:
    row = {"item_code": "SC-X1", "name": "食品经营检查", "papers": "食品经营许可证；从业人员健康证明"}
    assert service.administrator.post("/inspection_items", json=row).status_code == 201
    plan(service.store, "X1")
    put_in_force(service.store, 1, [visit("2026-10-20", "X1")])
    set_clock(service.store, "2026-10-19")
    assert tell(service.store, service.app.state.services.settings, 10) == 1
    (notice,) = service.enterprise_e1.every("/my/notices")
    for words in ("食品经营检查", "食品经营许可证", "从业人员健康证明"):
        assert words in notice["text"]
