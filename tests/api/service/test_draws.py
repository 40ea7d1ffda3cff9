"""Officers and targets are drawn by lot: committed to, drawn once, and verified by whoever doubts it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from api.access.keys import caller_of
from api.cli import main
from api.draws import officers
from api.errors import Refusal
from api.operations.pruning import prune
from api.store.database import WRITES
from api.store.schema import accounts, draw_targets, draw_teams, draws
from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, horizon, item

ENGLISH = {"Accept-Language": "en"}
RUN = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 60}}
TARGETS = {
    "area_id": "S1",
    "authority_id": "A1",
    "strata": [{"ratio": 0.5}],
    "duration_min": 40,
    "earliest": "2026-10-08",
    "latest": "2026-12-18",
}


def _said(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _officer(number: int, authority_id: str, **more: Any) -> dict[str, Any]:
    validity = {"valid_from": "2024-01-01", "valid_to": "2028-12-31"}
    who = {"officer_id": f"P{number}", "name": f"人员{number}", "certificate_no": f"粤B{number:05d}"}
    return {**who, "authority_id": authority_id, **validity, **more}


def _hired(service: Service, people: Iterable[dict[str, Any]]) -> None:
    for officer in people:
        _said(service.administrator.post("/officers", json=officer), 201)


def _published(service: Service, client: Client, area_id: str, enterprises: tuple[str, str]) -> str:
    """Plan items of A1 and A2 at two enterprises of a street, solve, publish, and return the schedule."""
    first, second = enterprises
    for department, items in (
        (service.department_a1, [item(f"X-{first}", first), item(f"X-{second}", second)]),
        (service.department_a2, [item(f"Y-{first}", first)]),
    ):
        plan_id = service.submit(department, items, code=area_id)["plan"]["plan_id"]
        _said(department.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    run_id = _said(client.post("/runs", json={**RUN, "area_id": area_id}), 202)["run_id"]
    carry_out_all(service)
    run = _said(client.get(f"/runs/{run_id}"))
    assert run["state"] == "succeeded", run["problem"]
    _said(client.post(f"/schedules/{run['schedule_id']}/publication"), 201)
    return str(run["schedule_id"])


@pytest.fixture
def published(service: Service) -> str:
    """A published schedule of S1: E1 is visited by A1 and A2, E2 by A1, which have three officers each."""
    _hired(service, [_officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (6, "A2"), (7, "A2"))])
    return _published(service, service.office_s1, "S1", ("E1", "E2"))


def _committed(client: Client, kind: str = "officers") -> str:
    body = {"kind": kind, "purpose": "马田街道 2026Q4", "horizon_id": HORIZON}
    return str(_said(client.post("/draws", json=body), 201)["draw_id"])


def _drawn(client: Client, schedule: str, **more: Any) -> str:
    draw = _committed(client)
    _said(client.post(f"/draws/{draw}/officers", json={"schedule_id": schedule, **more}))
    return draw


def _verdict(client: Client, draw: str) -> dict[str, Any]:
    return _said(client.get(f"/draws/{draw}/verification", headers=ENGLISH))


def _check_teams(crews: list[dict[str, Any]], teams: list[dict[str, Any]]) -> None:
    """Assert two officers of its authority for every crew shift, and nobody in two at once."""
    authority = {c["crew_id"]: c["authority_id"] for c in crews}
    assert Counter(t["crew_id"] for t in teams) == dict.fromkeys(authority, 2)
    assert all(t["authority_id"] == authority[t["crew_id"]] for t in teams)
    assert max(Counter((t["officer_id"], t["date"], t["shift_id"]) for t in teams).values()) == 1


@contextmanager
def _behind_our_back(service: Service) -> Iterator[Connection]:
    with service.engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


def test_officers_are_drawn_for_a_published_schedule(service: Service, published: str) -> None:
    office, supervisor = service.office_s1, service.supervisor

    # --- Monday 31 August: the office commits to a seed that nobody is shown; its commitment is on record
    body = {"kind": "officers", "purpose": "马田街道 2026Q4", "horizon_id": HORIZON}
    key = {"Idempotency-Key": "draw-q4"}
    committed = office.post("/draws", json=body, headers=key)
    made = _said(committed, 201)
    draw = made["draw_id"]
    assert office.post("/draws", json=body, headers=key).json() == made
    assert committed.headers["location"] == f"/draws/{draw}"
    assert (made["state"], made["seed"], len(made["commitment"])) == ("committed", None, 64)
    with service.store.reading() as connection:
        seed = connection.scalar(select(draws.c.seed).where(draws.c.draw_id == draw))
    for client in (office, supervisor, service.administrator):
        for path in (f"/draws/{draw}", "/draws", "/audit"):
            assert seed not in client.get(path).text
    [entry] = service.audit_log(action="draws.commit")
    assert entry["after"]["commitment"] == made["commitment"]
    assert supervisor.every("/draws") == [made]
    assert _said(supervisor.get(f"/draws/{draw}/verification"), 409)["code"] == "wrong_state"

    # --- Tuesday: the lottery is known, and it draws; the seed is no secret any more, and fits the commitment
    asked = {"schedule_id": published, "public": "2026-09-01: 08 13 21"}
    drawn = _said(office.post(f"/draws/{draw}/officers", json=asked, headers={"Idempotency-Key": "draw-it"}))
    assert (drawn["state"], drawn["schedule_id"], drawn["seed"]) == ("drawn", published, seed)
    text = b"\n".join((b"onevisit-draw/1", b"commit", made["purpose"].encode(), bytes.fromhex(drawn["seed"])))
    assert hashlib.sha256(text).hexdigest() == drawn["commitment"] == made["commitment"]
    crews, teams = office.every(f"/schedules/{published}/crew-shifts"), office.every(f"/draws/{draw}/teams")
    _check_teams(crews, teams)
    assert drawn["summary"]["crews"] == len(crews)
    again = office.post(f"/draws/{draw}/officers", json=asked, headers={"Idempotency-Key": "draw-it"})
    assert (again.json(), again.headers["idempotent-replayed"]) == (drawn, "true")

    # --- Wednesday: nobody draws once more until it suits
    assert _said(office.post(f"/draws/{draw}/officers", json=asked), 409)["code"] == "wrong_state"
    other = _committed(office)
    assert _said(office.post(f"/draws/{other}/officers", json=asked), 409)["code"] == "already_exists"

    # --- Thursday: a department looks up who goes where, and doubts it; drawing again gives the same
    own = service.department_a2.every(f"/draws/{draw}/teams")
    assert own == [t for t in teams if t["authority_id"] == "A2"] != []
    for client in (service.department_a2, office, supervisor):
        assert _verdict(client, draw) == {"true": True, "findings": {"zh": [], "en": []}}

    # --- the schedule is as it was: a draw is no reason to solve anew
    assert [e["after"]["record_digest"] != "" for e in service.audit_log(action="draws.officers")] == [True]
    assert supervisor.get("/audit/verification").json()["whole"]


def test_nothing_is_drawn_when_officers_are_lacking_and_every_lack_is_named(service: Service, published: str) -> None:
    # --- Monday: three of A2 are there, two are absent in the quarter
    office, draw = service.office_s1, _committed(service.office_s1)
    away = [{"officer_id": f"P{n}", "from": "2026-10-01", "to": "2026-12-31"} for n in (2, 6)]
    refused = _said(office.post(f"/draws/{draw}/officers", json={"schedule_id": published, "absences": away}), 409)
    assert refused["code"] == "lacks_officers"
    [lack] = refused["lacks"]
    [crew] = [c for c in office.every(f"/schedules/{published}/crew-shifts") if c["authority_id"] == "A2"]
    assert (lack["authority"], lack["day"], lack["shift"]) == ("A2", crew["date"], crew["shift_id"])
    assert (lack["needed"], lack["missing"], lack["officers"], lack["absent"]) == (2, 1, 3, 2)
    assert _said(office.get(f"/draws/{draw}"))["state"] == "committed"
    assert office.every(f"/draws/{draw}/teams") == []
    assert service.audit_log(action="draws.officers") == []
    # --- Tuesday: one is back; the draw that was committed to is carried out
    body = {"schedule_id": published, "absences": away[:1]}
    _said(office.post(f"/draws/{draw}/officers", json=body))
    assert {t["officer_id"] for t in service.department_a2.every(f"/draws/{draw}/teams")} == {"P6", "P7"}
    assert _verdict(service.supervisor, draw)["true"]


def test_recused_officers_and_those_who_came_last_stay_away(service: Service, published: str) -> None:
    # --- of A2, P2 is recused from E1; of A1, P1 was there last
    recusals = [{"officer_id": "P2", "enterprise_id": "E1"}]
    past = [{"enterprise_id": "E1", "authority_id": "A1", "date": "2026-05-11", "officer_id": "P1"}]
    draw = _drawn(service.office_s1, published, recusals=recusals, past_teams=past)
    [visit] = service.office_s1.every(f"/schedules/{published}/visits", enterprise_id="E1")
    crews = service.office_s1.every(f"/schedules/{published}/crew-shifts")
    there = {c["crew_id"] for c in crews if visit["visit_id"] in {s["visit_id"] for s in c["stops"]}}
    teams = [t for t in service.office_s1.every(f"/draws/{draw}/teams") if t["crew_id"] in there]
    assert {t["officer_id"] for t in teams} == {"P4", "P5", "P6", "P7"}


def test_an_officer_is_in_one_place_at_a_time_over_all_schedules(service: Service) -> None:
    # --- A1 with three officers goes out in S1 and in S2 on the morning of 12 October; S1 draws first
    _hired(service, [_officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (6, "A2"), (7, "A2"))])
    admin, day = service.administrator, {"date": "2026-10-12", "shift_id": "AM"}
    for enterprise_id in ("E1", "E4"):
        _said(admin.post("/pins", json={"enterprise_id": enterprise_id, **day}), 201)
    first = _published(service, service.office_s1, "S1", ("E1", "E2"))
    second = _published(service, service.office_s2, "S2", ("E3", "E4"))
    drawn = _drawn(service.office_s1, first)
    busy = _out(admin, drawn, "A1", day)
    assert len(busy) == 2
    # --- for S2 one is left; the office hires nobody by itself
    draw, asked = _committed(service.office_s2), {"schedule_id": second}
    refused = _said(service.office_s2.post(f"/draws/{draw}/officers", json=asked), 409)
    said = [(k["authority"], k["day"], k["shift"], k["missing"], k["absent"]) for k in refused["lacks"]]
    assert said == [("A1", day["date"], day["shift_id"], 1, 2)]
    # --- with a fourth officer of A1 it works
    _hired(service, [_officer(8, "A1")])
    _said(service.office_s2.post(f"/draws/{draw}/officers", json=asked))
    others = _out(admin, draw, "A1", day)
    assert (len(others), others & busy) == (2, set())
    assert _verdict(admin, draw)["true"]


def test_what_changes_while_officers_are_drawn_is_taken_into_account(service: Service, tmp_path: Path) -> None:
    # --- both offices draw at the same time, from the four officers of A1; S2 is done while S1 still draws
    _hired(service, [_officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (8, "A1"), (6, "A2"), (7, "A2"))])
    day = {"date": "2026-10-12", "shift_id": "AM"}
    for enterprise_id in ("E1", "E4"):
        _said(service.administrator.post("/pins", json={"enterprise_id": enterprise_id, **day}), 201)
    first = _published(service, service.office_s1, "S1", ("E1", "E2"))
    second = _published(service, service.office_s2, "S2", ("E3", "E4"))
    draw = _committed(service.office_s1)
    asked = officers.Asked(draw_id=draw, schedule_id=first, public="", rows={}, request={})
    with service.store.reading() as connection:
        query = select(accounts).where(accounts.c.account_id == "office_s1")
        caller = caller_of(connection.execute(query).mappings().one())
    found = officers.draw(service.app.state.services, caller, asked, tmp_path)
    other = _drawn(service.office_s2, second)
    with service.store.writing("office_s1") as work:
        officers.keep(caller, work, found)
    out = [_out(service.supervisor, d, "A1", day) for d in (draw, other)]
    assert [len(o) for o in out] == [2, 2]
    assert not out[0] & out[1]
    assert _verdict(service.supervisor, draw)["true"]
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
    _hired(service, [_officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (6, "A2"), (7, "A2"))])
    for enterprise_id, date in (("E1", "2026-10-12"), ("E2", "2026-12-01")):
        _said(service.administrator.post("/pins", json={"enterprise_id": enterprise_id, "date": date}), 201)
    schedule = _published(service, office, "S1", ("E1", "E2"))
    first = _drawn(office, schedule)
    # --- Monday 2 November: E2 asks for 8 December; the version that follows says nothing of October any more
    service.clock.at = datetime(2026, 11, 2, 1, tzinfo=UTC)
    move = {"visit": "E2", "date": "2026-12-08", "shift_id": "AM", "release_pin": True}
    moved = _said(office.post(f"/schedules/{schedule}/moves", json=move), 201)["schedule_id"]
    _said(office.post(f"/schedules/{moved}/publication"), 201)
    again = _drawn(office, moved)
    assert {t["date"] for t in office.every(f"/draws/{first}/teams")} == {"2026-10-12", "2026-12-01"}
    assert {t["date"] for t in office.every(f"/draws/{again}/teams")} == {"2026-12-08"}
    assert [_verdict(service.supervisor, d)["true"] for d in (first, again)] == [True, True]
    archive = service.supervisor.get(f"/draws/{again}/export").content
    zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
    assert _verified(tmp_path, "--roster", str(tmp_path / "roster")) == 0


def test_targets_are_drawn_and_submitted_as_a_plan(service: Service) -> None:
    # --- Monday: committed to. Tuesday: half of the enterprises of S1 are drawn, rounded up
    office, draw = service.office_s1, _committed(service.office_s1, "targets")
    drawn = _said(office.post(f"/draws/{draw}/targets", json={**TARGETS, "item_prefix": "Q4"}))
    [target] = drawn["items"]
    assert target["item_id"] == f"Q4-{target['enterprise_id']}"
    assert target["enterprise_id"] in ("E1", "E2")
    [stratum] = drawn["summary"]["strata"]
    assert (stratum["size"], stratum["wanted"], stratum["drawn"], stratum["ratio"]) == (2, 1, 1, "1/2")
    assert service.department_a1.every(f"/draws/{draw}/targets") == [target]
    assert service.department_a2.every(f"/draws/{draw}/targets") == []
    assert service.office_s2.every(f"/draws/{draw}/targets") == []
    assert _verdict(service.department_a1, draw)["true"]
    # --- Wednesday: the department submits them
    assert service.submit(service.department_a1, [target])["plan"]["num_items"] == 1
    # --- Thursday: registers have changed since; the draw is still what it was
    _said(
        service.administrator.post(
            "/history", json={"enterprise_id": "E1", "authority_id": "A1", "date": "2026-08-01"}
        ),
        201,
    )
    assert _verdict(service.supervisor, draw)["true"]


def test_whom_the_authority_visited_lately_is_left_out(service: Service) -> None:
    # --- A1 was at E1 on 11 May: 150 days before 8 October
    for days, excluded in ((150, 0), (151, 1)):
        draw = _committed(service.office_s1, "targets")
        asked = {**TARGETS, "strata": [{"ratio": 1}], "exclude_days": days}
        drawn = _said(service.office_s1.post(f"/draws/{draw}/targets", json=asked))
        assert drawn["summary"]["strata"][0]["excluded"] == excluded
        assert ["E1", "E2"][excluded:] == [i["enterprise_id"] for i in drawn["items"]]


def test_those_who_were_drawn_last_stay_away_the_next_time(service: Service, published: str) -> None:
    # --- 31 August: two of A1 are drawn for E1 and two for E2; the quarter after, all is planned anew
    first = service.office_s1.every(f"/draws/{_drawn(service.office_s1, published)}/teams")
    [visit] = service.office_s1.every(f"/schedules/{published}/visits", enterprise_id="E1")
    settings = {"name": "2027 Q1", "start": "2027-01-01", "end": "2027-03-31", "closing_date": "2026-12-25"}
    _said(service.administrator.post("/horizons", json=horizon("2027Q1", **settings, closed=[])), 201)
    row = item("Z1", "E1", earliest="2027-01-04", latest="2027-03-26")
    plan_id = service.submit(service.department_a2, [row], horizon_id="2027Q1")["plan"]["plan_id"]
    _said(service.department_a2.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    run_id = _said(service.office_s1.post("/runs", json={**RUN, "horizon_id": "2027Q1"}), 202)["run_id"]
    carry_out_all(service)
    schedule = _said(service.office_s1.get(f"/runs/{run_id}"))["schedule_id"]
    _said(service.office_s1.post(f"/schedules/{schedule}/publication"), 201)
    # --- A2 has three officers, of whom two were at E1: one is left, until a fourth is hired
    last = {t["officer_id"] for t in first if t["authority_id"] == "A2" and t["date"] == visit["date"]}
    body = {"kind": "officers", "purpose": "2027 Q1", "horizon_id": "2027Q1"}
    draw = _said(service.office_s1.post("/draws", json=body), 201)["draw_id"]
    asked = {"schedule_id": schedule}
    refused = _said(service.office_s1.post(f"/draws/{draw}/officers", json=asked), 409)
    assert [(k["authority"], k["missing"], k["kept_away"]) for k in refused["lacks"]] == [("A2", 1, 2)]
    _hired(service, [_officer(8, "A2")])
    _said(service.office_s1.post(f"/draws/{draw}/officers", json=asked))
    now = {t["officer_id"] for t in service.office_s1.every(f"/draws/{draw}/teams")}
    assert (len(now), now & last) == (2, set())
    assert _verdict(service.supervisor, draw)["true"]


def _seed_of_another(draw: Any) -> dict[str, Any]:
    return {"record": {**draw["record"], "seed": "00" * 32}}


def _other_commitment(draw: Any) -> dict[str, Any]:
    return {"commitment": "0" * 64}


def _other_roster(draw: Any) -> dict[str, Any]:
    return {"roster": {**draw["roster"], "officers": draw["roster"]["officers"][1:]}}


def _other_teams(draw: Any) -> dict[str, Any]:
    teams = draw["record"]["teams"]
    return {"record": {**draw["record"], "teams": {**teams, min(teams): ["P1", "P9"]}}}


def test_whoever_has_the_archive_of_a_draw_verifies_it_without_the_service(
    service: Service, published: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # --- Monday: both draws are carried out, with all that may be said of officers
    past = [{"enterprise_id": "E1", "authority_id": "A1", "date": "2026-05-11", "officer_id": "P1"}]
    recusals = [{"officer_id": "P2", "enterprise_id": "E1"}]
    absences = [{"officer_id": "P4", "from": "2026-10-01", "to": "2026-10-09", "shift_id": "PM"}]
    said = {"absences": absences, "recusals": recusals, "past_teams": past}
    teams, targets = _drawn(service.office_s1, published, **said), _committed(service.office_s1, "targets")
    asked = {**TARGETS, "exclude_days": 30, "schedule_id": published}
    _said(service.office_s1.post(f"/draws/{targets}/targets", json=asked))
    commitment = _said(service.supervisor.get(f"/draws/{teams}"))["commitment"]
    # --- Tuesday: a citizen gets the archives of the supervisor, and has the commitment from the newspaper
    for draw in (teams, targets):
        archive = service.supervisor.get(f"/draws/{draw}/export")
        assert archive.status_code == 200
        zipfile.ZipFile(io.BytesIO(archive.content)).extractall(tmp_path / draw)
        assert service.department_a1.get(f"/draws/{draw}/export").status_code == 403
    of = tmp_path / teams
    roster = ["--roster", str(of / "roster"), "--commitment", commitment]
    assert _verified(of, *roster) == 0
    # --- a draw that somebody touched is found out
    table = of / "roster" / "recusals.csv"
    table.write_text(table.read_text("utf-8").replace("E1", "E2"), "utf-8")
    assert _verified(of, *roster) == 1
    assert _verified(tmp_path / targets) == 0
    capsys.readouterr()


def _verified(folder: Path, *more: str) -> int:
    of = [str(folder / name) for name in ("draw", "case")]
    return main(["draw", "verify", *of, "--schedule", str(folder / "schedule"), *more])


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        (_seed_of_another, "the seed is not that of the commitment"),
        (_other_commitment, "the commitment is not what the audit log says"),
        (_other_roster, "the roster is not that of the draw"),
        (_other_teams, "drawn again"),
    ],
)
def test_a_forged_record_is_found(service: Service, published: str, forged: Any, words: str) -> None:
    draw = _drawn(service.office_s1, published)
    of = draws.c.draw_id == draw
    with _behind_our_back(service) as connection:
        row = connection.execute(select(draws).where(of)).mappings().one()
        connection.execute(update(draws).where(of).values(**forged(row)))
    found = _verdict(service.supervisor, draw)
    assert not found["true"]
    assert words in " ".join(found["findings"]["en"])
    assert len(found["findings"]["zh"]) == len(found["findings"]["en"])
    assert "P9" not in str(_verdict(service.department_a2, draw)), "officers of another authority"


def test_forged_rows_of_a_draw_are_found(service: Service, published: str) -> None:
    teams, targets = _drawn(service.office_s1, published), _committed(service.office_s1, "targets")
    _said(service.office_s1.post(f"/draws/{targets}/targets", json=TARGETS))
    with _behind_our_back(service) as connection:
        connection.execute(update(draw_teams).where(draw_teams.c.draw_id == teams).values(name="他人"))
        connection.execute(update(draw_targets).values(enterprise_id="E6"))
    for draw in (teams, targets):
        words = "the result that is stored is not that of the record"
        assert _verdict(service.supervisor, draw)["findings"]["en"] == [words]


def test_the_case_of_a_draw_is_kept_as_long_as_the_draw(service: Service) -> None:
    draw = _committed(service.office_s1, "targets")
    _said(service.office_s1.post(f"/draws/{draw}/targets", json=TARGETS))
    service.clock.at += timedelta(days=400)
    prune(service.store, keep_days=30)
    assert _verdict(service.supervisor, draw)["true"]


def test_who_may_draw_and_what(service: Service, published: str) -> None:
    asked = {"schedule_id": published}
    draw = _committed(service.office_s1)
    for client in (service.department_a1, service.planner, service.supervisor):
        assert client.post(f"/draws/{draw}/officers", json=asked).status_code == 403
    # another office: neither with the seed of this one, nor for its street
    assert _said(service.office_s2.post(f"/draws/{draw}/officers", json=asked), 403)["code"] == "not_yours"
    other = _committed(service.office_s2)
    assert service.office_s2.post(f"/draws/{other}/officers", json=asked).status_code == 404
    targets = _committed(service.office_s2, "targets")
    assert service.office_s2.post(f"/draws/{targets}/targets", json=TARGETS).status_code == 403
    # the wrong kind, and a schedule that is not published
    assert _said(service.office_s1.post(f"/draws/{draw}/targets", json=TARGETS), 409)["code"] == "conflict"
    _said(service.administrator.post("/pins", json={"enterprise_id": "E2", "date": "2026-12-01"}), 201)
    run_id = _said(service.office_s1.post("/runs", json=RUN), 202)["run_id"]
    carry_out_all(service)
    draft = _said(service.office_s1.get(f"/runs/{run_id}"))["schedule_id"]
    refused = _said(service.office_s1.post(f"/draws/{draw}/officers", json={"schedule_id": draft}), 409)
    assert refused["code"] == "wrong_state"
    # the administrator carries out what the office committed to; a draft is as fresh as before
    _said(service.administrator.post(f"/draws/{draw}/officers", json=asked))
    _said(service.office_s1.post(f"/schedules/{draft}/publication"), 201)


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"schedule_id": "none"}, 404, "schedules/none"),
        ({"absences": [{"officer_id": "P99", "from": "2026-10-01", "to": "2026-10-02"}]}, 422, "P99"),
        ({"absences": [{"officer_id": "P1", "from": "2026-10-02", "to": "2026-10-01"}]}, 422, "dates_reversed"),
        ({"absences": [{"officer_id": "P1", "from": "2026-02-31", "to": "2026-10-01"}]}, 422, "2026-02-31"),
        ({"absences": [{"officer_id": "P1", "from": "2026-10-01", "to": "2026-10-01", "x": 1}]}, 422, "unknown_field"),
        ({"recusals": [{"officer_id": "P1"}]}, 422, "enterprise_id"),
        ({"past_teams": ["P1"]}, 422, "past_teams"),
        ({"officers": []}, 422, "officers"),
        ({"public": 5}, 422, "public"),
    ],
)
def test_what_officers_cannot_be_drawn_from_is_placed(
    service: Service, published: str, change: dict[str, Any], status: int, words: str
) -> None:
    draw = _committed(service.office_s1)
    body = {"schedule_id": published, **change}
    answer = service.office_s1.post(f"/draws/{draw}/officers", json=body, headers=ENGLISH)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert _said(service.office_s1.get(f"/draws/{draw}"))["state"] == "committed"


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"area_id": "S9"}, 404, "S9"),
        ({"authority_id": "A9"}, 422, "A9"),
        ({"strata": []}, 422, "strata"),
        ({"strata": [{"ratio": 0}]}, 422, "ratio"),
        ({"strata": [{"ratio": 1.01}]}, 422, "ratio"),
        ({"strata": [{"ratio": 0.1}, {"ratio": 0.2}]}, 422, "duplicate_id"),
        ({"strata": [{"credit_class": "Z", "ratio": 0.1}]}, 422, "credit_class"),
        ({"earliest": "2026-12-19"}, 422, "is after"),
        ({"latest": "2026-02-31"}, 422, "a date YYYY-MM-DD"),
        ({"priority": "urgent"}, 422, "urgent"),
        ({"duration_min": 0}, 422, "duration_min"),
        ({"schedule_id": "none"}, 404, "schedules/none"),
        ({"item_prefix": "a;b"}, 422, "item_prefix"),
    ],
)
def test_what_targets_cannot_be_drawn_from_is_placed(
    service: Service, change: dict[str, Any], status: int, words: str
) -> None:
    draw = _committed(service.administrator, "targets")
    answer = service.administrator.post(f"/draws/{draw}/targets", json={**TARGETS, **change}, headers=ENGLISH)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert service.administrator.every(f"/draws/{draw}/targets") == []
