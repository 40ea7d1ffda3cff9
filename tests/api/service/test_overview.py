"""The overview of supervision: who sees what of it, and the record behind every figure."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from api.store.fieldwork_tables import entries, entry_items
from scheduler.supervision.analysis.figures import FIGURES
from tests.api.service.watching import EN, entry_row
from tests.api.service.world import Service

PERIOD = {"first": "2026-10-01", "last": "2026-12-31"}


def _record(service: Service) -> None:
    """Store a joint visit at E1, an unscanned repeat there, a visit at E3 in the other street, and an older one."""
    rows = [
        entry_row("E1", "A1", "2026-10-12", entry_id="N-a", visit_id="V1", item_ids="X1;X2"),
        entry_row("E1", "A2", "2026-10-12", entry_id="N-b", visit_id="V1", start="09:15"),
        entry_row("E1", "A1", "2026-11-20", entry_id="N-c", scan_status="missing", path="off_plan"),
        entry_row("E3", "A2", "2026-10-13", entry_id="N-d", state="turned_away"),
        entry_row("E3", "A2", "2026-07-01", entry_id="N-old"),
    ]
    result = {"entry_id": "N-a", "item_id": "X1", "result": "rectification", "due": "2026-11-01"}
    spared = {"leniency_list": "no_penalty", "leniency_amount": 500}
    with service.store.writing("officer_p1") as work:
        work.connection.execute(insert(entries), [{"visit_id": None, **r} for r in rows])
        work.connection.execute(insert(entry_items).values(**result, **spared, recorded_at=work.at))


def _overview(client: Any, **asked: str) -> dict[str, Any]:
    answer = client.get("/overview", params={**PERIOD, **asked}, headers=EN)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _figures(client: Any, **asked: str) -> dict[str, int]:
    found: dict[str, int] = _overview(client, **asked)["total"]["figures"]
    return found


def test_a_period_adds_up_what_happened(service: Service) -> None:
    _record(service)
    got = _figures(service.supervisor)
    assert (got["doors"], got["joint_doors"], got["entries"], got["repeats"]) == (2, 1, 3, 1)
    assert (got["door_minutes"], got["scan_missing"], got["path_off_plan"], got["turned_away"]) == (75, 1, 1, 1)
    assert (got["result_rectification"], got["leniency"], got["leniency_yuan"]) == (1, 1, 500)
    rate = _overview(service.supervisor)["total"]["rates"]["joint_rate"]
    assert (rate["numerator"], rate["denominator"]) == (3, 4)


def test_groups_have_names_and_come_in_the_order_of_their_ids(service: Service) -> None:
    _record(service)
    got = _overview(service.supervisor, by="authority")
    assert [(g["group"], g["figures"]["doors"]) for g in got["groups"]] == [("A1", 2), ("A2", 1)]
    assert got["total"]["figures"]["doors"] == 2
    assert all(g["name"] for g in got["groups"])


def test_a_department_sees_its_own_and_a_street_office_its_streets(service: Service) -> None:
    _record(service)
    assert _figures(service.department_a2)["entries"] == 1
    assert _figures(service.department_a2, authority_id="A1")["entries"] == 0
    assert _figures(service.department_a2)["joint_doors"] == 1
    assert (_figures(service.office_s1)["entries"], _figures(service.office_s2)["entries"]) == (3, 0)
    assert _figures(service.office_s2)["turned_away"] == 1
    assert _figures(service.planner) == _figures(service.administrator) == _figures(service.supervisor)
    for name in ("enterprise_e1", "officer_p1", "invited"):
        assert getattr(service, name).get("/overview", params=PERIOD).status_code == 403, name


@pytest.mark.parametrize("by", ["city", "street", "district", "industry", "authority", "week"])
def test_every_figure_of_every_group_leads_back_to_its_entries(service: Service, by: str) -> None:
    _record(service)
    for client in (service.supervisor, service.department_a2):
        for group in _overview(client, by=by)["groups"]:
            for figure in ("doors", "entries", "door_minutes", "scan_missing", "turned_away"):
                asked = {**PERIOD, "by": by, "group": group["group"], "figure": figure, "limit": 1}
                rows = list(client.every("/overview/records", **asked))
                assert sum(r["counts"] for r in rows) == group["figures"][figure]


def test_a_department_is_not_led_to_the_entries_of_another(service: Service) -> None:
    _record(service)
    rows = list(service.department_a2.every("/overview/records", **PERIOD, figure="entries"))
    assert [r["entry_id"] for r in rows] == ["N-b"]


def test_every_figure_is_told_in_words(service: Service) -> None:
    assert set(_overview(service.supervisor)["words"]) == set(FIGURES)


@pytest.mark.parametrize(
    "asked",
    [
        {"first": "2026-10-02", "last": "2026-10-01"},
        {"first": "2026-01-01", "last": "2027-01-02"},
        {"first": "2026-02-30", "last": "2026-03-01"},
    ],
)
def test_a_period_that_is_none_is_refused(service: Service, asked: dict[str, str]) -> None:
    assert service.supervisor.get("/overview", params=asked).status_code == 422


def test_the_first_and_the_last_day_of_the_calendar_are_dates_too(service: Service) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        assert _figures(service.supervisor, first=day, last=day)["entries"] == 0


def test_an_unknown_figure_or_cursor_is_refused(service: Service) -> None:
    url = "/overview/records"
    assert service.supervisor.get(url, params={**PERIOD, "figure": "rank"}).status_code == 422
    assert service.supervisor.get(url, params={**PERIOD, "figure": "doors", "cursor": "?"}).status_code == 400


def _weak(client: Any, by: str) -> list[dict[str, Any]]:
    answer = client.get("/weak-links", params={**PERIOD, "by": by}, headers=EN)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_a_body_that_often_fails_to_scan_is_named_with_the_reason_and_sees_only_itself(service: Service) -> None:
    rows = [entry_row("E1", "A1", "2026-10-12", scan_status="missing") for _ in range(30)]
    rows += [entry_row("E3", "A2", "2026-10-12") for _ in range(300)]
    with service.store.writing("officer_p1") as work:
        work.connection.execute(insert(entries), rows)
    named = [(w["measure"], w["body"]) for w in _weak(service.supervisor, "authority") if w["is_named"]]
    assert named == [("missing_scans", "A1")]
    (own,) = (w for w in _weak(service.department_a1, "authority") if w["measure"] == "missing_scans")
    assert (own["body"], own["num"], own["of"], own["is_named"]) == ("A1", 30, 30, True)
    assert own["pooled"] == 30 / 330
    assert own["why"].startswith("30 of 30 entries not scanned")
    assert _weak(service.department_a1, "street") == _weak(service.office_s1, "authority") == []
    assert {w["body"] for w in _weak(service.office_s1, "street")} == {"S1"}
