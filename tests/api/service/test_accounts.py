"""Accounts, their keys, who one is, the audit log, and the administrator of the first start."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, text, update

from api.access.caller import Role
from api.access.keys import PREFIX, digest_of
from api.access.service import first_administrator, replace
from api.app import create_app
from api.settings import Settings
from api.store.database import open_engine
from api.store.schema import api_keys, audit
from api.store.work import Store
from tests.api.service.client import Client
from tests.api.service.world import ACCOUNTS, Clock, Ids, Service, bearer

OFFICE: dict[str, Any] = {"name": "凤凰街道办", "role": "street_office", "street_ids": ["S2", "S1", "S2"]}
DEPARTMENT: dict[str, Any] = {"name": "市监局", "role": "department", "authority_id": "A1"}
ADMINISTRATOR: dict[str, Any] = {"name": "管理员", "role": "administrator"}


def _problems(answer: httpx2.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(p["column"], p["code"]) for p in answer.json()["problems"]]


def _create(service: Service, body: dict[str, Any]) -> str:
    answer = service.administrator.post("/accounts", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["account_id"])


def _issue(service: Service, account_id: str, **more: Any) -> dict[str, Any]:
    answer = service.administrator.post(f"/accounts/{account_id}/keys", json={"label": "系统", **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_account_is_created_read_and_listed(service: Service) -> None:
    made = service.administrator.post("/accounts", json=OFFICE)
    assert made.status_code == 201, made.text
    row = made.json()
    assert row["street_ids"] == ["S1", "S2"]
    assert (row["authority_id"], row["subject"], row["active"], row["version"]) == (None, None, True, 1)
    assert made.headers["etag"] == '"1"'
    read = service.administrator.get(made.headers["location"])
    assert read.json() == row
    assert row in service.administrator.every("/accounts", limit=2)
    assert len(service.administrator.every("/accounts", limit=3)) == len(ACCOUNTS) + 1
    offices = service.administrator.every("/accounts", role="street_office")
    assert {a["role"] for a in offices} == {"street_office"}
    assert len(offices) == 3
    assert service.administrator.every("/accounts", active="false") == []
    assert service.administrator.get("/accounts/nobody").status_code == 404


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({**DEPARTMENT, "authority_id": None}, [("authority_id", "missing_value")]),
        ({**DEPARTMENT, "authority_id": "A9"}, [("authority_id", "unknown_reference")]),
        ({**DEPARTMENT, "street_ids": ["S1"]}, [("street_ids", "not_of_role")]),
        ({**OFFICE, "street_ids": []}, [("street_ids", "missing_value")]),
        ({**OFFICE, "street_ids": ["S1", "S8", "S9"]}, [("street_ids", "unknown_reference")] * 2),
        ({**OFFICE, "authority_id": "A1"}, [("authority_id", "not_of_role")]),
        (
            {**ADMINISTRATOR, "authority_id": "A1", "street_ids": ["S1"]},
            [("authority_id", "not_of_role"), ("street_ids", "not_of_role")],
        ),
        ({**ADMINISTRATOR, "role": "king"}, [("role", "enum")]),
        ({**ADMINISTRATOR, "name": "  "}, [("name", "string_pattern_mismatch")]),
        ({**ADMINISTRATOR, "subject": " x"}, [("subject", "string_pattern_mismatch")]),
        ({**ADMINISTRATOR, "subject": "a\nb"}, [("subject", "string_pattern_mismatch")]),
        ({**ADMINISTRATOR, "password": "1"}, [("password", "extra_forbidden")]),
        ({**ADMINISTRATOR, "active": "yes"}, [("active", "bool_type")]),
    ],
)
def test_an_account_has_what_its_role_needs_and_nothing_else(
    service: Service, body: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    before = service.administrator.every("/accounts")
    assert _problems(service.administrator.post("/accounts", json=body)) == found
    assert _problems(service.administrator.put("/accounts/planner", json=body)) == found
    assert service.administrator.every("/accounts") == before
    assert service.audit_log(action="accounts.create") == []


def test_an_account_is_replaced_and_what_it_may_do_changes_at_once(service: Service) -> None:
    assert service.planner.get("/me").json()["role"] == "planner"
    put = service.administrator.put("/accounts/planner", json=OFFICE, headers={"If-Match": '"1"'})
    assert put.status_code == 200, put.text
    assert put.headers["etag"] == '"2"'
    assert service.planner.get("/me").json()["street_ids"] == ["S1", "S2"]
    late = service.administrator.put("/accounts/planner", json=DEPARTMENT, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert service.administrator.put("/accounts/nobody", json=OFFICE).status_code == 404
    [entry] = service.audit_log(action="accounts.replace")
    assert (entry["actor"], entry["object"]) == ("administrator", "accounts/planner")
    assert (entry["before"]["role"], entry["after"]["role"]) == ("planner", "street_office")


def test_a_closed_account_is_refused_at_once_and_kept(service: Service) -> None:
    body = {"name": "planner", "role": "planner", "active": False}
    assert service.administrator.put("/accounts/planner", json=body).status_code == 200
    assert service.planner.get("/me").status_code == 401
    assert [a["account_id"] for a in service.administrator.every("/accounts", active="false")] == ["planner"]
    assert service.administrator.delete("/accounts/planner").status_code == 405
    assert service.administrator.put("/accounts/planner", json={**body, "active": True}).status_code == 200
    assert service.planner.get("/me").status_code == 200


def test_a_subject_belongs_to_one_account_and_an_address_has_no_capitals(service: Service) -> None:
    account_id = _create(service, {**ADMINISTRATOR, "subject": "Li.Si@Example.gov.cn"})
    assert service.administrator.get(f"/accounts/{account_id}").json()["subject"] == "li.si@example.gov.cn"
    again = {**ADMINISTRATOR, "subject": "li.si@example.gov.cn"}
    assert service.administrator.post("/accounts", json=again).json()["code"] == "already_exists"
    taken = service.administrator.put("/accounts/planner", json=again)
    assert (taken.status_code, taken.json()["code"]) == (409, "already_exists")
    proper = _create(service, {**ADMINISTRATOR, "subject": "https://ID.example/ AbC"})
    assert service.administrator.get(f"/accounts/{proper}").json()["subject"] == "https://ID.example/ AbC"


@pytest.mark.parametrize("body", [{**ADMINISTRATOR, "active": False}, {"name": "x", "role": "planner"}])
def test_the_last_active_administrator_stays(service: Service, body: dict[str, Any]) -> None:
    refused = service.administrator.put("/accounts/administrator", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    _create(service, {**ADMINISTRATOR, "active": False})
    assert service.administrator.put("/accounts/administrator", json=body).status_code == 409
    _create(service, ADMINISTRATOR)
    assert service.administrator.put("/accounts/administrator", json=body).status_code == 200
    assert service.administrator.get("/accounts").status_code in (401, 403)


def test_two_administrators_who_close_each_other_at_once_leave_one(service: Service) -> None:
    other = _create(service, ADMINISTRATOR)
    second = service.with_key(_issue(service, other)["key"])
    closed = {**ADMINISTRATOR, "authority_id": None, "street_ids": [], "subject": None, "active": False}
    answers: list[httpx2.Response] = []

    def close() -> None:
        answers.append(second.put("/accounts/administrator", json=closed))

    thread = threading.Thread(target=close)
    with service.store.writing("administrator") as work:
        replace(work, other, closed, None)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()  # waits to see whether it is the last
    thread.join()
    assert (answers[0].status_code, answers[0].json()["code"]) == (409, "last_administrator")


def test_a_key_is_shown_once_and_is_its_accounts(service: Service) -> None:
    account_id = _create(service, DEPARTMENT)
    issued = _issue(service, account_id)
    assert issued["key"].startswith(PREFIX)
    assert service.with_key(issued["key"]).get("/me").json()["account_id"] == account_id
    by_header = service.anonymous.get("/me", headers={"X-API-Key": issued["key"]})
    assert by_header.status_code == 200
    listed = service.administrator.get(f"/accounts/{account_id}/keys")
    assert listed.json()["items"] == [{k: v for k, v in issued.items() if k != "key"}]
    log = json.dumps(service.audit_log())
    for secret in (issued["key"], digest_of(issued["key"])):
        assert secret not in listed.text
        assert secret not in log
    with service.store.reading() as connection:
        stored = connection.execute(select(api_keys).where(api_keys.c.key_id == issued["key_id"])).one()
    assert issued["key"] not in str(stored)
    [entry] = service.audit_log(action="key.issue", actor="administrator")
    assert entry["object"] == f"accounts/{account_id}/keys/{issued['key_id']}"


def test_a_revoked_key_is_useless_at_once_and_stays_known(service: Service) -> None:
    first, second = _issue(service, "department_a1"), _issue(service, "department_a1")
    place = f"/accounts/department_a1/keys/{first['key_id']}"
    assert service.administrator.delete(f"/accounts/department_a2/keys/{first['key_id']}").status_code == 404
    assert service.with_key(first["key"]).get("/me").status_code == 200
    assert [service.administrator.delete(place).status_code for _ in range(2)] == [204, 204]
    assert service.with_key(first["key"]).get("/me").status_code == 401
    assert service.with_key(second["key"]).get("/me").status_code == 200
    rows = {r["key_id"]: r["revoked_at"] for r in service.administrator.every("/accounts/department_a1/keys", limit=1)}
    assert len(rows) == 3
    assert rows[first["key_id"]] is not None
    assert rows[second["key_id"]] is None
    assert len(service.audit_log(action="key.revoke")) == 1
    assert service.administrator.delete("/accounts/department_a1/keys/none").status_code == 404
    assert service.administrator.get("/accounts/none/keys").status_code == 404
    assert service.administrator.post("/accounts/none/keys", json={"label": "x"}).status_code == 404


def test_a_key_expires_at_its_instant(service: Service) -> None:
    until = service.clock.at + timedelta(hours=1)
    issued = _issue(service, "planner", expires_at=until.isoformat())
    client = service.with_key(issued["key"])
    service.clock.at = until - timedelta(microseconds=1)
    assert client.get("/me").status_code == 200
    service.clock.at = until
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize(
    "expires_at",
    ["2026-09-01T01:00:00Z", "2026-09-01T09:00:00+08:00", "2026-10-01", "2026-10-01T00:00:00", "2026-13-01T00:00:00Z",
     "0001-01-01T00:00:00+14:00", 1_900_000_000, "tomorrow", "2026-10-01T00:00:00+99:99"],
)  # fmt: skip
def test_a_key_that_would_have_expired_or_no_instant_is_refused(service: Service, expires_at: Any) -> None:
    body = {"label": "x", "expires_at": expires_at}
    answer = service.administrator.post("/accounts/planner/keys", json=body)
    assert answer.status_code == 422, answer.text
    assert len(service.administrator.every("/accounts/planner/keys")) == 1


def test_everybody_is_told_who_they_are_and_what_they_may_do(service: Service) -> None:
    me = service.department_a1.get("/me").json()
    may = {(p["resource"], p["action"]) for p in me.pop("may")}
    wanted = {"account_id": "department_a1", "name": "department_a1", "role": "department", "authority_id": "A1"}
    assert me == {**wanted, "street_ids": [], "enterprise_id": None, "officer_id": None}
    assert ("plans", "submit") in may
    assert ("accounts", "read") not in may
    for role in Role:
        answer = service.of_role(role).get("/me")
        assert answer.json()["role"] == role
    assert service.anonymous.get("/me").status_code == 401
    assert service.with_key("ov_wrong").get("/me").status_code == 401


def test_an_enterprise_and_an_officer_have_what_their_roles_need_and_no_more(service: Service) -> None:
    def made(**body: Any) -> Any:
        return service.administrator.post("/accounts", json={"name": "x", **body})

    officer = made(role="officer", officer_id="P1").json()
    assert (officer["officer_id"], officer["authority_id"]) == ("P1", "A1")
    assert made(role="enterprise", enterprise_id="E1").json()["enterprise_id"] == "E1"
    assert made(role="invited_supervisor").status_code == 201
    for body, column in (
        ({"role": "enterprise"}, "enterprise_id"),
        ({"role": "enterprise", "enterprise_id": "E99"}, "enterprise_id"),
        ({"role": "officer", "officer_id": "P99"}, "officer_id"),
        ({"role": "department", "authority_id": "A1", "enterprise_id": "E1"}, "enterprise_id"),
        ({"role": "planner", "officer_id": "P1"}, "officer_id"),
    ):
        answer = made(**body)
        assert (answer.status_code, answer.json()["problems"][0]["column"]) == (422, column), body
    for client in (service.enterprise_e1, service.officer_p1, service.invited):
        assert {client.get(p).status_code for p in ("/plans", "/enterprises", "/schedules", "/runs")} == {403}


def test_accounts_are_the_administrators_alone(service: Service) -> None:
    key = f"/accounts/administrator/keys/{'key-administrator'}"
    for name in set(ACCOUNTS) - {"administrator"}:
        client: Client = getattr(service, name)
        answers = [
            client.get("/accounts"), client.get("/accounts/administrator"), client.get(f"/accounts/{name}/keys"),
            client.post("/accounts", json=ADMINISTRATOR), client.put(f"/accounts/{name}", json=ADMINISTRATOR),
            client.post(f"/accounts/{name}/keys", json={"label": "x"}), client.delete(key),
        ]  # fmt: skip
        assert [a.status_code for a in answers] == [403] * len(answers), name
    assert service.administrator.get("/me").status_code == 200


def test_the_log_is_filtered_and_paged(service: Service) -> None:
    log = service.supervisor.every("/audit", limit=7)
    assert log == service.audit_log()
    assert [e["number"] for e in log] == list(range(1, len(log) + 1))
    began = log[-1]["at"]
    service.clock.at += timedelta(days=1)
    _issue(service, "office_s2")
    service.administrator.delete("/accounts/office_s2/keys/key-office_s2")
    later = (service.clock.at - timedelta(hours=1)).isoformat().replace("+00:00", "Z")

    def found(**params: str) -> list[str]:
        return [e["action"] for e in service.supervisor.every("/audit", **params)]

    assert found(since=later) == ["key.issue", "key.revoke"]
    assert found(since=later, action="key.revoke") == ["key.revoke"]
    assert len(found(until=later)) == len(log)
    assert len(found(until=began)) == 0
    assert len(found(since=began)) == len(log) + 2
    assert found(object="accounts/office_s2/keys", since=later) == ["key.issue", "key.revoke"]
    assert found(object="ACCOUNTS/office_s2") == []
    assert found(object="accounts/%") == []
    assert found(actor="system") == ["key.issue"] * len(ACCOUNTS)
    assert found(actor="nobody") == []
    for wrong in ("yesterday", "2026-09-01", "2026-99-01T00:00:00Z"):
        assert service.supervisor.get("/audit", params={"since": wrong}).status_code == 422
    for name in ("department_a1", "office_s1", "planner"):
        assert getattr(service, name).get("/audit").status_code == 403
        assert getattr(service, name).get("/audit/verification").status_code == 403


def test_the_chain_is_whole(service: Service) -> None:
    verdict = service.supervisor.get("/audit/verification").json()
    log = service.audit_log()
    assert verdict == {"whole": True, "entries": len(log), "broken_at": None, "digest": log[-1]["digest"]}


@pytest.mark.parametrize("where", ["value", "actor", "first", "last", "added"])
def test_a_chain_that_somebody_touched_is_found_broken(service: Service, where: str) -> None:
    numbers = [e["number"] for e in service.audit_log()]
    third = update(audit).where(audit.c.number == 3)
    with service.engine.begin() as connection:
        match where:
            case "value":
                connection.execute(third.values(after={"name": "其他"}))
            case "actor":
                connection.execute(third.values(actor="planner"))
            case "first" | "last":
                gone = numbers[0] if where == "first" else numbers[-1]
                connection.execute(audit.delete().where(audit.c.number == gone))
            case _:
                row = connection.execute(select(audit).where(audit.c.number == numbers[-1])).mappings().one()
                connection.execute(audit.insert().values({**row, "number": numbers[-1] + 1}))
    verdict = service.supervisor.get("/audit/verification").json()
    broken_at = {"first": 1, "last": numbers[-1], "added": numbers[-1] + 1}.get(where, 3)
    assert (verdict["whole"], verdict["broken_at"]) == (False, broken_at)


def test_the_first_start_gives_one_key_and_no_other(database: str, portal: Any) -> None:
    engine = open_engine(database)
    store = Store(engine=engine, now=Clock(), new_id=Ids())
    key = first_administrator(store)
    assert key is not None
    assert first_administrator(store) is None
    client = Client(create_app(Settings(rate_limit="", max_runs=0), store), portal, bearer(key))
    me = client.get("/me").json()
    assert (me["name"], me["role"]) == ("administrator", "administrator")
    assert client.get("/audit/verification").json()["whole"]
    assert key not in client.get("/audit").text
    assert {e["actor"] for e in client.every("/audit")} == {"system"}
    engine.dispose()


def test_servers_that_start_at_once_make_one_administrator(database: str) -> None:
    engine = open_engine(database)
    store = Store(engine=engine)
    gate, keys = threading.Barrier(4), []

    def start() -> None:
        gate.wait()
        keys.append(first_administrator(store))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 4
    assert len([k for k in keys if k]) == 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM accounts")).scalar_one() == 1
    engine.dispose()
