"""What was read can be put back, and rows that could not be planned together are refused when they are written."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from api.reference.service import REGISTERS
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON, Service, horizon


def _codes(answer: httpx2.Response) -> list[tuple[str, str, str]]:
    return [(p["code"], p["table"], p["column"]) for p in answer.json()["problems"]]


@pytest.mark.parametrize("name", list(REGISTERS))
def test_a_row_that_was_read_is_put_back_as_it_is_and_only_once(service: Service, name: str) -> None:
    place = service.administrator.post(f"/{name}", json=NEW[name]).headers["location"]
    read = service.administrator.get(place).json()
    put = service.administrator.put(place, json=read)
    assert (put.status_code, put.json()) == (200, {**read, "version": 2})
    late = service.administrator.put(place, json=read)
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    other = service.administrator.put(place, json={**read, "version": 2}, headers={"If-Match": '"1"'})
    assert other.status_code == 412
    if "row_id" in read:
        foreign = service.administrator.put(place, json={**put.json(), "row_id": read["row_id"] + 1})
        assert (foreign.status_code, foreign.json()["code"]) == (409, "conflict")
    assert service.administrator.put(place, json={**put.json(), "version": "2"}).status_code == 422
    assert service.administrator.get(place).json() == put.json()


@pytest.mark.parametrize(
    ("place", "key"),
    [(f"/horizons/{HORIZON}", "horizon_id"), ("/accounts/planner", "account_id"), ("/alert-rules/cap_80", "rule_id")],
)
def test_horizons_accounts_and_rules_too_are_put_back(service: Service, place: str, key: str) -> None:
    def read() -> Any:
        if key != "rule_id":
            return service.administrator.get(place).json()
        return next(r for r in service.administrator.get("/alert-rules").json()["items"] if r[key] in place)

    before = read()
    assert service.administrator.put(place, json=before).status_code == 200
    assert read() == {**before, "version": before["version"] + 1}
    assert service.administrator.put(place, json=before).status_code == 412
    foreign = service.administrator.put(place, json={**read(), key: "another"})
    assert (foreign.status_code, foreign.json()["code"]) == (409, "conflict")


def test_when_an_account_was_made_nobody_changes(service: Service) -> None:
    read = service.administrator.get("/accounts/planner").json()
    answer = service.administrator.put("/accounts/planner", json={**read, "created_at": "2020-01-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_pin_in_a_shift_that_its_horizon_has_not_is_refused_when_either_is_written(service: Service) -> None:
    pin = {"enterprise_id": "E1", "date": "2026-11-02", "shift_id": "NIGHT"}
    answer = service.administrator.post("/pins", json=pin)
    assert (answer.status_code, _codes(answer)) == (422, [("unknown_reference", "pins", "shift_id")])
    assert HORIZON in answer.json()["problems"][0]["expected"]
    place = service.administrator.post("/pins", json={**pin, "shift_id": "AM"}).headers["location"]
    assert service.administrator.put(place, json=pin).status_code == 422
    outside = service.administrator.post("/pins", json={**pin, "date": "2031-01-07"})
    assert outside.status_code == 201  # no horizon there yet
    later = horizon("2031Q1", start="2031-01-01", end="2031-03-31", closing_date="2030-12-20")
    opened = service.administrator.post("/horizons", json=later)
    assert (opened.status_code, _codes(opened)) == (422, [("unknown_reference", "pins", "shift_id")])
    assert [p["shift_id"] for p in service.administrator.every("/pins")] == [None, "AM", "NIGHT"]


def test_a_shift_that_a_pin_names_stays(service: Service) -> None:
    service.administrator.post("/pins", json={"enterprise_id": "E1", "date": "2026-11-02", "shift_id": "AM"})
    shift = next(s for s in service.administrator.every("/shifts") if s["shift_id"] == "AM")
    gone = service.administrator.delete(f"/shifts/{shift['row_id']}")
    assert (gone.status_code, _codes(gone)) == (422, [("unknown_reference", "pins", "shift_id")])
    assert shift in service.administrator.every("/shifts")


def test_a_visit_of_the_past_has_one_date(service: Service) -> None:
    row = {"enterprise_id": "E2", "authority_id": "A1", "date": "2026-06-30", "visit_id": "V1"}
    assert service.administrator.post("/history", json=row).status_code == 201
    assert service.administrator.post("/history", json={**row, "authority_id": "A2"}).status_code == 201
    other = service.administrator.post("/history", json={**row, "authority_id": "A3", "date": "2026-07-01"})
    assert (other.status_code, _codes(other)) == (422, [("visit_has_a_date", "history", "date")])
    elsewhere = service.administrator.post("/history", json={**row, "enterprise_id": "E3", "date": "2026-07-01"})
    assert elsewhere.status_code == 201


def test_the_last_key_of_the_last_administrator_stays(service: Service) -> None:
    admin = service.administrator
    [key] = admin.every("/accounts/administrator/keys")
    refused = admin.delete(f"/accounts/administrator/keys/{key['key_id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    assert admin.get("/me").status_code == 200
    more = admin.post("/accounts/administrator/keys", json={"label": "new"}).json()
    assert admin.delete(f"/accounts/administrator/keys/{key['key_id']}").status_code == 204
    assert admin.get("/me").status_code == 401
    left = service.with_key(more["key"])
    assert left.delete(f"/accounts/administrator/keys/{more['key_id']}").status_code == 409
    assert left.delete("/accounts/planner/keys/none").status_code == 404


@pytest.mark.parametrize(
    ("place", "account"),
    [
        ("/authorities/A8", {"name": "x", "role": "department", "authority_id": "A8"}),
        ("/streets/S8", {"name": "x", "role": "street_office", "street_ids": ["S1", "S8"]}),
    ],
)
def test_what_an_account_is_bound_to_stays(service: Service, place: str, account: dict[str, Any]) -> None:
    admin = service.administrator
    admin.post("/authorities", json={"authority_id": "A8", "name": "八"})
    admin.post("/streets", json={**NEW["streets"], "street_id": "S8"})
    made = admin.post("/accounts", json=account).json()
    refused = admin.delete(place)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "accounts" in refused.json()["detail"]
    assert admin.put(f"/accounts/{made['account_id']}", json={"name": "x", "role": "planner"}).status_code == 200
    assert admin.delete(place).status_code == 204
