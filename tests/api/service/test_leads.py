"""Leads: about enterprises only, everybody's own, closed with a reason, and every fault told at once."""

from __future__ import annotations

from typing import Any

from tests.api.service.world import Service

LEAD = {
    "enterprise_id": "E1",
    "authority_id": "A1",
    "source": "12345",
    "reference_no": "12345-001",
    "received": "2026-08-31",
    "text": "夜间排放废水",
}


def _reported(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_lead_is_stored_read_and_closed_with_its_reason_on_record(service: Service) -> None:
    lead = _reported(service.department_a1.post("/leads", json={**LEAD, "authority_id": None}))
    assert (lead["authority_id"], lead["street_id"], lead["state"]) == ("A1", "S1", "open")
    place = f"/leads/{lead['lead_id']}"
    assert service.department_a1.get(place).json() == lead
    closed = service.department_a1.post(f"{place}/closure", json={"reason": "与实际不符"})
    assert (closed.json()["state"], closed.json()["closed_reason"]) == ("closed", "与实际不符")
    again = service.department_a1.post(f"{place}/closure", json={"reason": "x"})
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert [e["action"] for e in service.audit_log(object=place[1:])] == ["leads.create", "leads.close"]


def test_a_department_sees_its_own_leads_a_street_those_of_its_streets_and_supervision_all(service: Service) -> None:
    _reported(service.department_a1.post("/leads", json=LEAD))
    _reported(service.office_s2.post("/leads", json={**LEAD, "enterprise_id": "E3", "authority_id": "A2"}))
    seen = {
        name: [r["enterprise_id"] for r in getattr(service, name).every("/leads")]
        for name in ("department_a1", "department_a2", "office_s1", "office_s2", "supervisor")
    }
    assert seen == {
        "department_a1": ["E1"],
        "department_a2": ["E3"],
        "office_s1": ["E1"],
        "office_s2": ["E3"],
        "supervisor": ["E1", "E3"],
    }
    assert service.department_a2.post("/leads", json=LEAD).json()["code"] == "not_yours"
    assert service.office_s2.post("/leads", json=LEAD).json()["code"] == "not_yours"


def test_every_fault_of_a_lead_is_told_at_once_and_nothing_is_stored(service: Service) -> None:
    bad = {**LEAD, "enterprise_id": "E99", "authority_id": "A99", "received": "2026-09-02"}
    answer = service.supervisor.post("/leads", json=bad)
    assert answer.status_code == 422
    assert {p["column"] for p in answer.json()["problems"]} == {"enterprise_id", "authority_id", "received"}
    assert service.supervisor.every("/leads") == []


def test_what_an_enterprise_says_of_its_inspectors_is_no_source_of_leads(service: Service) -> None:
    answer = service.supervisor.post("/leads", json={**LEAD, "source": "enterprise"})
    assert answer.status_code == 422
    assert service.enterprise_e1.post("/leads", json=LEAD).json()["code"] == "forbidden"
    assert service.officer_p1.post("/leads", json=LEAD).json()["code"] == "forbidden"
    assert service.invited.get("/leads").json()["code"] == "forbidden"


def test_a_lead_sent_twice_with_one_key_is_stored_once(service: Service) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = service.department_a1.post("/leads", json=LEAD, headers=headers)
    again = service.department_a1.post("/leads", json=LEAD, headers=headers)
    assert first.json() == again.json()
    assert len(service.department_a1.every("/leads")) == 1
