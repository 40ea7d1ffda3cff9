"""The published lists in the service: what is not on them is neither planned, approved, imported nor scanned in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.itemlists.service import load
from scheduler.intake.list_columns import LISTS
from tests.api.service.noticing import set_clock
from tests.api.service.test_scans import ON, _denied, _in, _scan, street  # noqa: F401  the fixture
from tests.api.service.world import Service, item, plan

LINES = (Path(__file__).resolve().parents[3] / "docs" / "lists.md").read_text(encoding="utf-8").splitlines()


def _lists(service: Service, **more: Any) -> None:
    """Announce A1 and A2; SC-01 is of A1, from 2025-06-01 on."""
    admin = service.administrator
    for authority_id in ("A1", "A2"):
        body = {"authority_id": authority_id, "body_kind": "organ", "announced": "2025-06-01"}
        assert admin.post("/bodies", json=body).status_code == 201
    held = {"authority_id": "A1", "item_code": "SC-01", **more}
    assert admin.post("/authority_items", json=held).status_code == 201


def _submit(service: Service, *rows: dict[str, Any], client: Any = None) -> Any:
    return (client or service.department_a1).post("/plans", json=plan(rows), headers={"Accept-Language": "en"})


def _told(answer: Any) -> list[tuple[str, int]]:
    assert answer.status_code == 422, answer.text
    return [(p["code"], p["row"]) for p in answer.json()["problems"]]


def test_without_an_announced_body_nothing_is_checked(service: Service) -> None:
    with service.store.reading() as connection:
        assert load(connection) is None
    assert _submit(service, item("X1")).status_code == 201


def test_a_plan_with_items_that_are_not_listed_is_refused_with_all_of_them(service: Service) -> None:
    _lists(service)
    rows = [item("X1", item_code="SC-01"), item("X2", item_code="SC-77"), item("X3")]
    answer = _submit(service, *rows)
    assert _told(answer) == [("not_listed", 2), ("not_listed", 3)]
    assert "it is not on the published list of items" in answer.json()["problems"][0]["expected"]
    assert service.department_a1.every("/plans") == []
    assert _submit(service, rows[0]).status_code == 201
    assert _told(_submit(service, item("Y1", item_code="SC-01"), client=service.department_a2)) == [("not_listed", 1)]


def test_an_item_must_be_good_on_every_day_of_its_window_and_the_good_days_are_told(service: Service) -> None:
    _lists(service, to="2026-11-30")
    answer = _submit(service, item("X1", item_code="SC-01"))
    assert "2026-10-08..2026-11-30" in answer.json()["problems"][0]["expected"]
    assert _submit(service, item("X1", item_code="SC-01", latest="2026-11-30")).status_code == 201


def test_a_delegated_item_is_the_streets_own_while_the_delegation_lasts(service: Service) -> None:
    _lists(service)
    given = {"item_code": "SC-01", "authority_id": "A1", "street_id": "S1", "to_authority": "A2", "from": "2026-11-01"}
    assert service.administrator.post("/delegations", json=given).status_code == 201
    late = item("X1", "E1", item_code="SC-01", earliest="2026-11-02")
    answer = _submit(service, late)
    assert "it is delegated to the street's A2" in answer.json()["problems"][0]["expected"]
    assert _submit(service, {**late, "enterprise_id": "E3"}).status_code == 201, "another street"
    assert _submit(service, {**late, "item_id": "Y1"}, client=service.department_a2).status_code == 201
    early = {**late, "item_id": "Y2", "earliest": "2026-10-31"}
    assert _told(_submit(service, early, client=service.department_a2)) == [("not_listed", 1)]


def test_what_can_be_checked_from_afar_is_planned_for_a_cause_only(service: Service) -> None:
    _lists(service)
    row = {k: v for k, v in service.administrator.get("/inspection_items/SC-01").json().items() if k != "version"}
    assert service.administrator.put("/inspection_items/SC-01", json={**row, "remote": True}).status_code == 200
    assert _told(_submit(service, item("X1", item_code="SC-01"))) == [("remote_item", 1)]
    assert _submit(service, item("X1", item_code="SC-01", trigger="case")).status_code == 201


def test_a_plan_is_not_approved_when_the_lists_have_changed(service: Service) -> None:
    _lists(service)
    plan_id = _submit(service, item("X1", item_code="SC-01")).json()["plan"]["plan_id"]
    row = {k: v for k, v in service.administrator.get("/inspection_items/SC-01").json().items() if k != "version"}
    gone = {**row, "withdrawn": "2026-12-01"}
    assert service.administrator.put("/inspection_items/SC-01", json=gone).status_code == 200
    path, body = f"/plans/{plan_id}/approval", {"approval_no": "1"}
    assert _told(service.department_a1.post(path, json=body)) == [("not_listed", 1)]
    assert service.administrator.put("/inspection_items/SC-01", json=row).status_code == 200
    assert service.department_a1.post(path, json=body).status_code == 200


def test_what_is_not_listed_is_not_scanned_in(street: Service) -> None:  # noqa: F811
    set_clock(street.store, ON)
    _lists(street)
    assert _denied(_scan(street)) == ["not_listed", "not_listed"]
    off = {"path": "off_plan", "at": "E2", "approval_no": "1"}
    assert _denied(_scan(street, **off, items=["SC-02"])) == ["not_listed"]
    assert _in(street, **off, items=["SC-01"])


@pytest.mark.parametrize("table", LISTS, ids=lambda t: t.name)
def test_every_column_is_documented_with_its_other_headers(table: Any) -> None:
    for c in table.columns:
        assert f"| `{table.name}` | `{c.name}` | {'yes' if c.required else ''} | {', '.join(c.aliases)} |" in LINES
