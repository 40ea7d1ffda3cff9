"""schemathesis over the whole OpenAPI: whatever is sent, in whatever order, the service does as it is described.

What is sent, and which checks are made of the answers, is said in ``fuzzing.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.access.caller import Role, permits
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.fuzzing import Found, Inhabited, inhabit, send
from tests.api.service.routes import routes_of
from tests.api.service.world import Service

LINKED = (
    "accounts", "plans", "runs", "schedules", "enterprises", "crews", "alerts", "horizons", "districts", "streets",
    "authorities", "officers", "history", "quiet", "pins", "preferred_pins", "shifts", "caps", "draws",
)  # fmt: skip
"""Tags whose operations are linked with each other."""


@pytest.fixture
def inhabited(make_service: Callable[..., Service]) -> Iterator[Inhabited]:
    service = make_service()
    yield inhabit(service)
    assert service.administrator.get("/audit/verification").json()["whole"]
    assert service.administrator.get("/readyz").status_code == 200


def _check(found: Found) -> None:
    assert not found.failures, found.report()
    assert [s for s in found.statuses if s >= 500] == []


def _permitted(service: Service) -> list[Any]:
    """Return the operations that an administrator may carry out; others are for enterprises and officers."""
    needs = {(r.method, r.path): r.needs for r in routes_of(service.app)}
    return [
        operation
        for path, methods in service.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if all(permits(Role.ADMINISTRATOR, *need) for need in needs.get((method.upper(), path), ()))
    ]


@ON_ONE_DATABASE
def test_every_boundary_of_every_operation(inhabited: Inhabited) -> None:
    found = send(inhabited, inhabited.service.administrator, phases=["examples", "coverage"], examples=1)
    _check(found)
    operations = _permitted(inhabited.service)
    missed = sorted({o["operationId"] for o in operations} - found.reached)
    assert len(found.reached) > 0.7 * len(operations), f"{missed}: most must be carried out, or little is looked at"


@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_whatever_an_administrator_may_think_of(inhabited: Inhabited) -> None:
    _check(send(inhabited, inhabited.service.administrator, phases=["fuzzing"], examples=3))


@ON_ONE_DATABASE
def test_whatever_a_department_may_think_of(inhabited: Inhabited) -> None:
    _check(send(inhabited, inhabited.service.department_a1, phases=["fuzzing", "stateful"], examples=3))


@ON_ONE_DATABASE
def test_whatever_an_enterprise_may_think_of(inhabited: Inhabited) -> None:
    phases = ["examples", "coverage", "fuzzing"]
    found = send(inhabited, inhabited.service.enterprise_e1, phases=phases, examples=3, tag="my")
    _check(found)
    assert {"file_my_complaint", "list_my_contents", "list_my_past_visits", "list_my_visits"} <= found.reached


@pytest.mark.parametrize(
    ("prepared", "tags"), [("sqlite", LINKED), ("postgresql", LINKED[:6])], indirect=["prepared"], ids=["all", "some"]
)
def test_operations_that_follow_from_each_other(inhabited: Inhabited, tags: tuple[str, ...]) -> None:
    for tag in tags:
        _check(send(inhabited, inhabited.service.administrator, phases=["stateful"], examples=5, tag=tag))


@ON_ONE_DATABASE
def test_whatever_an_officer_may_think_of(inhabited: Inhabited) -> None:
    phases = ["examples", "coverage", "fuzzing"]
    _check(send(inhabited, inhabited.service.officer_p1, phases=phases, examples=3, tag="fieldwork"))
