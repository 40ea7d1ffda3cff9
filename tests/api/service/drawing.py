"""Draws over HTTP: officers hired, schedules published, draws committed to, carried out and verified."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from api.cli import main
from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.world import HORIZON, Service, item

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


def said(answer: Any, status: int = 200) -> dict[str, Any]:
    """Return the body of an answer, which must have a status."""
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def officer(number: int, authority_id: str, **more: Any) -> dict[str, Any]:
    """Return an officer with a certificate for the years around."""
    validity = {"valid_from": "2024-01-01", "valid_to": "2028-12-31"}
    who = {"officer_id": f"P{number}", "name": f"人员{number}", "certificate_no": f"粤B{number:05d}"}
    return {**who, "authority_id": authority_id, **validity, **more}


def hire(service: Service, people: Iterable[dict[str, Any]]) -> None:
    """Put officers on the register."""
    for officer in people:
        said(service.administrator.post("/officers", json=officer), 201)


def publish(service: Service, client: Client, area_id: str, enterprises: tuple[str, str]) -> str:
    """Plan items of A1 and A2 at two enterprises of a street, solve, publish, and return the schedule."""
    first, second = enterprises
    for department, items in (
        (service.department_a1, [item(f"X-{first}", first), item(f"X-{second}", second)]),
        (service.department_a2, [item(f"Y-{first}", first)]),
    ):
        plan_id = service.submit(department, items, code=area_id)["plan"]["plan_id"]
        said(department.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    run_id = said(client.post("/runs", json={**RUN, "area_id": area_id}), 202)["run_id"]
    carry_out_all(service)
    run = said(client.get(f"/runs/{run_id}"))
    assert run["state"] == "succeeded", run["problem"]
    said(client.post(f"/schedules/{run['schedule_id']}/publication"), 201)
    return str(run["schedule_id"])


def committed(client: Client, kind: str = "officers") -> str:
    """Commit to a draw, and return its id."""
    body = {"kind": kind, "purpose": "马田街道 2026Q4", "horizon_id": HORIZON}
    return str(said(client.post("/draws", json=body), 201)["draw_id"])


def drawn_for(client: Client, schedule: str, **more: Any) -> str:
    """Draw officers for a schedule, and return the id of the draw."""
    draw = committed(client)
    said(client.post(f"/draws/{draw}/officers", json={"schedule_id": schedule, **more}))
    return draw


def verdict(client: Client, draw: str) -> dict[str, Any]:
    """Return what the service says of a draw."""
    return said(client.get(f"/draws/{draw}/verification", headers=ENGLISH))


def verified(folder: Path, *more: str) -> int:
    """Verify an archive that was unpacked on the command line, and return the exit code."""
    of = [str(folder / name) for name in ("draw", "case")]
    return main(["draw", "verify", *of, "--schedule", str(folder / "schedule"), *more])


def publish_s1(service: Service) -> str:
    """Publish a schedule of S1: E1 is visited by A1 and A2, E2 by A1, which have three officers each."""
    hire(service, [officer(n, a) for n, a in ((4, "A1"), (5, "A1"), (6, "A2"), (7, "A2"))])
    return publish(service, service.office_s1, "S1", ("E1", "E2"))
