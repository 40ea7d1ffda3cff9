"""What a server says of the runs that it has carried out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from api.runs.dispatcher import Dispatcher
from api.store.work import Store
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, item, plan

PATIENCE_S = 120.0


def figures(service: Service) -> dict[str, float]:
    text = service.anonymous.get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^(onevisit_\S+) (\S+)$", text, re.MULTILINE)}


@pytest.fixture
def service(make_service: Callable[..., Service]) -> Service:
    return make_service(poll_s=0.1, max_runs=1, cluster="threads")


@ON_ONE_DATABASE
def test_a_planning_run_is_counted_with_its_seconds_and_its_gap(service: Service) -> None:
    assert figures(service)["onevisit_solve_seconds_count"] == 0
    sent = service.department_a1.post("/plans", json=plan([item("X1")])).json()["plan"]
    approved = service.department_a1.post(f"/plans/{sent['plan_id']}/approval", json={"approval_no": "1"})
    assert approved.status_code == 200, approved.text
    wanted = {"horizon_id": HORIZON, "area_id": "S1", "limits": {"iterations": 5}}
    begun = service.administrator.post("/runs", json=wanted)
    assert begun.status_code == 202, begun.text
    settings = service.app.state.services.settings
    dispatcher = Dispatcher(settings, Store(engine=service.store.engine), service.app.state.metrics)
    dispatcher.start()
    try:
        until = time.monotonic() + PATIENCE_S
        while not (found := figures(service))["onevisit_solve_seconds_count"]:
            assert time.monotonic() < until, service.administrator.get(begun.headers["location"]).text
            time.sleep(0.1)
    finally:
        dispatcher.stop()
    run = service.administrator.get(begun.headers["location"]).json()
    assert run["result"]["gap"]["crew_shifts"] is not None
    assert found['onevisit_runs_ended_total{kind="plan",state="succeeded"}'] == 1
    assert found['onevisit_runs{state="succeeded"}'] == 1
    assert found["onevisit_solve_seconds_sum"] == run["result"]["search_s"]
    assert found["onevisit_gap_crew_shifts"] == run["result"]["gap"]["crew_shifts"]
