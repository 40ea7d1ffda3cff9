"""Who may do what: every route for every role, out of the application's own table of routes and policy.csv."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

import api.access
from api.access.caller import Role
from api.access.keys import issue_key
from api.reference.service import REGISTERS
from api.store.schema import accounts, api_keys
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.routes import TableRoute, routes_of
from tests.api.service.world import ACCOUNTS, NOW, Service, bearer

OPEN_PAGES = ("/c/", "/complaint/", "/language", "/login", "/o/", "/pages/style.css")
OPEN = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/static", "/auth/", "/calendars/", *OPEN_PAGES)
"""Routes that are open on purpose, by how their paths begin."""


def _policy() -> set[tuple[str, str, str]]:
    """Return the policy, read by other means than the service reads it."""
    text = (Path(api.access.__file__).parent / "policy.csv").read_text("utf-8")
    return {(row[1].strip(), row[2].strip(), row[3].strip()) for row in csv.reader(text.splitlines()) if row}


def _guarded(service: Service) -> list[TableRoute]:
    return [r for r in routes_of(service.app) if not r.path.startswith(OPEN)]


@ON_ONE_DATABASE
def test_every_route_needs_one_permission_or_is_open_on_purpose(service: Service) -> None:
    routes = routes_of(service.app)
    assert len(routes) > 90
    assert {(r.method, r.path) for r in _guarded(service) if len(r.needs) != 1} == set()
    assert {(r.method, r.path) for r in routes if r.path.startswith(OPEN) and r.needs} == set()


@ON_ONE_DATABASE
def test_what_routes_need_and_what_the_policy_grants_are_the_same_things(service: Service) -> None:
    needed = {need for r in _guarded(service) for need in r.needs}
    assert needed == {(resource, action) for _, resource, action in _policy()}
    assert {role for role, _, _ in _policy()} == {role.value for role in Role}


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_route_is_forbidden_exactly_when_the_policy_does_not_grant_it(service: Service, role: str) -> None:
    client, policy, wrong = service.of_role(role), _policy(), []
    for route in _guarded(service):
        answer = client.request(route.method, route.filled(), **_sent(route))
        granted = all((role, *need) in policy for need in route.needs)
        code = answer.json().get("code") if answer.status_code >= 400 else None
        if (answer.status_code == 403) is granted or (code == "forbidden") is granted or answer.status_code >= 500:
            wrong.append((route.method, route.path, answer.status_code, code))
    assert wrong == []


@ON_ONE_DATABASE
def test_nobody_gets_anywhere_without_a_key(service: Service) -> None:
    wrong = []
    for route in _guarded(service):
        answer = service.anonymous.request(route.method, route.filled(), **_sent(route))
        if answer.status_code != 401 or not answer.headers["www-authenticate"].startswith("Bearer"):
            wrong.append((route.method, route.path, answer.status_code))
    assert wrong == []


def _sent(route: TableRoute) -> dict[str, Any]:
    more = {"json": {}} if route.method in ("POST", "PUT") else {}
    return {"headers": {"Accept": "application/json"}, **more}  # errors of pages are pages for all others


@ON_ONE_DATABASE
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_a_register_is_exported_to_exactly_those_who_may_read_it(service: Service, role: str) -> None:
    for table in REGISTERS:
        answer = service.of_role(role).get(f"/exports/registers/{table}")
        assert answer.status_code == (200 if (role, table, "read") in _policy() else 403), table


@ON_ONE_DATABASE
def test_everybody_sees_the_open_routes(service: Service) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/static/swagger-ui.css"):
        assert service.anonymous.get(path).status_code == 200, path


# --- keys ------------------------------------------------------------------------------------------------------------


def _refused(service: Service, key: str) -> bool:
    answer = service.with_key(key).get("/streets")
    assert answer.status_code in (200, 401)
    return answer.status_code == 401


def _issued(service: Service, account_id: str = "planner", expires_at: str | None = None) -> str:
    with service.store.writing("system") as work:
        return issue_key(work, "key-new", account_id, "new", expires_at)


def _change_key(service: Service, **values: Any) -> None:
    with service.store.writing("system") as work:
        work.connection.execute(update(api_keys).where(api_keys.c.key_id == "key-new").values(**values))


def test_a_revoked_key_is_refused(service: Service) -> None:
    key = _issued(service)
    assert not _refused(service, key)
    _change_key(service, revoked_at=service.store.instant())
    assert _refused(service, key)


def test_a_key_is_refused_from_the_instant_at_which_it_expires(service: Service) -> None:
    key = _issued(service, expires_at="2026-09-01T02:00:00.000000Z")
    service.clock.at = NOW + timedelta(hours=1, microseconds=-1)
    assert not _refused(service, key)
    service.clock.at = NOW + timedelta(hours=1)
    assert _refused(service, key)


def test_the_keys_of_a_closed_account_are_refused(service: Service) -> None:
    key = _issued(service)
    with service.store.writing("system") as work:
        work.connection.execute(update(accounts).where(accounts.c.account_id == "planner").values(active=False))
    assert _refused(service, key)


def test_a_key_is_kept_as_a_digest_only(service: Service) -> None:
    key = _issued(service)
    with service.store.reading() as connection:
        stored = [str(v) for row in connection.execute(api_keys.select()) for v in row]
    assert not any(key in v or key.removeprefix("ov_") in v for v in stored)
    assert not any(key in str(e) for e in service.audit_log())


@ON_ONE_DATABASE
def test_a_key_counts_in_its_header_only(service: Service) -> None:
    key = _issued(service)
    get: Callable[..., Any] = service.anonymous.get
    for headers in (bearer(key), {"Authorization": f"bearer  {key} "}, {"X-API-Key": key}):
        assert get("/streets", headers=headers).status_code == 200
    wrong = (
        *({"Authorization": a} for a in ("", "Bearer", "Bearer ", f"Basic {key}", key, f"Bearer {key}x")),
        *({"X-API-Key": k} for k in ("", "ov_", key[:-1], key.upper(), f"Bearer {key}", "钥匙".encode())),
        {"Authorization": "Bearer wrong", "X-API-Key": key},
        {"Cookie": f"session={key}; api_key={key}"},
    )
    for headers in wrong:
        assert get("/streets", headers=headers).status_code == 401, headers
    assert get("/streets", params={"api_key": key, "access_token": key}).status_code == 400  # no such parameters


@ON_ONE_DATABASE
def test_an_account_without_an_authority_or_a_street_sees_none(service: Service) -> None:
    for role, hidden in ((Role.DEPARTMENT, "officers"), (Role.STREET_OFFICE, "enterprises")):
        row = {"account_id": f"bare-{role}", "name": "x", "role": role, "active": True, "created_at": "2026"}
        with service.store.writing("system") as work:
            work.connection.execute(insert(accounts).values(**row))
            key = issue_key(work, f"key-{role}", f"bare-{role}", "x")
        client = service.with_key(key)
        assert client.every(f"/{hidden}") == []
        assert client.every("/plans") == []
        assert client.every("/plan-items") == []
        assert client.get("/alerts", params={"horizon_id": "2026Q4"}).json()["items"] == []


def test_the_accounts_of_these_tests_cover_every_role() -> None:
    assert {more["role"] for more in ACCOUNTS.values()} == set(Role)
