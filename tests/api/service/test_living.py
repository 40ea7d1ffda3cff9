"""A published schedule lives on: enterprises ask for other days, clerks drag visits, somebody asks about delay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from api.schedules.indexes import MoveIndexes
from scheduler.moves.index import MoveIndex
from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, item
from tests.builders import a_schedule, a_snapshot, an_item, day

ENGLISH = {"Accept-Language": "en"}
RUN = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 60}}


@pytest.fixture
def draft(service: Service) -> str:
    """The draft schedule of street S1: E1 is visited by A1 and A2, E2 by A1."""
    _plan(service, service.department_a1, [item("X1", "E1"), item("X2", "E2")])
    _plan(service, service.department_a2, [item("Y1", "E1", latest="2026-10-16")])
    return _solved(service)


def _plan(service: Service, client: Client, items: list[dict[str, Any]]) -> None:
    plan_id = service.submit(client, items)["plan"]["plan_id"]
    assert client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}).status_code == 200


def _solved(service: Service) -> str:
    run_id = service.office_s1.post("/runs", json=RUN).json()["run_id"]
    carry_out_all(service)
    run = service.office_s1.get(f"/runs/{run_id}").json()
    assert run["state"] == "succeeded", run["problem"]
    return str(run["schedule_id"])


def _visit(client: Client, schedule: str, enterprise: str) -> dict[str, Any]:
    [found] = client.every(f"/schedules/{schedule}/visits", enterprise_id=enterprise)
    return found


def _said(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_enterprise_asks_for_another_day_and_later_for_yet_another(service: Service, draft: str) -> None:
    office = service.office_s1

    # --- Tuesday 1 September: the schedule is published; E1 rings up, and is offered slots
    _said(office.post(f"/schedules/{draft}/publication"), 201)
    before = _visit(office, draft, "E1")
    slots = _said(office.get(f"/schedules/{draft}/slots", params={"enterprise_id": "E1", "k": 100}))["items"]
    whole = [s for s in slots if not s["num_lost"]]
    assert slots[: len(whole)] == whole
    assert {tuple(s["lost_item_ids"]) for s in slots[len(whole) :]} <= {("Y1",), ("X1",)}
    slot = next(s for s in whole if s["date"] != before["date"])
    move = {"visit": "E1", "date": slot["date"], "shift_id": slot["shift_id"]}
    checked = _said(office.post(f"/schedules/{draft}/move-check", json=move))
    assert checked["allowed"]
    assert (checked["cheapest_start"], checked["cheapest_cost"]) == (slot["start"], slot["cost"])

    # --- the same day: it takes one; a draft is made, its pin is in the register, and it is published
    key = {"Idempotency-Key": "e1-first"}
    made = office.post(f"/schedules/{draft}/moves", json=move, headers=key)
    new = _said(made, 201)["schedule_id"]
    again = office.post(f"/schedules/{draft}/moves", json=move, headers=key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (made.json(), "true")
    pin = {"enterprise_id": "E1", "date": slot["date"], "shift_id": slot["shift_id"]}
    assert [{k: p[k] for k in pin} for p in office.every("/pins")] == [pin]
    assert _said(office.get(f"/schedules/{new}"))["origin"] == "move"
    assert _said(office.get(f"/schedules/{new}/check"))["ok"]
    assert _visit(office, new, "E2") == _visit(office, draft, "E2")
    published = _said(office.post(f"/schedules/{new}/publication"), 201)
    assert (published["version"], published["supersedes"]) == (2, [draft])
    [entry] = service.audit_log(action="schedules.move")
    assert (entry["actor"], entry["object"], entry["after"]["of"]) == ("office_s1", f"schedules/{new}", draft)
    assert entry["after"]["date"] == slot["date"]

    # --- Wednesday 2 September: a street office that still looks at the old version is told so
    assert _said(office.post(f"/schedules/{draft}/moves", json=move), 409)["code"] == "wrong_state"

    # --- Thursday 3 September: E1 asks once more; its pin stands against it, until the office lets it go
    other = next(s for s in whole if s["date"] not in (before["date"], slot["date"]))
    move = {"visit": "E1", "date": other["date"], "shift_id": other["shift_id"]}
    refused = _said(office.post(f"/schedules/{new}/moves", json=move, headers=ENGLISH), 409)
    assert (refused["code"], [v["code"] for v in refused["violations"]]) == ("breaks_rules", ["R26"])
    third = _said(office.post(f"/schedules/{new}/moves", json={**move, "release_pin": True}), 201)
    assert third["pins"] == {"removed": 1, "added": 1}
    _said(office.post(f"/schedules/{third['schedule_id']}/publication"), 201)

    # --- Friday 4 September: all is solved anew, and E1 keeps its day
    assert _visit(office, _solved(service), "E1")["date"] == other["date"]
    assert service.administrator.get("/audit/verification").json()["whole"]


def test_a_draft_that_went_stale_is_not_moved_and_nothing_is_stored(service: Service, draft: str) -> None:
    # --- Monday: a clerk looks at a draft. Tuesday: E2 is pinned elsewhere. Wednesday: the clerk drags a visit
    visit = _visit(service.office_s1, draft, "E1")
    pin = {"enterprise_id": "E2", "date": "2026-12-01"}
    _said(service.office_s1.post("/pins", json=pin), 201)
    move = {"visit": "E1", "date": visit["date"], "shift_id": visit["shift_id"]}
    refused = _said(service.office_s1.post(f"/schedules/{draft}/moves", json=move, headers=ENGLISH), 409)
    assert refused["code"] == "stale"
    assert refused["changes"]
    assert len(service.office_s1.every("/pins")) == 1
    assert len(service.office_s1.every("/schedules")) == 1


def test_what_is_past_neither_moves_nor_is_moved_to(service: Service, draft: str) -> None:
    office, visit = service.office_s1, _visit(service.office_s1, draft, "E1")
    _said(office.post(f"/schedules/{draft}/publication"), 201)
    day = date.fromisoformat(visit["date"])
    service.clock.at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    move = {"visit": "E1", "date": visit["date"], "shift_id": visit["shift_id"]}
    _said(office.post(f"/schedules/{draft}/move-check", json=move))
    service.clock.at += timedelta(days=1)
    for when in (visit["date"], "2026-12-01"):
        for route in ("move-check", "moves"):
            body = {**move, "date": when}
            answer = office.post(f"/schedules/{draft}/{route}", json=body, headers=ENGLISH)
            assert answer.status_code == 422
            assert "no earlier than today" in answer.text


def test_a_day_that_loses_an_item_is_taken_only_when_the_item_is_named(service: Service, draft: str) -> None:
    office = service.office_s1
    move = {"visit": "E1", "date": "2026-11-10", "shift_id": "AM"}
    refused = _said(office.post(f"/schedules/{draft}/move-check", json=move))
    assert "R03" in {v["code"] for v in refused["violations"]}
    move["lost_item_ids"] = ["Y1"]
    made = _said(office.post(f"/schedules/{draft}/moves", json=move), 201)
    assert made["move"]["cost"]["unserved_weight"] > 0
    new = made["schedule_id"]
    [left] = office.every(f"/schedules/{new}/unserved")
    assert left["item_id"] == "Y1"
    assert left["reasons"]
    assert _said(office.get(f"/schedules/{new}/check"))["ok"]


def test_who_may_ask_and_who_may_move(service: Service, draft: str) -> None:
    visit = _visit(service.office_s1, draft, "E1")
    move = {"visit": "E1", "date": visit["date"], "shift_id": visit["shift_id"]}
    for client in (service.department_a1, service.office_s2):  # a draft of another street is none of theirs
        assert client.post(f"/schedules/{draft}/move-check", json=move).status_code == 404
        assert client.get(f"/schedules/{draft}/delay").status_code == 404
    assert service.supervisor.post(f"/schedules/{draft}/moves", json=move).status_code == 403
    _said(service.office_s1.post(f"/schedules/{draft}/publication"), 201)
    assert service.department_a2.post(f"/schedules/{draft}/moves", json=move).status_code == 403
    assert service.department_a2.post(f"/schedules/{draft}/move-check", json={**move, "visit": "E2"}).status_code == 404
    late = {**move, "date": "2026-11-10"}
    seen = _said(service.department_a1.post(f"/schedules/{draft}/move-check", json=late, headers=ENGLISH))
    assert "Y1" not in str(seen), "an item of another department"
    assert "Y1" in str(_said(service.department_a2.post(f"/schedules/{draft}/move-check", json=late, headers=ENGLISH)))
    slots = service.department_a1.get(f"/schedules/{draft}/slots", params={"enterprise_id": "E1", "k": 100})
    assert any(s["num_lost"] for s in _said(slots)["items"])
    assert "Y1" not in slots.text
    made = _said(service.planner.post(f"/schedules/{draft}/moves", json=move), 201)
    assert made["pins"] == {"removed": 0, "added": 1}


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"visit": "nobody"}, 404, "nobody"),
        ({"shift_id": "XM"}, 422, "there is no shift XM"),
        ({"date": "2027-10-08"}, 422, "outside the horizon"),
        ({"date": "2026-02-31"}, 422, "a date YYYY-MM-DD"),
        ({"start": "23:00"}, 422, "is outside shift"),
        ({"start": "25:00"}, 422, "pattern"),
        ({"lost_item_ids": ["Z"]}, 422, "has no item Z"),
    ],
)
def test_what_cannot_be_asked_is_placed(
    service: Service, draft: str, change: dict[str, Any], status: int, words: str
) -> None:
    move = {"visit": "E1", "date": "2026-10-12", "shift_id": "AM", **change}
    for route in ("move-check", "moves"):
        answer = service.office_s1.post(f"/schedules/{draft}/{route}", json=move, headers=ENGLISH)
        assert answer.status_code == status
        assert words in answer.text


def test_delay_is_simulated_by_seed_and_said_of_a_run(service: Service, draft: str) -> None:
    # --- Monday: the run says how its schedule fares. Tuesday: the office looks closer, twice with the same seed
    run = service.office_s1.every("/runs")[-1]
    assert run["result"]["delay"]["total"]["visits_on_time"]["mean"] <= 1
    asked = {"params": {"seed": 3, "runs": 20}}
    found = _said(service.office_s1.get(f"/schedules/{draft}/delay", **asked))
    assert (found["seed"], found["runs"]) == (3, 20)
    assert found == _said(service.office_s1.get(f"/schedules/{draft}/delay", **asked))
    assert [g["name"] for g in found["by_authority"]] == ["A1", "A2"]
    # --- Wednesday: it is published; a department sees its own share
    _said(service.office_s1.post(f"/schedules/{draft}/publication"), 201)
    own = _said(service.department_a2.get(f"/schedules/{draft}/delay", **asked))
    assert [g["name"] for g in own["by_authority"]] == ["A2"]


def test_indexes_are_kept_until_there_is_no_room_for_them() -> None:
    snapshot = a_snapshot([an_item("I1")])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])  # 3 rows: an item, a visit, a crew shift
    built: list[str] = []
    indexes = MoveIndexes(max_rows=6)

    def ask(name: str) -> MoveIndex:
        def build() -> MoveIndex:
            built.append(name)
            return MoveIndex(snapshot, schedule)

        return indexes.get((name, "digest"), build)

    assert ask("a") is ask("a")
    ask("b")
    ask("a")
    ask("c")  # takes the place of b, which was not used for longest
    ask("a")
    assert built == ["a", "b", "c"]
    ask("b")
    assert built == ["a", "b", "c", "b"]
