"""What another horizon has published counts against caps, until it is on record: then it is what the record says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.cases.area import Level, find_area
from api.cases.service import snapshot_of
from api.schedules.evaluate import take_in
from api.schedules.service import publish
from scheduler.domain.plans import PastInspection, Trigger
from tests.api.service.faults.drafts import ADMIN, solve_streets
from tests.api.service.world import HORIZON, Service, horizon, item

FORMER = "2026Q3"
DAY = "2026-09-14"


def _publish_former(service: Service, folder: Path, **more: Any) -> None:
    """Publish one visit of A1 and A2 at E1, street S1, on a day of the quarter before."""
    body = horizon(FORMER, start="2026-07-01", end="2026-09-30", closing_date="2026-12-31", closed=[])
    assert service.administrator.post("/horizons", json=body).status_code == 201
    window = {"earliest": DAY, "latest": DAY, "duration_min": 20}
    for client, name, facts in ((service.department_a1, "P1", more), (service.department_a2, "P2", {})):
        plan = {"horizon_id": FORMER, "items": [item(name, "E1", **window, **facts)]}
        made = client.post("/plans", json=plan).json()["plan"]
        service.administrator.post(f"/plans/{made['plan_id']}/approval", json={"approval_no": "1"})
    solve_streets(service.store, ["S1"], folder / "solved", FORMER)
    with service.store.reading() as connection:
        area = find_area(connection, Level.STREET, "S1")
    (folder / "aside").mkdir()
    found = take_in(service.store, ADMIN, FORMER, area, folder / "solved" / "S1", folder / "aside", None, "en")
    assert found["ok"], found
    publish(service.store, ADMIN, found["schedule_id"], None, folder, "en")


def _past(service: Service, horizon_id: str = HORIZON) -> tuple[PastInspection, ...]:
    with service.store.reading() as connection:
        snapshot = snapshot_of(connection, horizon_id, find_area(connection, Level.STREET, "S1"))
    return tuple(p for p in snapshot.history if p.enterprise_id == "E1" and p.day > 739_799)


def _used(service: Service) -> dict[str, int]:
    receipt = service.submit(service.department_a1, [item("X1", "E1")])
    return {c["period"]: c["used"] for c in receipt["advice"][0]["caps"]}


def test_a_visit_that_a_former_horizon_has_in_force_counts(service: Service, tmp_path: Path) -> None:
    assert _used(service) == {"2026": 1, "2026Q4": 0}
    _publish_former(service, tmp_path)
    assert _used(service) == {"2026": 2, "2026Q4": 0}
    found = _past(service)
    assert [(p.authority_id, p.trigger, p.cap_exempt) for p in found] == [
        ("A1", Trigger.ROUTINE, False),
        ("A2", Trigger.ROUTINE, False),
    ]
    assert len({(p.day, p.visit_id) for p in found}) == 1
    assert [p for p in _past(service, FORMER) if p.visit_id] == []  # of its own horizon it is planned, not past
    repeats = service.department_a1.get("/alerts", params={"horizon_id": HORIZON}).json()["items"]
    assert any(a["kind"] == "repeat" and a["enterprise_id"] == "E1" for a in repeats)


def test_a_published_visit_that_is_on_record_counts_once(service: Service, tmp_path: Path) -> None:
    _publish_former(service, tmp_path)
    [visit_id] = {p.visit_id for p in _past(service)}
    done = {"enterprise_id": "E1", "authority_id": "A1", "date": DAY}
    place = service.administrator.post("/history", json=done).headers["location"]
    assert [(p.authority_id, p.visit_id) for p in _past(service)] == [("A1", None)]  # A2 did not come
    assert _used(service)["2026"] == 2
    service.administrator.put(place, json={**done, "date": "2026-09-16", "visit_id": visit_id})
    assert [(p.authority_id, p.visit_id) for p in _past(service)] == [("A1", visit_id)]
    assert _used(service)["2026"] == 2


def test_what_is_exempt_in_a_former_horizon_does_not_count(service: Service, tmp_path: Path) -> None:
    _publish_former(service, tmp_path, trigger="case", cap_exempt=True)
    assert _used(service) == {"2026": 1, "2026Q4": 0}
    assert [(p.authority_id, p.trigger, p.cap_exempt) for p in _past(service)] == [
        ("A1", Trigger.CASE, True),
        ("A2", Trigger.ROUTINE, False),
    ]
