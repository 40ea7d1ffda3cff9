"""A tiny city for tests of the service: two districts, three streets, three authorities, six enterprises, one horizon.

Now is 2026-09-01; departments may submit to 2026Q4 (October to December) until 2026-09-25.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from fastapi import FastAPI
from sqlalchemy import Engine, insert, select

from api.access.caller import Role
from api.access.keys import issue_key
from api.alerts.service import seed_rules
from api.store.schema import accounts, audit
from api.store.work import Store
from tests.api.service.client import Client

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
HORIZON = "2026Q4"
ACCOUNTS: Mapping[str, Mapping[str, Any]] = {
    "administrator": {"role": Role.ADMINISTRATOR},
    "department_a1": {"role": Role.DEPARTMENT, "authority_id": "A1"},
    "department_a2": {"role": Role.DEPARTMENT, "authority_id": "A2"},
    "office_s1": {"role": Role.STREET_OFFICE, "street_ids": "S1"},
    "office_s2": {"role": Role.STREET_OFFICE, "street_ids": "S2"},
    "planner": {"role": Role.PLANNER},
    "supervisor": {"role": Role.SUPERVISOR},
    "enterprise_e1": {"role": Role.ENTERPRISE, "enterprise_id": "E1"},
    "enterprise_e3": {"role": Role.ENTERPRISE, "enterprise_id": "E3"},
    "officer_p1": {"role": Role.OFFICER, "officer_id": "P1", "authority_id": "A1"},
    "officer_p2": {"role": Role.OFFICER, "officer_id": "P2", "authority_id": "A2"},
    "invited": {"role": Role.INVITED_SUPERVISOR},
}
"""Accounts by id; the client of each has the same name in :class:`Service`."""


@dataclass
class Clock:
    """A clock that stands where it is set."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Ids:
    """Ids in the order in which they are drawn."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __call__(self) -> str:
        return f"{next(self.numbers):028x}"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service with the world in its database, and a client of every account."""

    app: FastAPI
    store: Store
    administrator: Client
    department_a1: Client
    department_a2: Client
    office_s1: Client
    office_s2: Client
    planner: Client
    supervisor: Client
    enterprise_e1: Client
    enterprise_e3: Client
    officer_p1: Client
    officer_p2: Client
    invited: Client
    anonymous: Client

    @property
    def engine(self) -> Engine:
        return self.store.engine

    @property
    def clock(self) -> Clock:
        assert isinstance(self.store.now, Clock)
        return self.store.now

    def of_role(self, role: str) -> Client:
        """Return a client of a role."""
        name = next(a for a, more in ACCOUNTS.items() if more["role"] == role)
        client: Client = getattr(self, name)
        return client

    def with_key(self, key: str) -> Client:
        """Return a client with another key."""
        return Client(self.app, self.anonymous.portal, bearer(key))

    def audit_log(self, **equal: Any) -> list[dict[str, Any]]:
        """Return entries of the audit log, of which all values given are equal."""
        query = select(audit).order_by(audit.c.number).where(*(audit.c[k] == v for k, v in equal.items()))
        with self.store.reading() as connection:
            return [dict(r) for r in connection.execute(query).mappings()]

    def submit(self, client: Client, items: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
        """Submit a plan that is expected to be taken, and return the receipt."""
        answer = client.post("/plans", json=plan(items, **more))
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


def bearer(key: str) -> dict[str, str]:
    """Return the header of a key."""
    return {"Authorization": f"Bearer {key}"}


def open_accounts(store: Store) -> dict[str, str]:
    """Store every account and return its key."""
    with store.writing("system") as work:
        for name, more in ACCOUNTS.items():
            row = {"account_id": name, "name": name, "active": True, "created_at": work.at, **more}
            work.connection.execute(insert(accounts).values(**row))
        seed_rules(work)
        return {name: issue_key(work, f"key-{name}", name, "test") for name in ACCOUNTS}


def item(item_id: str, enterprise_id: str = "E1", **more: Any) -> dict[str, Any]:
    """Return a plan item of half an hour, any day of the quarter after the holiday."""
    return {
        "item_id": item_id,
        "enterprise_id": enterprise_id,
        "duration_min": 30,
        "earliest": "2026-10-08",
        "latest": "2026-12-18",
        "priority": "normal",
        **more,
    }


def plan(items: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """Return the body of a submission."""
    return {"horizon_id": HORIZON, "items": list(items), **more}


def horizon(horizon_id: str = HORIZON, **more: Any) -> dict[str, Any]:
    """Return the body of a horizon: two doors a quarter, one visit of an authority a year... and two shifts a day."""
    return {
        "horizon_id": horizon_id,
        "name": "2026 年第四季度",
        "start": "2026-10-01",
        "end": "2026-12-31",
        "closing_date": "2026-09-25",
        "closed": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"],
        "shifts": [{"id": "AM", "start": "09:00", "end": "12:00"}, {"id": "PM", "start": "14:00", "end": "17:30"}],
        "caps": [
            {"scope": "enterprise", "period": "quarter", "max_visits": 2},
            {"scope": "authority", "authority": "*", "period": "year", "max_visits": 2},
        ],
        **more,
    }


def _street(number: int, district_id: str) -> dict[str, Any]:
    more = {"lon": 113.9 + number / 50, "lat": 22.75}
    return {"street_id": f"S{number}", "name": f"街道{number}", "district_id": district_id, **more}


def _enterprise(number: int) -> dict[str, Any]:
    street = 1 + (number - 1) // 2
    place = {"street_id": f"S{street}", "lon": 113.9 + street / 50 + number / 5000, "lat": 22.751}
    industry = "餐饮" if number % 2 else "化工"
    return {"enterprise_id": f"E{number}", "name": f"企业{number}", **place, "industry": industry, "credit_class": "B"}


def _officer(number: int, authority_id: str) -> dict[str, Any]:
    validity = {"valid_from": "2024-01-01", "valid_to": "2028-12-31"}
    person = {"officer_id": f"P{number}", "name": f"人员{number}", "certificate_no": f"粤B{number:05d}"}
    return {**person, "authority_id": authority_id, **validity}


REFERENCE: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "districts": [{"district_id": "D1", "name": "光明区"}, {"district_id": "D2", "name": "宝安区"}],
    "streets": [_street(1, "D1"), _street(2, "D1"), _street(3, "D2")],
    "authorities": [
        {"authority_id": "A1", "name": "市场监管局", "level": "district"},
        {"authority_id": "A2", "name": "应急管理局", "level": "district"},
        {"authority_id": "A3", "name": "生态环境局", "level": "city"},
    ],
    "laws": [{"law_id": "L1", "name": "食品安全法"}],
    "inspection_items": [{"item_code": "SC-01", "name": "食品经营检查", "law_id": "L1", "published": "2025-06-01"}],
    "enterprises": [_enterprise(n) for n in range(1, 7)],
    "crews": [
        {"authority_id": "A1", "area_id": "*", "crews": 2},
        {"authority_id": "A2", "area_id": "D1", "crews": 1},
        {"authority_id": "A3", "area_id": "S1", "crews": 1, "weekdays": [1, 3, 5]},
    ],
    "officers": [_officer(1, "A1"), _officer(2, "A2"), _officer(3, "A3")],
    "history": [
        {"enterprise_id": "E1", "authority_id": "A1", "date": "2026-05-11"},
        {"enterprise_id": "E3", "authority_id": "A2", "date": "2026-08-27"},
        {"enterprise_id": "E3", "authority_id": "A1", "date": "2026-03-02", "trigger": "case"},
    ],
    "quiet": [{"scope": "street", "id": "S3", "rule": "monthly:1-25", "exempt_triggers": ["case"]}],
}
"""What the registers hold, in an order in which references are there before they are referred to."""


def seed(administrator: Client) -> None:
    """Send the world to an empty service."""
    for name, rows in REFERENCE.items():
        for row in rows:
            _sent(administrator, f"/{name}", row)
    _sent(administrator, "/horizons", horizon())
    _sent(administrator, "/pins", {"enterprise_id": "E3", "date": "2026-10-12"})


def _sent(client: Client, path: str, body: Mapping[str, Any]) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
