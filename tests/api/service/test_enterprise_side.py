"""The enterprise side: what is coming and what was, slots, complaints and ratings; and what never shows there."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from api.store.enterprise_tables import complaints, rated_doors, ratings
from api.store.fieldwork_tables import entries, entry_items, field_events
from api.store.schema import plan_items, preferred_pins, visits
from tests.api.service.carrying import carry_out_all
from tests.api.service.test_pages import logged_in, posted
from tests.api.service.world import HORIZON, Service, item

SCORES = {"identity": 5, "code": 4, "conduct": 3, "time": 2}
RUN = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 60}}


def publish(service: Service) -> dict[str, Any]:
    """Have street S1 planned and published, and return the announced visit at E1."""
    for client, name in ((service.department_a1, "X"), (service.department_a2, "Y")):
        rows = [item(f"{name}1", "E1", item_code=f"{name}-01"), item(f"{name}2", "E2")]
        plan_id = service.submit(client, rows)["plan"]["plan_id"]
        assert client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}).status_code == 200
    run_id = service.office_s1.post("/runs", json=RUN).json()["run_id"]
    carry_out_all(service)
    schedule = service.office_s1.get(f"/runs/{run_id}").json()["schedule_id"]
    assert service.office_s1.post(f"/schedules/{schedule}/publication").status_code == 201
    [visit] = service.office_s1.every(f"/schedules/{schedule}/visits", enterprise_id="E1")
    return {**visit, "schedule_id": schedule}


def enter(service: Service, entry_id: str, authority: str = "A1", result: str = "nothing_found", **more: Any) -> None:
    """Store an entry, closed unless told otherwise, as the door writes it."""
    row = {
        "entry_id": entry_id,
        "enterprise_id": "E1",
        "street_id": "S1",
        "authority_id": authority,
        "date": "2026-08-20",
        "path": "planned",
        "scan_status": "scanned",
        "state": "closed",
        "entered_at": "2026-08-20T01:00:00.000000Z",
        "officer_ids": "P1",
        "item_ids": "X1",
        "trigger": "routine",
        "cap_exempt": False,
        "flags": [],
        **more,
    }
    told = {"entry_id": entry_id, "item_id": "X1", "result": result, "recorded_at": "2026-08-20T02:00:00.000000Z"}
    with service.store.writing("system") as work:
        work.connection.execute(insert(entries).values(**row))
        work.connection.execute(insert(entry_items).values(**told))


def plant_secret(service: Service, schedule: str, chance: random.Random) -> str:
    """Add an unannounced visit at E1 to a published schedule, at some time, and return its id."""
    visit_id, row = f"V{chance.getrandbits(64):016x}", chance.randrange(1000, 10**9)
    day = f"2026-{chance.choice((10, 11, 12))}-{chance.randrange(10, 19)}"
    with service.store.writing("system") as work:
        like = work.connection.execute(select(plan_items).where(plan_items.c.item_id == "X1")).mappings().one()
        secret = {**like, "item_id": f"U{row}", "row": row, "notice": "unannounced"}
        work.connection.execute(insert(plan_items).values(**secret))
        of = {"schedule_id": schedule, "visit_id": visit_id, "enterprise_id": "E1", "street_id": "S1"}
        at = {"date": day, "shift_id": chance.choice(("AM", "PM")), "start": "09:10", "end": "09:50"}
        work.connection.execute(insert(visits).values(**of, **at, authority_ids="A1", item_ids=f"U{row}"))
    return visit_id


def seen_by_e1(service: Service, visit_id: str, secret: str, cookie: str) -> list[tuple[int, str]]:
    """Return what an enterprise is answered wherever it may ask, without what tells one request from another."""
    get, page = service.enterprise_e1.get, service.anonymous.get
    slot = {"date": "2026-10-20", "shift_id": "AM"}
    answers = [
        get("/my/visits"),
        get(f"/my/visits/{visit_id}/slots"),
        get(f"/my/visits/{secret}/slots"),
        service.enterprise_e1.put(f"/my/visits/{secret}/slot", json=slot),
        get("/my/past-visits"),
        *(page(p, headers={"Cookie": cookie}) for p in ("/enterprise", "/enterprise/past")),
        page("/enterprise/slot", params={"visit": visit_id}, headers={"Cookie": cookie}),
        page("/enterprise/slot", params={"visit": secret}, headers={"Cookie": cookie, "Accept": "text/html"}),
        posted(service, "/enterprise/slot", {"visit": secret, "slot": "2026-10-20 AM"}, cookie),
        *(get(f"{p}/{secret}") for p in ("/schedules", "/streets", "/outcomes")),
    ]
    return [(a.status_code, a.text.replace(a.headers["x-request-id"], "")) for a in answers]


# --- what is coming --------------------------------------------------------------------------------------------------


def test_an_enterprise_sees_its_announced_visit_with_items_and_authorities(service: Service) -> None:
    visit = publish(service)
    [coming] = service.enterprise_e1.get("/my/visits").json()["items"]
    assert {k: coming[k] for k in ("visit_id", "date", "start")} == {k: visit[k] for k in ("visit_id", "date", "start")}
    assert {a["name"] for a in coming["authorities"]} == {"市场监管局", "应急管理局"}
    assert [i["item_code"] for i in coming["items"]] == ["X-01", "Y-01"]
    assert service.enterprise_e3.get("/my/visits").json() == {"items": []}
    assert service.enterprise_e3.get(f"/my/visits/{visit['visit_id']}/slots").status_code == 404
    service.clock.at = datetime(2026, 12, 31, tzinfo=UTC)
    assert service.enterprise_e1.get("/my/visits").json() == {"items": []}


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_no_answer_differs_between_a_world_with_and_one_without_an_unannounced_visit(service: Service) -> None:
    visit, chance = publish(service), random.Random(7)
    cookie = logged_in(service, "enterprise_e1")
    for _ in range(8):
        twin = random.Random(chance.random())
        state = twin.getstate()
        secret = f"V{twin.getrandbits(64):016x}"
        without = seen_by_e1(service, visit["visit_id"], secret, cookie)
        twin.setstate(state)
        assert plant_secret(service, visit["schedule_id"], twin) == secret
        assert seen_by_e1(service, visit["visit_id"], secret, cookie) == without
    assert len(service.office_s1.every(f"/schedules/{visit['schedule_id']}/visits", enterprise_id="E1")) == 9


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_a_visit_is_secret_when_any_version_of_its_items_is(service: Service) -> None:
    publish(service)
    with service.store.writing("system") as work:
        like = work.connection.execute(select(plan_items).where(plan_items.c.item_id == "Y1")).mappings().one()
        former = {**like, "row": 901, "live": False, "notice": "unannounced"}
        work.connection.execute(insert(plan_items).values(**former))
    assert service.enterprise_e1.get("/my/visits").json() == {"items": []}


# --- slots -----------------------------------------------------------------------------------------------------------


def test_a_chosen_slot_is_a_preferred_date_on_record_in_place_of_the_one_before(service: Service) -> None:
    visit = publish(service)
    path = f"/my/visits/{visit['visit_id']}"
    offers = service.enterprise_e1.get(f"{path}/slots").json()["items"]
    for slot in (offers[0], offers[-1], offers[-1]):
        assert service.enterprise_e1.put(f"{path}/slot", json=slot).json() == slot
    assert service.enterprise_e1.get("/my/visits").json()["items"][0]["chosen"] == offers[-1]
    with service.store.reading() as connection:
        pins = connection.execute(select(preferred_pins.c.enterprise_id, preferred_pins.c.date)).all()
        told = connection.execute(select(field_events.c.kind, field_events.c.data)).all()
    assert pins == [("E1", offers[-1]["date"])]
    assert [tuple(t) for t in told] == [("slot_chosen", offers[0]), ("slot_chosen", offers[-1])]


def test_a_slot_that_is_not_offered_is_refused(service: Service) -> None:
    visit = publish(service)
    for slot in ({"date": "2026-10-03", "shift_id": "AM"}, {"date": "2026-12-21", "shift_id": "AM"}):
        answer = service.enterprise_e1.put(f"/my/visits/{visit['visit_id']}/slot", json=slot)
        assert (answer.status_code, answer.json()["code"]) == (409, "slot_not_offered")


# --- what was --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_past_visits_show_closed_doors_without_items_that_officers_will_come_back_for(service: Service) -> None:
    enter(service, "N1", visit_id="V1")
    enter(service, "N2", "A2", "not_done", visit_id="V1")
    enter(service, "N3", state="open")
    enter(service, "N4", state="no_access")
    enter(service, "N5", enterprise_id="E3")
    [door] = service.enterprise_e1.get("/my/past-visits").json()["items"]
    assert [(e["entry_id"], len(e["items"])) for e in door["entries"]] == [("N1", 1), ("N2", 0)]
    page = service.anonymous.get("/enterprise/past", headers={"Cookie": logged_in(service, "enterprise_e1")})
    assert "未发现问题" in page.text
    assert page.text.count("<article") == 1


# --- complaints ------------------------------------------------------------------------------------------------------


def test_an_anonymous_complaint_leaves_no_trace_of_its_author_and_is_answered(service: Service, capfd: Any) -> None:
    cookie = logged_in(service, "enterprise_e1")
    before = service.audit_log()
    capfd.readouterr()
    answer = posted(service, "/complaint/new", {"kind": "repeated", "text": "又来了"}, cookie)
    logged = "".join(capfd.readouterr())
    assert answer.status_code == 201
    assert "enterprise_e1" not in logged
    receipt = answer.text.partition('id="receipt">')[2].partition("<")[0]
    assert service.audit_log() == before
    with service.store.reading() as connection:
        [row] = connection.execute(select(complaints)).mappings().all()
        assert connection.execute(select(field_events)).all() == []
    assert row["enterprise_id"] is None
    assert row["date"] == "2026-09-01"
    assert receipt not in str(dict(row))
    [found] = service.supervisor.every("/complaints", state="open")
    said = {"answer": "已核实 <b>", "closes": True}
    path = f"/complaints/{found['complaint_id']}/answer"
    assert service.supervisor.put(path, json=said).json()["state"] == "closed"
    assert service.supervisor.put(path, json=said).json()["code"] == "wrong_state"
    page = posted(service, "/complaint/follow", {"receipt": receipt})
    assert "已核实 &lt;b&gt;" in page.text
    assert "已办结" in page.text
    assert posted(service, "/complaint/follow", {"receipt": receipt + "x"}).status_code == 422


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_a_complaint_by_name_is_the_enterprises(service: Service) -> None:
    sent = service.enterprise_e1.post("/my/complaints", json={"kind": "other", "text": "x"})
    assert (sent.status_code, set(sent.json())) == (201, {"receipt"})
    assert [c["enterprise_id"] for c in service.supervisor.every("/complaints")] == ["E1"]
    assert "receipt" not in str(service.audit_log(action="complaints.create"))


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", [{}, {"kind": "worse", "text": "x"}, {"kind": "other", "text": "字" * 2001}])
def test_a_complaint_with_faults_is_shown_again_with_what_was_written(service: Service, form: dict[str, str]) -> None:
    answer = posted(service, "/complaint/new", {"pad": "", **form})
    assert answer.status_code == 422
    assert 'href="#f-' in answer.text
    assert form.get("text", "") in answer.text


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["department_a1", "office_s1", "officer_p1", "planner", "enterprise_e1", "invited"])
def test_complaints_and_ratings_are_for_supervisors_only(service: Service, role: str) -> None:
    for path in ("/complaints", "/complaints/x", "/ratings"):
        assert getattr(service, role).get(path).status_code == 403


# --- ratings ---------------------------------------------------------------------------------------------------------


def test_a_rating_is_kept_once_and_without_whose_it_is(service: Service) -> None:
    enter(service, "N1")
    before, body = service.audit_log(), {"door": "N1", "scores": SCORES, "comment": "好"}
    assert service.enterprise_e3.post("/my/ratings", json=body).status_code == 404
    assert service.enterprise_e1.post("/my/ratings", json=body).status_code == 204
    assert service.enterprise_e1.post("/my/ratings", json=body).status_code == 409
    assert service.audit_log() == before
    with service.store.reading() as connection:
        [row] = connection.execute(select(ratings)).mappings().all()
        [mark] = connection.execute(select(rated_doors)).mappings().all()
    assert (row["month"], row["street_id"], row["authority_ids"], row["scores"]) == ("2026-08", "S1", "A1", SCORES)
    assert not set(dict(mark).values()) & set(map(str, dict(row).values()))
    assert service.enterprise_e1.get("/my/past-visits").json()["items"][0]["rated"]


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_enforcing_bodies_see_means_of_five_ratings_once_the_quarter_has_ended(service: Service) -> None:
    asked = {"quarter": "2026Q3"}
    for number in range(5):
        service.clock.at = datetime(2026, 10, 1, tzinfo=UTC)
        assert service.department_a1.get("/ratings/summary", params=asked).json() == {"items": []}
        enter(service, f"N{number}")
        sent = {"door": f"N{number}", "scores": SCORES}
        assert service.enterprise_e1.post("/my/ratings", json=sent).status_code == 204
    means = {"identity": 5.0, "code": 4.0, "conduct": 3.0, "time": 2.0}
    [mine] = service.department_a1.get("/ratings/summary", params=asked).json()["items"]
    assert mine == {"by": "authority", "id": "A1", "ratings": 5, "means": means}
    assert service.department_a2.get("/ratings/summary", params=asked).json() == {"items": []}
    [street] = service.office_s1.get("/ratings/summary", params=asked).json()["items"]
    assert (street["by"], street["id"]) == ("street", "S1")
    service.clock.at = datetime(2026, 9, 30, 15, 59, tzinfo=UTC)  # still September in China
    assert service.department_a1.get("/ratings/summary", params=asked).json() == {"items": []}


# --- contents --------------------------------------------------------------------------------------------------------


def test_an_enterprise_reads_what_is_published_for_its_industry_and_for_all(service: Service) -> None:
    both = {"kind": "guidance", "title_en": "T", "body_zh": "一\n\n- 二 <i>\n- 三", "body_en": "x"}
    told = {**both, "published_from": "2026-09-01", "published_until": "2026-09-30"}
    for title, industry in (("餐饮指引", "餐饮"), ("化工指引", "化工"), ("通用", None)):
        sent = service.supervisor.post("/contents", json={**told, "title_zh": title, "industry": industry})
        assert sent.status_code == 201, sent.text
    titles = [c["title_zh"] for c in service.enterprise_e1.get("/my/contents").json()["items"]]
    assert sorted(titles) == ["通用", "餐饮指引"]
    page = service.anonymous.get("/enterprise/guidance", headers={"Cookie": logged_in(service, "enterprise_e1")})
    assert "<li>二 &lt;i&gt;</li><li>三</li>" in page.text
    service.clock.at = datetime(2026, 9, 30, 16, tzinfo=UTC)  # October in China
    assert service.enterprise_e1.get("/my/contents").json()["items"] == []


def test_a_content_is_followed_by_a_further_version_of_the_one_that_was_read(service: Service) -> None:
    body = {"kind": "law", "title_zh": "甲", "title_en": "A", "body_zh": "x", "body_en": "x"}
    body |= {"published_from": "2026-09-01"}
    path = service.administrator.post("/contents", json=body).headers["location"]
    again = service.administrator.put(path, json={**body, "title_zh": "乙"}, headers={"If-Match": '"1"'})
    assert (again.json()["version"], again.json()["title_zh"]) == (2, "乙")
    assert service.administrator.put(path, json={**body, "version": 1}).status_code == 412
    assert [c["title_zh"] for c in service.enterprise_e1.get("/my/contents").json()["items"]] == ["乙"]
    assert service.administrator.post("/contents", json={**body, "published_from": "2026-02-30"}).status_code == 422


def test_a_complaint_says_whom_it_is_about_and_clusters_are_seen_without_its_instant(service: Service) -> None:
    body = {"kind": "arbitrary", "text": "随意检查", "authority_id": "A1"}
    for _ in range(12):
        assert service.enterprise_e1.post("/my/complaints", json=body).status_code == 201
    unknown = service.enterprise_e1.post("/my/complaints", json={**body, "authority_id": "A99"})
    assert (unknown.status_code, unknown.json()["problems"][0]["column"]) == (422, "authority_id")
    filed = service.supervisor.every("/complaints")
    assert {(c["authority_id"], c["street_id"], c["enterprise_id"]) for c in filed} == {("A1", "S1", "E1")}
    assert service.supervisor.every("/warnings", kind="complaints") == []
    assert service.supervisor.post("/warnings/sweep", json={}).status_code == 200
    assert {w["kind"] for w in service.supervisor.every("/warnings")} == {"complaints"}
    assert service.department_a1.get("/complaints").status_code == 403
