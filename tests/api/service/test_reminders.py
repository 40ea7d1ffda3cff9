"""What is told at once of a plan: caps, merging, what can never be served, reminders; and who is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from api.alerts.service import seed_rules
from tests.api.service.world import HORIZON, Service, item, plan

EN = {"Accept-Language": "en"}


def _advice(receipt: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {a["item_id"]: a for a in receipt["advice"]}


def _caps(advice: dict[str, Any]) -> dict[tuple[str, str | None, str], tuple[int, int, int]]:
    return {(c["scope"], c["authority_id"], c["period"]): (c["max"], c["used"], c["left"]) for c in advice["caps"]}


def test_what_history_has_used_of_the_caps_and_what_is_left_is_told_of_every_item(service: Service) -> None:
    told = _advice(service.submit(service.department_a1, [item("X1", "E1"), item("X2", "E2")]))
    assert _caps(told["X1"]) == {
        ("authority", "A1", "2026"): (2, 1, 1),
        ("enterprise", None, "2026Q4"): (2, 0, 2),
    }
    assert _caps(told["X2"])["authority", "A1", "2026"] == (2, 0, 2)
    assert told["X1"]["servable"]
    past = {"enterprise_id": "E2", "authority_id": "A1", "date": "2026-10-09"}
    for day in ("2026-10-09", "2026-10-09", "2026-10-12"):
        service.administrator.post("/history", json={**past, "date": day})
    told = _advice(service.submit(service.department_a1, [item("X2", "E2"), item("X3", "E2", cap_exempt=True)]))
    assert _caps(told["X2"]) == {("authority", "A1", "2026"): (2, 2, 0), ("enterprise", None, "2026Q4"): (2, 2, 0)}
    assert (told["X2"]["servable"], told["X2"]["reasons"]) == (False, ["cap", "cap"])  # of both caps
    assert (told["X3"]["servable"], told["X3"]["caps"]) == (True, [])


def test_the_overlap_of_two_authorities_is_told(service: Service) -> None:
    alone = service.submit(service.department_a1, [item("X1", "E3"), item("X2", "E1")])
    assert [a["merges_with"] for a in alone["advice"]] == [[], []]
    own_id = alone["plan"]["plan_id"]
    items = [
        item("Y1", "E3"),
        item("Y2", "E3", notice="unannounced"),
        item("Y3", "E1", latest="2026-10-09"),
        item("Y4", "E2"),
    ]
    answer = service.department_a2.post("/plans", json=plan(items), headers=EN)
    told = _advice(answer.json())
    of_a1 = [{"authority_id": "A1", "item_ids": ["X1"]}]
    assert (told["Y1"]["merges_with"], told["Y1"]["kept_apart"]) == (of_a1, [])
    assert (told["Y2"]["merges_with"], told["Y2"]["kept_apart"]) == ([], of_a1)
    assert told["Y3"]["merges_with"] == [{"authority_id": "A1", "item_ids": ["X2"]}]
    assert (told["Y4"]["merges_with"], told["Y4"]["kept_apart"]) == ([], [])
    assert any("merged with 1 item(s) of 市场监管局 (X1)" in s for s in told["Y1"]["sentences"])
    # The first is told too, whenever it asks.
    later = service.department_a1.get(f"/plans/{own_id}/advice", headers=EN).json()
    told = {a["item_id"]: a for a in later["items"]}
    assert told["X1"]["merges_with"] == [{"authority_id": "A2", "item_ids": ["Y1"]}]
    assert told["X1"]["kept_apart"] == [{"authority_id": "A2", "item_ids": ["Y2"]}]


def test_a_withdrawn_plan_is_no_partner(service: Service) -> None:
    first = service.submit(service.department_a1, [item("X1")])["plan"]["plan_id"]
    service.department_a1.post(f"/plans/{first}/withdrawal", json={"reason": "重复"})
    assert service.submit(service.department_a2, [item("Y1")])["advice"][0]["merges_with"] == []


def test_items_that_cannot_be_served_are_told_with_the_reason_in_both_languages(service: Service) -> None:
    items = [
        item("Y1", "E5"),  # no crews of A2 in S3
        item("Y2", "E1", earliest="2026-10-10", latest="2026-10-11"),  # a weekend
        item("Y3", "E1", duration_min=400),  # longer than a shift
        item("Y4", "E1", crews=3),
        item("Y5", "E1"),
    ]
    said = {}
    for lang in ("en", "zh"):
        answer = service.department_a2.post("/plans", json=plan(items), headers={"Accept-Language": lang})
        told = _advice(answer.json())
        assert {i: (a["servable"], a["reasons"]) for i, a in told.items()} == {
            "Y1": (False, ["no_crew"]),
            "Y2": (False, ["window"]),
            "Y3": (False, ["shift_too_short"]),
            "Y4": (False, ["no_crew"]),
            "Y5": (True, []),
        }
        said[lang] = told["Y1"]["sentences"]
    assert said["en"][0].startswith("It cannot be served. 应急管理局 has at most 0 crews for 街道3")
    assert said["zh"][0].startswith("不能安排：")


def test_crews_of_a_shift_that_the_horizon_has_not_do_not_come_and_stop_nobody(service: Service) -> None:
    crews = {"authority_id": "A2", "area_id": "D2", "crews": 1}
    assert service.department_a2.post("/crews", json={**crews, "shift_id": "NIGHT"}).status_code == 201
    told = _advice(service.submit(service.department_a2, [item("Y1", "E5"), item("Y2", "E1")]))
    assert (told["Y1"]["reasons"], told["Y2"]["servable"]) == (["no_crew"], True)
    area = {"horizon_id": HORIZON, "level": "district", "area_id": "D2"}
    assert service.planner.get("/exports/case", params=area).status_code == 200
    assert service.department_a2.post("/crews", json={**crews, "shift_id": "PM"}).status_code == 201
    assert _advice(service.submit(service.department_a2, [item("Y1", "E5")]))["Y1"]["servable"]


def test_a_quiet_period_stops_what_it_does_not_exempt(service: Service) -> None:
    window = {"earliest": "2026-10-08", "latest": "2026-10-20"}
    told = _advice(
        service.submit(service.department_a1, [item("X1", "E5", **window), item("X2", "E5", trigger="case", **window)])
    )
    assert (told["X1"]["servable"], told["X1"]["reasons"]) == (False, ["quiet"])
    assert told["X2"]["servable"]


# --- reminders -------------------------------------------------------------------------------------------------------


def _alerts(found: list[dict[str, Any]]) -> set[tuple[str, str, bool]]:
    return {(a["rule_id"], a["enterprise_id"], a["certain"]) for a in found}


def test_a_department_is_reminded_at_submission_before_anything_happens(service: Service) -> None:
    window = {"earliest": "2026-10-08", "latest": "2026-10-20"}
    items = [item("X1", "E1"), item("X2", "E3", **window), item("X3", "E2")]
    receipt = service.submit(service.department_a1, items)
    assert _alerts(receipt["alerts"]) == {
        ("cap_100", "E1", True),  # one visit of A1 this year, two allowed
        ("cap_100", "E3", True),
        ("repeat_60", "E3", True),  # A2 was there on 27 August
    }
    again = next(a for a in receipt["alerts"] if a["rule_id"] == "repeat_60")
    assert (again["authority_ids"], again["refs"]) == (["A1", "A2"], ["E3/2026-08-27", "X2"])
    assert "2026-08-27" in again["sentence"]
    for client in (service.office_s2, service.supervisor):
        found = client.get("/alerts", params={"horizon_id": HORIZON, "enterprise_id": "E3"}).json()["items"]
        assert ("repeat_60", "E3", True) in _alerts(found)
        assert again["refs"] in [a["refs"] for a in found]


def test_an_inspection_for_a_cause_is_no_repeat(service: Service) -> None:
    window = {"earliest": "2026-10-08", "latest": "2026-10-20"}
    receipt = service.submit(service.department_a1, [item("X1", "E3", trigger="case", **window)])
    assert "repeat_60" not in {a["rule_id"] for a in receipt["alerts"]}


def test_a_rule_that_is_changed_or_taken_away_reminds_otherwise(service: Service) -> None:
    window = {"earliest": "2026-10-08", "latest": "2026-10-20"}

    def rules_that_remind() -> set[str]:
        return {a["rule_id"] for a in service.submit(service.department_a1, [item("X1", "E3", **window)])["alerts"]}

    assert rules_that_remind() == {"cap_100", "repeat_60"}
    repeat = {"kind": "repeat", "days": 42}
    assert service.supervisor.put("/alert-rules/repeat_60", json=repeat).status_code == 200
    assert rules_that_remind() == {"cap_100"}  # 8 October is the 43rd day, that of the visit being the first
    assert service.supervisor.put("/alert-rules/repeat_60", json={**repeat, "days": 43}).status_code == 200
    assert rules_that_remind() == {"cap_100", "repeat_60"}
    idle = {**repeat, "days": 43, "active": False}
    assert service.supervisor.put("/alert-rules/repeat_60", json=idle).status_code == 200
    assert rules_that_remind() == {"cap_100"}
    for rule in ("cap_100", "cap_80", "repeat_60", "crowd_10"):
        assert service.supervisor.delete(f"/alert-rules/{rule}").status_code == 204
    assert rules_that_remind() == set()
    with service.store.writing("system") as work:
        seed_rules(work)  # as at the next start: what was deleted stays so
    assert rules_that_remind() == set()
    assert service.supervisor.put("/alert-rules/few", json={"kind": "crowd", "officers": 1}).status_code == 201
    assert rules_that_remind() == {"few"}  # a crew is two officers


def test_a_rule_is_put_read_replaced_and_deleted(service: Service) -> None:
    body = {"kind": "repeat", "days": 90, "exempt_triggers": ["case"]}
    made = service.supervisor.put("/alert-rules/repeat_90", json=body)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    full = {"rule_id": "repeat_90", **body, "share": None, "officers": None, "active": True, "version": 1}
    assert made.json() == full
    again = service.supervisor.put("/alert-rules/repeat_90", json={**body, "days": 91}, headers={"If-Match": '"1"'})
    assert (again.status_code, again.json()) == (200, {**full, "days": 91, "version": 2})
    stale = service.supervisor.put("/alert-rules/repeat_90", json=body, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")
    absent = service.supervisor.put("/alert-rules/none", json=body, headers={"If-Match": '"1"'})
    assert absent.status_code == 412
    listed = service.department_a1.get("/alert-rules").json()["items"]
    assert [r["rule_id"] for r in listed] == ["cap_100", "cap_80", "crowd_10", "repeat_60", "repeat_90"]
    assert service.supervisor.delete("/alert-rules/repeat_90").status_code == 204
    assert service.supervisor.delete("/alert-rules/repeat_90").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "repeat"},
        {"kind": "repeat", "share": 0.5},
        {"kind": "cap_used", "days": 3},
        {"kind": "crowd"},
        {"kind": "repeat", "days": 0},
        {"kind": "repeat", "days": 1.5},
        {"kind": "repeat", "days": "60"},
        {"kind": "cap_used", "share": -1},
        {"kind": "crowd", "officers": 10**9},
        {"kind": "other", "days": 60},
        {"kind": "repeat", "days": 60, "exempt_triggers": ["none"]},
        {"kind": "repeat", "days": 60, "more": 1},
    ],
)
def test_a_rule_without_its_threshold_or_with_a_fault_is_refused(service: Service, body: dict[str, Any]) -> None:
    assert service.supervisor.put("/alert-rules/mine", json=body).status_code in (400, 422)
    assert service.supervisor.put("/alert-rules/BAD ID", json={"kind": "repeat", "days": 9}).status_code == 422
    assert len(service.supervisor.get("/alert-rules").json()["items"]) == 4


# --- who is missing --------------------------------------------------------------------------------------------------


def _missing(service: Service, street_id: str) -> dict[str, Any]:
    client = {"S1": service.office_s1, "S2": service.office_s2}.get(street_id, service.planner)
    answer = client.get("/plans/missing", params={"horizon_id": HORIZON, "street_id": street_id})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_a_street_office_sees_who_has_not_submitted_or_approved(service: Service) -> None:
    found = _missing(service, "S1")
    assert (found["missing"], found["unapproved"], found["open"]) == (["A1", "A2", "A3"], [], True)
    assert _missing(service, "S2")["missing"] == ["A1", "A2"]  # A3 has crews in S1 only
    assert _missing(service, "S3")["missing"] == ["A1"]
    one = service.submit(service.department_a1, [item("X1", "E1"), item("X2", "E2"), item("X3", "E3")])["plan"]
    two = service.submit(service.department_a2, [item("Y1", "E1")])["plan"]
    service.department_a2.post(f"/plans/{two['plan_id']}/approval", json={"approval_no": "1"})
    found = _missing(service, "S1")
    assert (found["missing"], found["unapproved"]) == (["A3"], ["A1"])
    counts = {a["authority_id"]: (a["submitted"], a["items_draft"], a["items_approved"]) for a in found["authorities"]}
    assert counts == {"A1": (True, 2, 0), "A2": (True, 0, 1), "A3": (False, 0, 0)}
    service.department_a1.post(f"/plans/{one['plan_id']}/withdrawal", json={"reason": "x"})
    assert _missing(service, "S1")["missing"] == ["A1", "A3"]
    service.clock.at = datetime(2026, 9, 27, tzinfo=UTC)
    assert _missing(service, "S1")["open"] is False


def test_of_what_is_not_there_nobody_is_missing(service: Service) -> None:
    for asked in ({"horizon_id": "none", "street_id": "S1"}, {"horizon_id": HORIZON, "street_id": "none"}):
        assert service.planner.get("/plans/missing", params=asked).status_code == 404
    assert service.planner.get("/plans/missing").status_code == 422
