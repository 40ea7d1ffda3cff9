"""Officers and targets are drawn by lot: committed to, drawn once, and verified by whoever doubts it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.access.keys import caller_of
from api.draws import officers
from api.errors import Refusal
from api.store.schema import accounts, draws
from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.drawing import (
    RUN,
    TARGETS,
    committed,
    drawn_for,
    hire,
    officer,
    publish,
    publish_s1,
    said,
    verdict,
    verified,
)
from tests.api.service.world import HORIZON, Service, horizon, item


@pytest.fixture
def published(service: Service) -> str:
    return publish_s1(service)


def _check_teams(crews: list[dict[str, Any]], teams: list[dict[str, Any]]) -> None:
    """Assert two officers of its authority for every crew shift, and nobody in two at once."""
    authority = {c["crew_id"]: c["authority_id"] for c in crews}
    assert Counter(t["crew_id"] for t in teams) == dict.fromkeys(authority, 2)
    assert all(t["authority_id"] == authority[t["crew_id"]] for t in teams)
    assert max(Counter((t["officer_id"], t["date"], t["shift_id"]) for t in teams).values()) == 1


def test_officers_are_drawn_for_a_published_schedule(service: Service, published: str) -> None:
    office, supervisor = service.office_s1, service.supervisor

    # --- Monday 31 August: the office commits to a seed that nobody is shown; its commitment is on record
    body = {"kind": "officers", "purpose": "马田街道 2026Q4", "horizon_id": HORIZON}
    key = {"Idempotency-Key": "draw-q4"}
    promised = office.post("/draws", json=body, headers=key)
    made = said(promised, 201)
    draw = made["draw_id"]
    assert office.post("/draws", json=body, headers=key).json() == made
    assert promised.headers["location"] == f"/draws/{draw}"
    assert (made["state"], made["seed"], len(made["commitment"])) == ("committed", None, 64)
    with service.store.reading() as connection:
        seed = connection.scalar(select(draws.c.seed).where(draws.c.draw_id == draw))
    for client in (office, supervisor, service.administrator):
        for path in (f"/draws/{draw}", "/draws", "/audit"):
            assert seed not in client.get(path).text
    [entry] = service.audit_log(action="draws.commit")
    assert entry["after"]["commitment"] == made["commitment"]
    assert supervisor.every("/draws") == [made]
    assert said(supervisor.get(f"/draws/{draw}/verification"), 409)["code"] == "wrong_state"

    # --- Tuesday: the lottery is known, and it draws; the seed is no secret any more, and fits the commitment
    asked = {"schedule_id": published, "public": "2026-09-01: 08 13 21"}
    drawn = said(office.post(f"/draws/{draw}/officers", json=asked, headers={"Idempotency-Key": "draw-it"}))
    assert (drawn["state"], drawn["schedule_id"], drawn["seed"]) == ("drawn", published, seed)
    text = b"\n".join((b"onevisit-draw/1", b"commit", made["purpose"].encode(), bytes.fromhex(drawn["seed"])))
    assert hashlib.sha256(text).hexdigest() == drawn["commitment"] == made["commitment"]
    crews, teams = office.every(f"/schedules/{published}/crew-shifts"), office.every(f"/draws/{draw}/teams")
    _check_teams(crews, teams)
    assert drawn["summary"]["crews"] == len(crews)
    again = office.post(f"/draws/{draw}/officers", json=asked, headers={"Idempotency-Key": "draw-it"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (drawn, "true")

    # --- Wednesday: nobody draws once more until it suits
    assert said(office.post(f"/draws/{draw}/officers", json=asked), 409)["code"] == "wrong_state"
    other = committed(office)
    assert said(office.post(f"/draws/{other}/officers", json=asked), 409)["code"] == "already_exists"

    # --- Thursday: a department looks up who goes where, and doubts it; drawing again gives the same
    own = service.department_a2.every(f"/draws/{draw}/teams")
    assert own == [t for t in teams if t["authority_id"] == "A2"] != []
    for client in (service.department_a2, office, supervisor):
        assert verdict(client, draw) == {"true": True, "findings": {"zh": [], "en": []}}

    # --- the schedule is as it was: a draw is no reason to solve anew
    assert [e["after"]["record_digest"] != "" for e in service.audit_log(action="draws.officers")] == [True]
    assert supervisor.get("/audit/verification").json()["whole"]


def test_nothing_is_drawn_when_officers_are_lacking_and_every_lack_is_named(service: Service, published: str) -> None:
    # --- Monday: three of A2 are there, two are absent in the quarter
    office, draw = service.office_s1, committed(service.office_s1)
    away = [{"officer_id": f"P{n}", "from": "2026-10-01", "to": "2026-12-31"} for n in (2, 6)]
    refused = said(office.post(f"/draws/{draw}/officers", json={"schedule_id": published, "absences": away}), 409)
    assert refused["code"] == "lacks_officers"
    [lack] = refused["lacks"]
    [crew] = [c for c in office.every(f"/schedules/{published}/crew-shifts") if c["authority_id"] == "A2"]
    assert (lack["authority"], lack["day"], lack["shift"]) == ("A2", crew["date"], crew["shift_id"])
    assert (lack["needed"], lack["missing"], lack["officers"], lack["absent"]) == (2, 1, 3, 2)
    assert said(office.get(f"/draws/{draw}"))["state"] == "committed"
    assert office.every(f"/draws/{draw}/teams") == []
    assert service.audit_log(action="draws.officers") == []
    # --- Tuesday: one is back; the draw that was committed to is carried out
    body = {"schedule_id": published, "absences": away[:1]}
    said(office.post(f"/draws/{draw}/officers", json=body))
    assert {t["officer_id"] for t in service.department_a2.every(f"/draws/{draw}/teams")} == {"P6", "P7"}
    assert verdict(service.supervisor, draw)["true"]


def test_recused_officers_and_those_who_came_last_stay_away(service: Service, published: str) -> None:
    # --- of A2, P2 is recused from E1; of A1, P1 was there last
    recusals = [{"officer_id": "P2", "enterprise_id": "E1"}]
    past = [{"enterprise_id": "E1", "authority_id": "A1", "date": "2026-05-11", "officer_id": "P1"}]
    draw = drawn_for(service.office_s1, published, recusals=recusals, past_teams=past)
    [visit] = service.office_s1.every(f"/schedules/{published}/visits", enterprise_id="E1")
    crews = service.office_s1.every(f"/schedules/{published}/crew-shifts")
    there = {c["crew_id"] for c in crews if visit["visit_id"] in {s["visit_id"] for s in c["stops"]}}
    teams = [t for t in service.office_s1.every(f"/draws/{draw}/teams") if t["crew_id"] in there]
    assert {t["officer_id"] for t in teams} == {"P4", "P5", "P6", "P7"}


def test_an_officer_is_in_one_place_at_a_time_over_all_schedules(service: Service) -> None:
    # --- A1 with three officers goes out in S1 and in S2 on the morning of 12 October; S1 draws first
    hire(service, [officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (6, "A2"), (7, "A2"))])
    admin, day = service.administrator, {"date": "2026-10-12", "shift_id": "AM"}
    for enterprise_id in ("E1", "E4"):
        said(admin.post("/pins", json={"enterprise_id": enterprise_id, **day}), 201)
    first = publish(service, service.office_s1, "S1", ("E1", "E2"))
    second = publish(service, service.office_s2, "S2", ("E3", "E4"))
    drawn = drawn_for(service.office_s1, first)
    busy = _out(admin, drawn, "A1", day)
    assert len(busy) == 2
    # --- for S2 one is left; the office hires nobody by itself
    draw, asked = committed(service.office_s2), {"schedule_id": second}
    refused = said(service.office_s2.post(f"/draws/{draw}/officers", json=asked), 409)
    named = [(k["authority"], k["day"], k["shift"], k["missing"], k["absent"]) for k in refused["lacks"]]
    assert named == [("A1", day["date"], day["shift_id"], 1, 2)]
    # --- with a fourth officer of A1 it works
    hire(service, [officer(8, "A1")])
    said(service.office_s2.post(f"/draws/{draw}/officers", json=asked))
    others = _out(admin, draw, "A1", day)
    assert (len(others), others & busy) == (2, set())
    assert verdict(admin, draw)["true"]


def test_what_changes_while_officers_are_drawn_is_taken_into_account(service: Service, tmp_path: Path) -> None:
    # --- both offices draw at the same time, from the four officers of A1; S2 is done while S1 still draws
    hire(service, [officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (8, "A1"), (6, "A2"), (7, "A2"))])
    day = {"date": "2026-10-12", "shift_id": "AM"}
    for enterprise_id in ("E1", "E4"):
        said(service.administrator.post("/pins", json={"enterprise_id": enterprise_id, **day}), 201)
    first = publish(service, service.office_s1, "S1", ("E1", "E2"))
    second = publish(service, service.office_s2, "S2", ("E3", "E4"))
    draw = committed(service.office_s1)
    asked = officers.Asked(draw_id=draw, schedule_id=first, public="", rows={}, request={})
    with service.store.reading() as connection:
        query = select(accounts).where(accounts.c.account_id == "office_s1")
        caller = caller_of(connection.execute(query).mappings().one())
    found = officers.draw(service.app.state.services, caller, asked, tmp_path)
    other = drawn_for(service.office_s2, second)
    with service.store.writing("office_s1") as work:
        officers.keep(caller, work, found)
    out = [_out(service.supervisor, d, "A1", day) for d in (draw, other)]
    assert [len(o) for o in out] == [2, 2]
    assert not out[0] & out[1]
    assert verdict(service.supervisor, draw)["true"]
    # --- and what was drawn meanwhile is not drawn over
    with pytest.raises(Refusal), service.store.writing("office_s1") as work:
        officers.keep(caller, work, found)


def _out(client: Client, draw: str, authority_id: str, day: dict[str, str]) -> set[str]:
    """Return the officers of an authority that a draw sends out on a date and shift."""
    teams = client.every(f"/draws/{draw}/teams", authority_id=authority_id, date=day["date"])
    return {t["officer_id"] for t in teams if t["shift_id"] == day["shift_id"]}


def test_a_later_version_is_drawn_for_the_dates_on_which_it_counts(service: Service, tmp_path: Path) -> None:
    # --- Tuesday 1 September: E1 is visited on 12 October, E2 on 1 December; three officers of A1 are drawn from
    office = service.office_s1
    hire(service, [officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (6, "A2"), (7, "A2"))])
    for enterprise_id, date in (("E1", "2026-10-12"), ("E2", "2026-12-01")):
        said(service.administrator.post("/pins", json={"enterprise_id": enterprise_id, "date": date}), 201)
    schedule = publish(service, office, "S1", ("E1", "E2"))
    first = drawn_for(office, schedule)
    # --- Monday 2 November: E2 asks for 8 December; the version that follows says nothing of October any more
    service.clock.at = datetime(2026, 11, 2, 1, tzinfo=UTC)
    move = {"visit": "E2", "date": "2026-12-08", "shift_id": "AM", "release_pin": True}
    moved = said(office.post(f"/schedules/{schedule}/moves", json=move), 201)["schedule_id"]
    said(office.post(f"/schedules/{moved}/publication"), 201)
    again = drawn_for(office, moved)
    assert {t["date"] for t in office.every(f"/draws/{first}/teams")} == {"2026-10-12", "2026-12-01"}
    assert {t["date"] for t in office.every(f"/draws/{again}/teams")} == {"2026-12-08"}
    assert [verdict(service.supervisor, d)["true"] for d in (first, again)] == [True, True]
    archive = service.supervisor.get(f"/draws/{again}/export").content
    zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
    assert verified(tmp_path, "--roster", str(tmp_path / "roster")) == 0


def test_targets_are_drawn_and_submitted_as_a_plan(service: Service) -> None:
    # --- Monday: committed to. Tuesday: half of the enterprises of S1 are drawn, rounded up
    office, draw = service.office_s1, committed(service.office_s1, "targets")
    drawn = said(office.post(f"/draws/{draw}/targets", json={**TARGETS, "item_prefix": "Q4"}))
    [target] = drawn["items"]
    assert target["item_id"] == f"Q4-{target['enterprise_id']}"
    assert target["enterprise_id"] in ("E1", "E2")
    [stratum] = drawn["summary"]["strata"]
    assert (stratum["size"], stratum["wanted"], stratum["drawn"], stratum["ratio"]) == (2, 1, 1, "1/2")
    assert service.department_a1.every(f"/draws/{draw}/targets") == [target]
    assert service.department_a2.every(f"/draws/{draw}/targets") == []
    assert service.office_s2.every(f"/draws/{draw}/targets") == []
    assert verdict(service.department_a1, draw)["true"]
    # --- Wednesday: the department submits them
    assert service.submit(service.department_a1, [target])["plan"]["num_items"] == 1
    # --- Thursday: registers have changed since; the draw is still what it was
    said(
        service.administrator.post(
            "/history", json={"enterprise_id": "E1", "authority_id": "A1", "date": "2026-08-01"}
        ),
        201,
    )
    assert verdict(service.supervisor, draw)["true"]


def test_whom_the_authority_visited_lately_is_left_out(service: Service) -> None:
    # --- A1 was at E1 on 11 May: 150 days before 8 October
    for days, excluded in ((150, 0), (151, 1)):
        draw = committed(service.office_s1, "targets")
        asked = {**TARGETS, "strata": [{"ratio": 1}], "exclude_days": days}
        drawn = said(service.office_s1.post(f"/draws/{draw}/targets", json=asked))
        assert drawn["summary"]["strata"][0]["excluded"] == excluded
        assert ["E1", "E2"][excluded:] == [i["enterprise_id"] for i in drawn["items"]]


def test_those_who_were_drawn_last_stay_away_the_next_time(service: Service, published: str) -> None:
    # --- 31 August: two of A1 are drawn for E1 and two for E2; the quarter after, all is planned anew
    first = service.office_s1.every(f"/draws/{drawn_for(service.office_s1, published)}/teams")
    [visit] = service.office_s1.every(f"/schedules/{published}/visits", enterprise_id="E1")
    settings = {"name": "2027 Q1", "start": "2027-01-01", "end": "2027-03-31", "closing_date": "2026-12-25"}
    said(service.administrator.post("/horizons", json=horizon("2027Q1", **settings, closed=[])), 201)
    row = item("Z1", "E1", earliest="2027-01-04", latest="2027-03-26")
    plan_id = service.submit(service.department_a2, [row], horizon_id="2027Q1")["plan"]["plan_id"]
    said(service.department_a2.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    run_id = said(service.office_s1.post("/runs", json={**RUN, "horizon_id": "2027Q1"}), 202)["run_id"]
    carry_out_all(service)
    schedule = said(service.office_s1.get(f"/runs/{run_id}"))["schedule_id"]
    said(service.office_s1.post(f"/schedules/{schedule}/publication"), 201)
    # --- A2 has three officers, of whom two were at E1: one is left, until a fourth is hired
    last = {t["officer_id"] for t in first if t["authority_id"] == "A2" and t["date"] == visit["date"]}
    body = {"kind": "officers", "purpose": "2027 Q1", "horizon_id": "2027Q1"}
    draw = said(service.office_s1.post("/draws", json=body), 201)["draw_id"]
    asked = {"schedule_id": schedule}
    refused = said(service.office_s1.post(f"/draws/{draw}/officers", json=asked), 409)
    assert [(k["authority"], k["missing"], k["kept_away"]) for k in refused["lacks"]] == [("A2", 1, 2)]
    hire(service, [officer(8, "A2")])
    said(service.office_s1.post(f"/draws/{draw}/officers", json=asked))
    now = {t["officer_id"] for t in service.office_s1.every(f"/draws/{draw}/teams")}
    assert (len(now), now & last) == (2, set())
    assert verdict(service.supervisor, draw)["true"]


def test_who_is_away_or_recused_on_the_register_is_not_drawn(service: Service, published: str) -> None:
    office = service.office_s1
    # --- A1 tells in the registers that P4 never inspects E1 and E2, and that P5 is on leave all quarter: one is left
    for enterprise in ("E1", "E2"):
        said(service.department_a1.post("/recusals", json={"officer_id": "P4", "enterprise_id": enterprise}), 201)
    leave = {"officer_id": "P5", "from": "2026-10-01", "to": "2026-12-31"}
    row = said(service.department_a1.post("/absences", json=leave), 201)
    assert service.department_a2.post("/absences", json=leave).status_code == 403
    draw = committed(office)
    refused = said(office.post(f"/draws/{draw}/officers", json={"schedule_id": published}), 409)
    assert refused["code"] == "lacks_officers"
    assert {k["authority"] for k in refused["lacks"]} == {"A1"}
    # --- P5 comes back, and is drawn; P4 is not
    assert service.department_a1.delete(f"/absences/{row['row_id']}").status_code == 204
    said(office.post(f"/draws/{draw}/officers", json={"schedule_id": published}))
    teams = service.department_a1.every(f"/draws/{draw}/teams")
    assert {t["officer_id"] for t in teams} == {"P1", "P5"}
    assert verdict(service.supervisor, draw)["true"]
