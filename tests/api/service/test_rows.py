"""Which rows a caller sees and may write: a department its own, a street office those of its streets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.service.client import Client
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON, REFERENCE, Service, item, plan


@dataclass(frozen=True)
class Plans:
    """Ids of plans: of A1 in streets S1 and S2, of A1 in S1 only, of A2 in S2."""

    both: str
    only_s1: str
    of_a2: str


@pytest.fixture
def plans(service: Service) -> Plans:
    def submit(client: Client, code: str, items: Sequence[dict[str, Any]]) -> str:
        return str(service.submit(client, items, code=code)["plan"]["plan_id"])

    return Plans(
        submit(service.department_a1, "both", [item("X1", "E1"), item("X2", "E3")]),
        submit(service.department_a1, "s1", [item("X3", "E2")]),
        submit(service.department_a2, "main", [item("Y1", "E3")]),
    )


def _row_of(service: Service, register: str, **equal: Any) -> dict[str, Any]:
    rows = service.administrator.every(f"/{register}", **equal)
    assert rows
    return rows[0]


def _ids(client: Client, path: str, key: str, **params: Any) -> list[Any]:
    return [r[key] for r in client.every(path, **params)]


# --- departments -----------------------------------------------------------------------------------------------------


def test_a_department_lists_its_own_plans_and_items_only(service: Service, plans: Plans) -> None:
    assert _ids(service.department_a1, "/plans", "plan_id") == [plans.both, plans.only_s1]
    assert _ids(service.department_a2, "/plans", "plan_id") == [plans.of_a2]
    assert _ids(service.department_a2, "/plans", "plan_id", authority_id="A1") == []
    assert _ids(service.department_a1, "/plan-items", "item_id") == ["X1", "X2", "X3"]
    assert _ids(service.department_a2, "/plan-items", "item_id") == ["Y1"]
    assert _ids(service.department_a2, "/plan-items", "item_id", authority_id="A1") == []
    assert _ids(service.department_a2, "/plan-items", "item_id", enterprise_id="E1") == []


def test_a_department_that_guesses_a_plan_finds_nothing(service: Service, plans: Plans) -> None:
    for path in ("", "/items", "/advice"):
        assert service.department_a2.get(f"/plans/{plans.both}{path}").status_code == 404, path
    for path, body in (("approval", {"approval_no": "1"}), ("withdrawal", {"reason": "x"})):
        assert service.department_a2.post(f"/plans/{plans.both}/{path}", json=body).status_code == 404, path
    assert service.department_a1.get(f"/plans/{plans.both}").json()["state"] == "draft"
    unknown = service.department_a2.get("/plans/none").json()
    guessed = service.department_a2.get(f"/plans/{plans.both}").json()
    assert guessed["title"] == unknown["title"]  # nothing says that it is there


def test_a_department_submits_for_itself_only(service: Service) -> None:
    answer = service.department_a2.post("/plans", json=plan([item("Z1")], authority_id="A1"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    text = "item_id,enterprise_id,duration_min,earliest,latest,priority\nZ1,E1,30,2026-10-08,2026-12-18,normal\n"
    csv = {"params": {"horizon_id": HORIZON, "authority_id": "A1"}, "headers": {"Content-Type": "text/csv"}}
    assert service.department_a2.post("/plans", content=text, **csv).status_code == 403
    answer = service.department_a2.post("/plans", json=plan([item("Z1", authority_id="A1")]))
    assert answer.status_code == 422
    assert [p["code"] for p in answer.json()["problems"]] == ["other_authority"]
    assert service.administrator.every("/plans") == []


@pytest.mark.parametrize("register", ["officers", "crews", "history"])
def test_a_department_sees_its_own_rows_only(service: Service, register: str) -> None:
    expected = [r for r in service.administrator.every(f"/{register}") if r["authority_id"] == "A2"]
    assert expected
    assert service.department_a2.every(f"/{register}") == expected
    assert service.department_a2.every(f"/{register}", authority_id="A1") == []
    exported = service.department_a2.get(f"/exports/registers/{register}").text
    assert len(exported.strip().split("\n")) == 1 + len(expected)


@pytest.mark.parametrize("register", ["officers", "crews", "history"])
def test_a_department_that_guesses_a_row_finds_nothing(service: Service, register: str) -> None:
    row = _row_of(service, register, authority_id="A1")
    place = f"/{register}/{row.get('row_id', row.get('officer_id'))}"
    assert service.department_a1.get(place).json() == row
    assert service.department_a2.get(place).status_code == 404
    if register != "history":
        body = {k: v for k, v in row.items() if k not in ("row_id", "version")}
        assert service.department_a2.put(place, json=body).status_code == 404
        assert service.department_a2.put(place, json={**body, "authority_id": "A2"}).status_code == 404
        assert service.department_a2.delete(place).status_code == 404
    assert service.administrator.get(place).json() == row


@pytest.mark.parametrize("register", ["officers", "crews"])
def test_a_department_writes_its_own_rows_only(service: Service, register: str) -> None:
    answer = service.department_a2.post(f"/{register}", json=NEW[register])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")
    mine = {**NEW[register], "authority_id": "A2"}
    made = service.department_a2.post(f"/{register}", json=mine)
    assert made.status_code == 201
    given_away = service.department_a2.put(made.headers["location"], json=NEW[register])
    assert (given_away.status_code, given_away.json()["code"]) == (403, "not_yours")
    assert service.department_a2.get(made.headers["location"]).json()["authority_id"] == "A2"
    assert service.department_a2.delete(made.headers["location"]).status_code == 204


def test_a_department_is_not_told_who_is_missing(service: Service) -> None:
    answer = service.department_a1.get("/plans/missing", params={"horizon_id": HORIZON, "street_id": "S1"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_yours")


def test_a_department_is_reminded_of_what_concerns_it_only(service: Service, plans: Plans) -> None:
    found = service.department_a2.get("/alerts", params={"horizon_id": HORIZON}).json()["items"]
    assert found
    assert all("A2" in a["authority_ids"] for a in found)
    asked = service.department_a2.get("/alerts", params={"horizon_id": HORIZON, "authority_id": "A1"}).json()
    assert asked["items"] == found


# --- street offices --------------------------------------------------------------------------------------------------


def test_a_street_office_sees_its_enterprises_only(service: Service) -> None:
    assert _ids(service.office_s1, "/enterprises", "enterprise_id") == ["E1", "E2"]
    assert _ids(service.office_s2, "/enterprises", "enterprise_id", street_id="S1") == []
    assert service.office_s2.get("/enterprises/E3").status_code == 200
    assert service.office_s2.get("/enterprises/E1").status_code == 404
    assert _ids(service.office_s1, "/history", "enterprise_id") == ["E1"]
    assert _ids(service.office_s2, "/history", "enterprise_id") == ["E3", "E3"]
    of_e1 = _row_of(service, "history", enterprise_id="E1")["row_id"]
    assert service.office_s1.get(f"/history/{of_e1}").status_code == 200
    assert service.office_s2.get(f"/history/{of_e1}").status_code == 404
    exported = service.office_s2.get("/exports/registers/enterprises").text
    assert [line.split(",")[0] for line in exported.strip().split("\n")] == ["enterprise_id", "E3", "E4"]


def test_a_street_office_writes_its_enterprises_only(service: Service) -> None:
    e1, e3 = REFERENCE["enterprises"][0], REFERENCE["enterprises"][2]
    assert service.office_s2.put("/enterprises/E1", json={**e1, "name": "x"}).status_code == 404
    assert service.office_s2.put("/enterprises/E1", json={**e1, "street_id": "S2"}).status_code == 404
    assert service.office_s2.delete("/enterprises/E1").status_code == 404
    assert service.office_s2.post("/enterprises", json=NEW["enterprises"]).status_code == 403
    assert service.office_s2.put("/enterprises/E3", json={**e3, "street_id": "S1"}).status_code == 403
    assert service.office_s2.put("/enterprises/E3", json={**e3, "name": "新名"}).status_code == 200
    assert service.office_s2.post("/enterprises", json={**NEW["enterprises"], "street_id": "S2"}).status_code == 201
    assert service.administrator.get("/enterprises/E1").json()["name"] == "企业1"


def test_a_street_office_sees_and_writes_the_pins_of_its_streets_only(service: Service) -> None:
    pin = _row_of(service, "pins", enterprise_id="E3")
    place = f"/pins/{pin['row_id']}"
    assert service.office_s2.every("/pins") == [pin]
    assert service.office_s1.every("/pins") == []
    assert service.office_s1.get(place).status_code == 404
    assert service.office_s1.delete(place).status_code == 404
    assert service.office_s1.put(place, json={"enterprise_id": "E1", "date": "2026-10-13"}).status_code == 404
    assert service.office_s2.put(place, json={"enterprise_id": "E1", "date": "2026-10-13"}).status_code == 403
    assert service.office_s2.post("/pins", json=NEW["pins"]).status_code == 403
    assert service.office_s1.post("/pins", json=NEW["pins"]).status_code == 201
    assert service.office_s2.delete(place).status_code == 204


def test_a_street_office_sees_the_plans_and_items_at_its_enterprises_only(service: Service, plans: Plans) -> None:
    assert _ids(service.office_s1, "/plans", "plan_id") == [plans.both, plans.only_s1]
    assert _ids(service.office_s2, "/plans", "plan_id") == [plans.both, plans.of_a2]
    assert service.office_s2.get(f"/plans/{plans.only_s1}").status_code == 404
    assert service.office_s2.get(f"/plans/{plans.only_s1}/items").status_code == 404
    assert service.office_s2.get(f"/plans/{plans.only_s1}/advice").status_code == 404
    assert _ids(service.office_s2, f"/plans/{plans.both}/items", "item_id") == ["X2"]
    assert _ids(service.office_s2, f"/plans/{plans.both}/advice", "item_id") == ["X2"]
    assert _ids(service.office_s2, "/plan-items", "item_id") == ["X2", "Y1"]
    assert _ids(service.office_s2, "/plan-items", "item_id", street_id="S1") == []
    assert _ids(service.office_s2, "/plan-items", "item_id", enterprise_id="E1") == []


def test_a_street_office_is_told_of_its_streets_only(service: Service, plans: Plans) -> None:
    asked = {"horizon_id": HORIZON}
    mine = service.office_s2.get("/plans/missing", params={**asked, "street_id": "S2"})
    other = service.office_s2.get("/plans/missing", params={**asked, "street_id": "S1"})
    assert (mine.status_code, other.status_code) == (200, 403)
    found = service.office_s2.get("/alerts", params=asked).json()["items"]
    assert {a["enterprise_id"] for a in found} == {"E3"}
    elsewhere = service.office_s2.get("/alerts", params={**asked, "enterprise_id": "E1"}).json()["items"]
    assert elsewhere == []


def test_a_street_office_sees_no_officers(service: Service) -> None:
    assert service.office_s1.every("/officers") == []
    assert service.office_s1.get("/officers/P1").status_code == 404


def test_those_for_the_whole_city_see_everything(service: Service, plans: Plans) -> None:
    for client in (service.planner, service.supervisor, service.administrator):
        assert _ids(client, "/plans", "plan_id") == [plans.both, plans.only_s1, plans.of_a2]
        assert _ids(client, "/plan-items", "item_id") == ["X1", "X2", "X3", "Y1"]
        assert len(client.every("/enterprises")) == 6
        assert len(client.every("/history")) == 3
