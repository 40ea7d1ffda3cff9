"""Horizons: judged as the intake judges a case, and so are the shifts and caps that are changed later."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.service.world import HORIZON, Service, horizon, item, plan


def _settings(**more: Any) -> dict[str, Any]:
    return {k: v for k, v in horizon(**more).items() if k not in ("horizon_id", "shifts", "caps")}


def test_a_horizon_is_opened_with_its_shifts_and_caps(service: Service) -> None:
    more = {"visit": {"overhead_min": 15}, "priority": {"urgent": 100, "normal": 1}, "calendar": "weekdays"}
    made = service.administrator.post("/horizons", json=horizon("2027Q1", **more))
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, "/horizons/2027Q1", '"1"')
    read = service.department_a1.get("/horizons/2027Q1")
    assert read.json() == made.json()
    assert (read.json()["visit"]["overhead_min"], read.json()["priority"]) == (15, {"urgent": 100, "normal": 1})
    shifts = service.planner.every("/shifts", horizon_id="2027Q1")
    assert [(s["shift_id"], s["start"], s["end"]) for s in shifts] == [
        ("AM", "09:00", "12:00"),
        ("PM", "14:00", "17:30"),
    ]
    caps = service.planner.every("/caps", horizon_id="2027Q1")
    assert [(c["scope"], c["authority"], c["credit_class"], c["period"], c["max_visits"]) for c in caps] == [
        ("enterprise", "*", "*", "quarter", 2),
        ("authority", "*", "*", "year", 2),
    ]
    assert [h["horizon_id"] for h in service.planner.every("/horizons", limit=1)] == [HORIZON, "2027Q1"]


def test_a_horizon_is_opened_once(service: Service) -> None:
    answer = service.administrator.post("/horizons", json=horizon(name="other"))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert len(service.planner.every("/shifts")) == 2


def test_the_settings_of_a_horizon_are_replaced_by_version(service: Service) -> None:
    place, body = f"/horizons/{HORIZON}", _settings(closing_date="2026-09-28")
    put = service.administrator.put(place, json=body, headers={"If-Match": '"1"'})
    assert (put.status_code, put.json()["version"], put.json()["closing_date"]) == (200, 2, "2026-09-28")
    stale = service.administrator.put(place, json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    assert service.administrator.get(place).json() == put.json()
    assert service.administrator.put("/horizons/none", json=body).status_code == 404


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"start": "2026-12-31", "end": "2026-10-01"}, "horizon.end"),
        ({"start": "2026-02-30"}, "horizon.start"),
        ({"closing_date": "2026-13-01"}, "closing_date"),
        ({"end": "2999-12-31"}, "horizon.end"),
        ({"shifts": [{"id": "AM", "start": "12:00", "end": "09:00"}]}, "shift[1].end"),
        ({"shifts": [{"id": "A", "start": "09:00", "end": "12:00"}] * 2}, "shift[2].id"),
        ({"shifts": [{"id": "A", "start": "25:00", "end": "26:00"}]}, "shift[1].start"),
    ],
)
def test_a_fault_that_the_intake_would_find_is_placed_and_nothing_stored(
    service: Service, more: dict[str, Any], column: str
) -> None:
    answer = service.administrator.post("/horizons", json=horizon("X", **more))
    assert answer.status_code == 422
    assert column in [p["column"] for p in answer.json()["problems"]]
    if "shifts" not in more:
        assert service.administrator.put(f"/horizons/{HORIZON}", json=_settings(**more)).status_code == 422
    assert [h["horizon_id"] for h in service.administrator.every("/horizons")] == [HORIZON]
    assert len(service.administrator.every("/shifts")) == 2


@pytest.mark.parametrize(
    "more",
    [
        *(
            {"horizon_id": v}
            for v in ("", "=1+1", "@x", "+1", "-1", "a;b", "a/b", "a b", " a", "*", "x" * 101, 7, None)
        ),
        *({"name": v} for v in ("", "=1+1", "a\nb", "x" * 201, None)),
        *({"shifts": [{"id": v, "start": "09:00", "end": "10:00"}]} for v in ("", "=1", "a;b", "a\tb", 1)),
        {"shifts": []},
        {"shifts": [{"id": "A", "start": "9:00", "end": "10:00"}]},
        {"caps": [{"scope": "enterprise", "period": "decade", "max_visits": 1}]},
        {"caps": [{"scope": "enterprise", "period": "year", "max_visits": -1}]},
        {"caps": [{"scope": "enterprise", "period": "year", "max_visits": True}]},
        {"priority": {}},
        {"visit": {"overhead_min": "10"}},
        {"travel": {"speed_kmh": 0}},
        {"closed": ["2026-10-1"]},
        {"calendar": "lunar"},
        {"other": 1},
    ],
)
def test_a_body_of_another_form_is_refused(service: Service, more: dict[str, Any]) -> None:
    answer = service.administrator.post("/horizons", json={**horizon("X"), **more})
    assert answer.status_code == 422, answer.text
    assert answer.json()["problems"]


def test_shifts_that_overlap_later_are_refused_and_the_horizon_stays_as_it_was(service: Service) -> None:
    admin = service.administrator
    before = admin.every("/shifts")
    noon = {"horizon_id": HORIZON, "shift_id": "NOON", "start": "11:00", "end": "15:00"}
    morning = {"horizon_id": HORIZON, "shift_id": "AM", "start": "09:00", "end": "14:30"}
    for answer in (
        admin.post("/shifts", json=noon),
        admin.put(f"/shifts/{before[0]['row_id']}", json=morning),
    ):
        assert answer.status_code == 422
        assert "shift_overlap" in [p["code"] for p in answer.json()["problems"]]
    assert admin.every("/shifts") == before
    assert service.department_a1.post("/plans", json=plan([item("X1")])).status_code == 201


def test_a_horizon_keeps_a_shift(service: Service) -> None:
    first, last = service.administrator.every("/shifts")
    assert service.administrator.delete(f"/shifts/{first['row_id']}").status_code == 204
    assert service.administrator.delete(f"/shifts/{last['row_id']}").status_code == 422
    assert service.administrator.every("/shifts") == [last]
