"""What a server says of the runs in its database."""

from __future__ import annotations

import re

from tests.api.service.carrying import carry_out_all
from tests.api.service.world import HORIZON, Service, item, plan


def figures(service: Service) -> dict[str, float]:
    text = service.anonymous.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(onevisit_\S+) (\S+)$", text, re.MULTILINE)}


def test_a_planning_run_is_counted_with_its_seconds_and_its_gap(service: Service) -> None:
    before = figures(service)
    assert before["onevisit_solve_seconds_count"] == before["onevisit_solve_seconds_sum"] == 0
    assert before['onevisit_runs{kind="plan",state="succeeded"}'] == 0
    assert "onevisit_gap_crew_shifts" not in before
    sent = service.department_a1.post("/plans", json=plan([item("X1")])).json()["plan"]
    approved = service.department_a1.post(f"/plans/{sent['plan_id']}/approval", json={"approval_no": "1"})
    assert approved.status_code == 200, approved.text
    wanted = {"horizon_id": HORIZON, "area_id": "S1", "limits": {"iterations": 5}}
    begun = service.administrator.post("/runs", json=wanted)
    assert figures(service)['onevisit_runs{kind="plan",state="queued"}'] == 1
    carry_out_all(service)
    result = service.administrator.get(begun.headers["location"]).json()["result"]
    assert result["gap"]["crew_shifts"] is not None
    found = figures(service)
    assert found['onevisit_runs{kind="plan",state="succeeded"}'] == found["onevisit_solve_seconds_count"] == 1
    assert found["onevisit_solve_seconds_sum"] == result["search_s"]
    assert found["onevisit_gap_crew_shifts"] == result["gap"]["crew_shifts"]
