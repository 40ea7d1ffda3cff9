"""Planners compare policies in the service: queued, kept with their case, downloaded, run again; asked questions."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from tests.api.service.carrying import carry_out_all
from tests.api.service.client import Client
from tests.api.service.world import HORIZON, Service, item

QUICK = {"iterations": 40, "seeds": [1, 2]}
FASTER = {"name": "faster", "title": {"zh": "更快", "en": "faster"}, "edit": [{"kind": "travel", "speed_kmh": 31}]}
STUDY = {
    "horizon_id": HORIZON,
    "level": "street",
    "area_id": "S1",
    "library": ["today"],
    "scenario": [FASTER],
    "limits": QUICK,
}


def _said(answer: Any, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def planned(service: Service) -> Service:
    """Items of two departments at one enterprise, and one at another."""
    for client, items in (
        (service.department_a1, [item("X1", "E1"), item("X2", "E2")]),
        (service.department_a2, [item("Y1", "E1")]),
    ):
        plan_id = service.submit(client, items)["plan"]["plan_id"]
        _said(client.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
    return service


def _carried_out(service: Service, client: Client, path: str, body: Any = None) -> dict[str, Any]:
    run = _said(client.post(path, json=body), 202)
    carry_out_all(service)
    return _said(client.get(f"/runs/{run['run_id']}"))


def test_a_study_is_compared_kept_downloaded_and_run_again(planned: Service) -> None:
    office = planned.office_s1
    # --- Monday: the street office compares today's practice and faster cars with the plan as it is
    run = _carried_out(planned, office, "/scenarios", STUDY)
    assert (run["kind"], run["state"]) == ("whatif", "succeeded"), run["problem"]
    study_id = run["result"]["study_id"]
    study = _said(office.get(f"/scenarios/{study_id}"))
    base, today, faster = study["comparison"]["scenarios"]
    assert [base["name"], today["name"], faster["name"]] == ["base", "today", "faster"]
    assert today["cells"]["doors"]["value"] > base["cells"]["doors"]["value"]
    assert today["cells"]["doors"]["mark"] == "proven"
    assert [s["base_digest"] for s in study["stored"]] == [study["case_digest"]] * 3
    # --- the report comes as a page, a workbook and an archive
    page = office.get(f"/scenarios/{study_id}/report")
    assert page.headers["content-type"].startswith("text/html")
    assert "更快" in page.text
    assert "sandbox" in page.headers["content-security-policy"]  # its script runs, as a stranger to the service
    book = office.get(f"/scenarios/{study_id}/report", params={"format": "xlsx"})
    assert book.content.startswith(b"PK")
    whole = office.get(f"/scenarios/{study_id}/report", params={"format": "zip"})
    names = set(zipfile.ZipFile(io.BytesIO(whole.content)).namelist())
    assert {"report.html", "comparison.xlsx", "comparison.csv", "scenarios/today.json"} <= names
    # --- Tuesday: plans have changed; the study is run again from what was kept, and all is the same
    plan_id = planned.submit(planned.department_a2, [item("Y2", "E2")], code="more")["plan"]["plan_id"]
    _said(planned.department_a2.post(f"/plans/{plan_id}/approval", json={"approval_no": "2"}))
    run = _carried_out(planned, office, f"/scenarios/{study_id}/repetitions")
    assert run["result"]["identical"], run
    assert [s["name"] for s in run["result"]["scenarios"]] == ["base", "today", "faster"]
    # --- a new one has the new item
    run = _carried_out(planned, office, "/scenarios", STUDY)
    newer = _said(office.get(f"/scenarios/{run['result']['study_id']}"))
    assert newer["case_digest"] != study["case_digest"]
    assert [s["study_id"] for s in office.every("/scenarios", horizon_id=HORIZON)] == [study_id, newer["study_id"]]
    # --- nothing was planned by it
    assert office.every("/schedules") == []
    assert {e["action"] for e in planned.audit_log()} >= {"scenarios.compare"}


def test_scenarios_that_do_not_fit_end_the_run_with_every_fault(planned: Service) -> None:
    bad = [
        {"name": "a", "edit": [{"kind": "crews", "authority": "A9", "change": 1}]},
        {
            "name": "b",
            "edit": [{"kind": "travel", "speed_kmh": 20}, {"kind": "shift_hours", "shift": "XX", "end": "12:00"}],
        },
    ]
    run = _carried_out(planned, planned.office_s1, "/scenarios", {**STUDY, "library": [], "scenario": bad})
    assert run["state"] == "failed"
    problem = run["problem"]["en"]
    assert problem["code"] == "invalid"
    assert {(p["table"], p["column"]) for p in problem["problems"]} >= {("a", "edit[1]"), ("b", "edit[2]")}
    assert planned.office_s1.every("/scenarios") == []


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": [{"name": "x", "edit": [{"kind": "nope"}]}]},
        {"scenario": [{"name": "base", "edit": [{"kind": "no_merging"}]}]},
        {"scenario": [], "library": []},
        {"limits": {"iterations": 10, "seeds": [1, 1]}},
        {"surprise": 1},
    ],
)
def test_what_is_no_study_is_refused_at_once(service: Service, change: dict[str, Any]) -> None:
    _said(service.planner.post("/scenarios", json={**STUDY, **change}), 422)
    assert service.planner.every("/runs") == []


def test_studies_are_for_whoever_may_plan_the_area(planned: Service) -> None:
    study_id = _carried_out(planned, planned.office_s1, "/scenarios", STUDY)["result"]["study_id"]
    for client, status in (
        (planned.planner, 200),
        (planned.supervisor, 200),
        (planned.office_s2, 404),
        (planned.department_a1, 403),
    ):
        for path in (f"/scenarios/{study_id}", f"/scenarios/{study_id}/report"):
            assert client.get(path).status_code == status, path
    assert planned.office_s2.every("/scenarios") == []
    _said(planned.office_s2.post("/scenarios", json=STUDY), 403)
    _said(planned.office_s2.post(f"/scenarios/{study_id}/repetitions"), 404)
    _said(planned.supervisor.post("/scenarios", json=STUDY), 403)
    _said(planned.department_a1.post("/scenarios", json=STUDY), 403)


def test_a_request_sent_twice_is_one_study(planned: Service) -> None:
    key = {"Idempotency-Key": "k-1"}
    one, other = (_said(planned.office_s1.post("/scenarios", json=STUDY, headers=key), 202) for _ in range(2))
    assert one["run_id"] == other["run_id"]


def test_a_study_that_is_stopped_keeps_nothing_as_evidence(planned: Service) -> None:
    run = _said(planned.office_s1.post("/scenarios", json=STUDY), 202)
    _said(planned.office_s1.delete(f"/runs/{run['run_id']}"), 202)
    carry_out_all(planned)
    assert _said(planned.office_s1.get(f"/runs/{run['run_id']}"))["state"] == "cancelled"
    assert planned.office_s1.every("/scenarios") == []


def test_questions_are_runs_with_the_answer_in_both_languages(planned: Service) -> None:
    of = {k: STUDY[k] for k in ("horizon_id", "level", "area_id")}
    for ask in ({"question": "crews", "iterations": 40}, {"question": "serve", "item_ids": ["X1"], "iterations": 40}):
        run = _carried_out(planned, planned.office_s1, "/scenarios/questions", {**of, "ask": ask})
        assert (run["kind"], run["state"]) == ("question", "succeeded"), run["problem"]
        assert run["result"]["zh"]
        assert run["result"]["en"]
        assert run["result"]["found"]
    for ask in (
        {"question": "serve", "item_ids": ["NOBODY"]},
        {"question": "quiet", "scope": "street", "target": "S9"},
    ):
        run = _carried_out(planned, planned.office_s1, "/scenarios/questions", {**of, "ask": ask})
        assert run["state"] == "failed"
        assert run["problem"]["en"]["code"] == "invalid"
    _said(planned.office_s1.post("/scenarios/questions", json={**of, "ask": {"question": "why"}}), 422)


def test_the_library_is_listed(service: Service) -> None:
    found = _said(service.supervisor.get("/scenarios/library"))["items"]
    assert {"today", "quiet-1-25", "half-year"} <= {e["name"] for e in found}
