"""People ask a schedule questions: why an item is left out, what it would take, why this day, hour, these crews."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, item

ENGLISH = {"Accept-Language": "en"}
RUN = {"horizon_id": HORIZON, "level": "street", "area_id": "S1", "limits": {"iterations": 60}}


def _said(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def published(service: Service) -> str:
    """A schedule of S1 that visits E1 and E2, and leaves out Y9 of A2: it was at E1 as often as a year's cap allows."""
    for day in ("2026-02-10", "2026-04-14"):
        row = {"enterprise_id": "E2", "authority_id": "A2", "date": day}
        _said(service.administrator.post("/history", json=row), 201)
    for client, items in (
        (service.department_a1, [item("X1", "E1"), item("X2", "E2")]),
        (service.department_a2, [item("Y1", "E1"), item("Y9", "E2")]),
    ):
        plan_id = service.submit(client, items)["plan"]["plan_id"]
        _said(client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    run_id = _said(service.office_s1.post("/runs", json=RUN), 202)["run_id"]
    carry_out_all(service)
    schedule = str(_said(service.office_s1.get(f"/runs/{run_id}"))["schedule_id"])
    _said(service.office_s1.post(f"/schedules/{schedule}/publication"), 201)
    return schedule


def _visit(client: Client, schedule: str, enterprise: str) -> dict[str, Any]:
    [found] = client.every(f"/schedules/{schedule}/visits", enterprise_id=enterprise)
    return found


def _answered(service: Service, client: Client, schedule: str, question: str, item_id: str) -> dict[str, Any]:
    body = {"question": question, "item_id": item_id, "iterations": 50}
    run = _said(client.post(f"/schedules/{schedule}/explanations", json=body), 202)
    assert run["kind"] == "explain"
    carry_out_all(service)
    run = _said(client.get(f"/runs/{run['run_id']}"))
    assert run["state"] == "succeeded", run["problem"]
    found: dict[str, Any] = run["result"]
    return found


def test_a_department_asks_why_its_item_is_left_out_and_what_it_would_take(service: Service, published: str) -> None:
    # --- Monday: A2 asks why Y9 is not served; the cap is named, and that one more visit a year serves it is tried out
    found = _answered(service, service.department_a2, published, "item", "Y9")
    assert found["zh"]["reasons"] == found["en"]["reasons"]
    assert found["en"]["ok"]
    assert "planning again" in " ".join(found["en"]["sentences"])
    assert "重新排程" in "".join(found["zh"]["sentences"])
    # --- Tuesday: the planner asks what it would take
    found = _answered(service, service.planner, published, "serve", "Y9")
    assert any(t["confirmed"] for t in found["en"]["trials"])
    # --- nothing has changed by asking
    assert len(service.office_s1.every("/schedules")) == 1


def test_why_this_day_this_hour_and_these_crews(service: Service, published: str) -> None:
    office, visit = service.office_s1, _visit(service.office_s1, published, "E1")
    ask = f"/schedules/{published}/explanations"
    found = _said(office.get(f"{ask}/day", params={"visit": "E1", "date": "2026-10-31"}, headers=ENGLISH))
    assert found["verdict"] == "impossible"
    assert {v["code"] for s in found["shifts"] for v in s["violations"]}
    found = _said(office.get(f"{ask}/hour", params={"visit": visit["visit_id"]}))
    assert found["start"] == visit["start"]
    assert found["sentences"]
    params = {"street_id": "S1", "date": visit["date"], "shift_id": visit["shift_id"], "authority_id": "A2"}
    found = _said(office.get(f"{ask}/crews", params=params))
    assert (found["crews"], found["proven"], found["visits"]) == (1, "any", [visit["visit_id"]])
    assert _said(service.department_a2.get(f"{ask}/crews", params=params)) == found


def test_nobody_learns_of_others_by_asking(service: Service, published: str) -> None:
    visit, ask = _visit(service.office_s1, published, "E1"), f"/schedules/{published}/explanations"
    params = {"street_id": "S1", "date": visit["date"], "shift_id": visit["shift_id"], "authority_id": "A1"}
    assert service.department_a2.get(f"{ask}/crews", params=params).status_code == 403
    assert service.department_a2.get(f"{ask}/hour", params={"visit": "E1"}).status_code == 403
    assert service.office_s2.get(f"{ask}/hour", params={"visit": "E1"}).status_code == 404
    body = {"question": "item", "item_id": "Y9"}
    assert service.department_a1.post(ask, json=body).status_code == 404
    assert service.office_s2.post(ask, json=body).status_code == 404
    days = {"visit": "E1", "date": "2027-01-04"}
    late = service.department_a2.get(f"{ask}/day", params={**days, "date": "2026-12-31"}, headers=ENGLISH)
    assert "X1" not in late.text
    assert "X1" in service.department_a1.get(f"{ask}/day", params={**days, "date": "2026-12-31"}, headers=ENGLISH).text


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("path", "params", "status", "words"),
    [
        ("day", {"visit": "nobody", "date": "2026-10-12"}, 404, "nobody"),
        ("day", {"visit": "E1", "date": "2026-02-31"}, 422, "a date YYYY-MM-DD"),
        ("day", {"visit": "E1", "date": "2027-10-12"}, 422, "outside the horizon"),
        ("hour", {"visit": "nobody"}, 404, "nobody"),
        ("crews", {"street_id": "S9", "date": "2026-10-12", "shift_id": "AM", "authority_id": "A1"}, 422, "S9"),
        ("crews", {"street_id": "S1", "date": "2026-10-17", "shift_id": "AM", "authority_id": "A1"}, 422, ""),
    ],
)
def test_what_cannot_be_asked_is_told(
    service: Service, published: str, path: str, params: dict[str, str], status: int, words: str
) -> None:
    answer = service.planner.get(f"/schedules/{published}/explanations/{path}", params=params, headers=ENGLISH)
    assert answer.status_code == status, answer.text
    assert words in answer.text


@ON_ONE_DATABASE
def test_an_item_that_is_served_is_no_question(service: Service, published: str) -> None:
    body = {"question": "item", "item_id": "X1"}
    run = _said(service.planner.post(f"/schedules/{published}/explanations", json=body), 202)
    carry_out_all(service)
    run = _said(service.planner.get(f"/runs/{run['run_id']}"))
    assert (run["state"], run["problem"]["en"]["status"]) == ("failed", 422)
    assert "item X1 is served" in str(run["problem"]["en"])
