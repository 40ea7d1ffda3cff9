"""A quarter is lived through in the service with random events: what is in force keeps every rule, nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.api.service.carrying import carry_out_all
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import HORIZON, Service, item

AREA = {"horizon_id": HORIZON, "level": "street", "area_id": "S1"}
LIMITS = {"limits": {"iterations": 40}}
ITEMS = {
    "X1": ("A1", "E1", "2026-11-20"),
    "X2": ("A1", "E2", "2026-12-18"),
    "Y1": ("A2", "E1", "2026-12-18"),
    "Y2": ("A2", "E2", "2026-11-20"),
}
ACTIONS = ("outcomes", "correct", "crew", "typhoon", "pin", "move", "throw away", "new item", "withdraw", "nothing")


def _said(answer: Any, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in (statuses or (200,)), answer.text
    return dict(answer.json()) if answer.content else {}


class _Quarter:
    """A quarter of street S1 under way, and what is known of it apart from the service."""

    def __init__(self, service: Service) -> None:
        self.service, self.office = service, service.office_s1
        self.plans: dict[str, str] = {}
        self.went_out: dict[tuple[str, str], dict[str, Any]] = {}
        """Visits that were in force on their date, by (visit, date)."""
        self.outcomes: dict[tuple[str, str], dict[str, Any]] = {}
        self.approved: set[str] = set()
        self.day = date(2026, 9, 1)
        for number, (item_id, (authority, enterprise, latest)) in enumerate(ITEMS.items()):
            self.approve(authority, f"p{number}", item(item_id, enterprise, latest=latest))
        self.in_force = self.run("/runs", LIMITS)
        self.publish(self.in_force)

    def approve(self, authority: str, code: str, row: dict[str, Any]) -> None:
        sent = self.service.submit(self.service.administrator, [row], authority_id=authority, code=code)
        plan_id = sent["plan"]["plan_id"]
        _said(self.service.administrator.post(f"/plans/{plan_id}/approval", json={"approval_no": "1"}))
        self.plans[row["item_id"]] = plan_id
        self.approved.add(row["item_id"])

    def run(self, path: str, more: dict[str, Any]) -> str:
        run_id = _said(self.office.post(path, json={**AREA, **more}), 202)["run_id"]
        carry_out_all(self.service)
        run = _said(self.office.get(f"/runs/{run_id}"))
        assert run["state"] == "succeeded", run["problem"]
        return str(run["schedule_id"])

    def publish(self, schedule: str) -> None:
        _said(self.office.post(f"/schedules/{schedule}/publication"), 201)
        self.in_force = schedule

    def visits(self) -> list[dict[str, Any]]:
        return self.office.every(f"/schedules/{self.in_force}/visits")

    def live_until(self, day: date) -> None:
        for v in self.visits():
            if self.day.isoformat() <= v["date"] < day.isoformat():
                self.went_out[v["visit_id"], v["date"]] = v
        self.day = day
        self.service.clock.at = datetime(day.year, day.month, day.day, tzinfo=UTC)

    def done(self) -> list[str]:
        """Return the items of visits that took place, as often as one was served."""
        out: list[str] = []
        for key, visit in self.went_out.items():
            said = self.outcomes.get(key, {"outcome": "done"})
            if said["outcome"] == "done":
                out += [i for i in visit["item_ids"] if i != said.get("left_items")]
        return out

    def tell(self, key: tuple[str, str], outcome: str, *, leaves: bool) -> None:
        said = {"visit_id": key[0], "date": key[1], "outcome": outcome}
        if outcome == "done" and leaves:
            said["left_items"] = self.went_out[key]["item_ids"][-1]
        _said(self.office.post("/outcomes", json={"horizon_id": HORIZON, "outcomes": [said]}))
        self.outcomes[key] = said

    def replan(self, *, is_published: bool) -> None:
        draft = self.run("/runs/replan", LIMITS)
        assert _said(self.office.get(f"/schedules/{draft}/check"))["ok"]
        if is_published:
            self.publish(draft)
            self.holds()

    def holds(self) -> None:
        """What a version just published must keep."""
        assert _said(self.office.get(f"/schedules/{self.in_force}/check"))["ok"]
        planned = [i for v in self.visits() for i in v["item_ids"]]
        unserved = [u["item_id"] for u in self.office.every(f"/schedules/{self.in_force}/unserved")]
        done = self.done()
        assert len(set(done)) == len(done), "an item is in two visits that took place"
        assert not set(done) & {*planned, *unserved}, "what is done is planned again"
        assert len(set(planned)) == len(planned)
        assert self.approved - set(done) == {*planned, *unserved} - set(done), "something approved is lost"
        if visits := self.visits():
            place = {"visit": visits[0]["visit_id"], "date": visits[0]["date"], "shift_id": visits[0]["shift_id"]}
            _said(self.office.post(f"/schedules/{self.in_force}/move-check", json=place))


def _act(quarter: _Quarter, action: str, number: int, outcome: str) -> None:
    service, office, visits = quarter.service, quarter.office, quarter.visits()
    ahead = [v for v in visits if v["date"] > quarter.day.isoformat()]
    told = list(quarter.went_out)
    if action == "outcomes":
        told = [k for k in told if k not in quarter.outcomes]
    if action in ("outcomes", "correct") and told:
        # an item that a late correction gives back may be planned again since: only what is still true is corrected
        key = told[number % len(told)]
        before = set(quarter.done())
        others = [i for k, v in quarter.went_out.items() if k != key for i in v["item_ids"]]
        if action == "outcomes" or not set(quarter.went_out[key]["item_ids"]) & {*others, *before}:
            quarter.tell(key, outcome, leaves=number % 2 == 1)
    elif action == "crew" and ahead:
        body = {"authority_id": "A2", "area_id": "D1", "date": ahead[number % len(ahead)]["date"]}
        _said(service.administrator.post("/missing_crews", json=body), 201, 409)
    elif action == "typhoon" and ahead:
        _said(service.administrator.post("/cancelled_shifts", json={"date": ahead[0]["date"]}), 201, 409)
    elif action == "pin" and ahead:
        visit = ahead[number % len(ahead)]
        _said(office.post("/pins", json={"enterprise_id": visit["enterprise_id"], "date": visit["date"]}), 201, 409)
    elif action == "new item":
        quarter.approve("A1", f"new{len(quarter.plans)}", item(f"N{len(quarter.plans)}", f"E{1 + number % 2}"))
    elif action == "withdraw" and quarter.approved:
        item_id = sorted(quarter.approved)[number % len(quarter.approved)]
        _said(service.administrator.post(f"/plans/{quarter.plans[item_id]}/withdrawal", json={"reason": "x"}))
        quarter.approved.discard(item_id)
    elif action == "move" and ahead:
        visit = ahead[number % len(ahead)]
        move = {"visit": visit["visit_id"], "date": visit["date"], "shift_id": visit["shift_id"]}
        answer = office.post(f"/schedules/{quarter.in_force}/moves", json=move)
        _said(answer, 201, 409, 422)  # refused where an event of the same morning made what is in force stale
    elif action == "throw away":
        quarter.replan(is_published=False)


STEPS = st.lists(
    st.tuples(
        st.integers(3, 25),
        st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3),
        st.integers(0, 5),
        st.sampled_from(("done", "no_access", "refused")),
    ),
    min_size=3,
    max_size=4,
)


@ON_ONE_DATABASE
def test_whatever_happens_in_a_quarter_nothing_is_lost_and_every_rule_kept(
    make_service: Callable[..., Service],
) -> None:
    @seed(1)
    @settings(max_examples=7, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def live(steps: list[tuple[int, list[str], int, str]]) -> None:
        quarter = _Quarter(make_service())
        quarter.day = date(2026, 10, 8)
        for days, actions, number, outcome in steps:
            quarter.live_until(quarter.day + timedelta(days=days))
            for action in actions:
                _act(quarter, action, number, outcome)
            quarter.replan(is_published=True)

    live()


def test_two_clerks_tell_of_the_same_visit_at_once_and_one_row_is_kept(service: Service) -> None:
    quarter = _Quarter(service)
    visit = quarter.visits()[0]
    quarter.live_until(date.fromisoformat(visit["date"]) + timedelta(days=1))
    start, statuses = threading.Barrier(4), []

    def tell(outcome: str) -> None:
        said = {"visit_id": visit["visit_id"], "date": visit["date"], "outcome": outcome}
        start.wait()
        answer = service.office_s1.post("/outcomes", json={"horizon_id": HORIZON, "outcomes": [said]})
        statuses.append(answer.status_code)

    clerks = [threading.Thread(target=tell, args=(o,)) for o in ("done", "no_access", "refused", "done")]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert statuses == [200] * 4
    assert len(service.office_s1.every("/outcomes")) == 1
    assert service.administrator.get("/audit/verification").json()["whole"]


def test_a_replan_from_a_version_no_longer_in_force_is_stale_at_publication(service: Service) -> None:
    quarter = _Quarter(service)
    quarter.live_until(date(2026, 10, 9))
    late = quarter.run("/runs/replan", LIMITS)
    quarter.replan(is_published=True)
    answer = quarter.office.post(f"/schedules/{late}/publication")
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    quarter.holds()


def test_a_draft_is_stale_once_a_late_outcome_has_come_and_the_next_one_gives_the_items_back(service: Service) -> None:
    quarter = _Quarter(service)
    visit = quarter.visits()[0]
    quarter.live_until(date.fromisoformat(visit["date"]) + timedelta(days=1))
    early = quarter.run("/runs/replan", LIMITS)
    quarter.tell((visit["visit_id"], visit["date"]), "no_access", leaves=False)
    answer = quarter.office.post(f"/schedules/{early}/publication")
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    quarter.replan(is_published=True)
    assert set(visit["item_ids"]) <= {i for v in quarter.visits() for i in v["item_ids"]}
