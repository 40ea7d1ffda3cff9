"""Warnings kept up event by event are those that one look at everything gives: over random histories, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.store.fieldwork_tables import entries
from api.store.schema import enterprises, outcomes
from api.store.warning_tables import warning_authorities, warnings
from api.supervision.warnings.facts import enterprise_of, entry_of
from api.supervision.warnings.missing import planned_parts
from api.supervision.warnings.sweeping import sweep
from scheduler.explain.facts import iso
from scheduler.supervision.raised import RaisedWarning
from scheduler.supervision.rules import DEFAULT_RULES
from scheduler.supervision.scans import ToldOutcome, missing_of_entries, missing_of_parts
from scheduler.supervision.watch import watch_all
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.watching import amend, enter, publish, set_day, tell, visit
from tests.api.service.world import HORIZON, Service

FIRST = date(2026, 10, 8).toordinal()
DAYS = 34
ENTERPRISES, AUTHORITIES = ("E1", "E2", "E4"), ("A1", "A2")
KINDS = ("visit", "visit", "visit", "scan", "backfill", "backfill", "off_plan", "papers", "shut", "tell", "tell")
EVENT = st.fixed_dictionaries(
    {
        "day": st.integers(0, DAYS),
        "back": st.integers(0, 12),  # days back, and whatever else is to be chosen
        "kind": st.sampled_from(KINDS),
        "enterprise": st.sampled_from(ENTERPRISES),
        "authority": st.sampled_from(AUTHORITIES),
        "trigger": st.sampled_from(("routine", "routine", "campaign", "case")),
        "officers": st.integers(2, 8),
        "status": st.sampled_from(("scanned", "scanned", "late", "missing")),
    }
)


class _Life:
    """A stretch of weeks in the service, event by event."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.visits: list[dict[str, Any]] = []
        self.told: set[str] = set()
        self.bare: list[str] = []
        set_day(service, iso(FIRST))
        enter(service, "E6", "A3", iso(FIRST), cap_exempt=True, trigger="case")  # from now on scanning is in use

    def go(self, event: dict[str, Any]) -> None:
        day = FIRST + event["day"]
        set_day(self.service, iso(day), "21:00")
        more = {"trigger": event["trigger"]}
        more["officer_ids"] = ";".join(f"{event['authority']}Q{n}" for n in range(event["officers"]))
        match event["kind"]:
            case "scan" | "shut":
                state = "no_access" if event["kind"] == "shut" else "closed"
                self._scan(event, iso(day), state=state, scan_status=event["status"], **more)
            case "backfill":
                date_of = self._unscanned(event, day) or iso(max(FIRST, day - event["back"]))
                self._scan(event, date_of, scan_status="backfilled", reason="断网", **more)
            case "off_plan":
                due = iso(day + event["back"] // 4)
                path = {"path": "off_plan", "papers_due": due}
                self.bare.append(enter(self.service, event["enterprise"], event["authority"], iso(day), **path, **more))
            case "papers" if self.bare:
                amend(self.service, self.bare.pop(), approval_no="批1")
            case "tell":
                self._tell(event, day)
        if event["back"] % 2:
            sweep(self.service.store)

    def _scan(self, event: dict[str, Any], on: str, **more: Any) -> None:
        """Scan at a planned visit of the enterprise on a date, where there is one, else off plan with approval."""
        mine = [v for v in self.visits if (v["enterprise_id"], v["date"]) == (event["enterprise"], on)]
        if mine and event["authority"] in mine[0]["items"]:
            more |= {"horizon_id": HORIZON, "visit_id": mine[0]["visit_id"]}
        else:
            more |= {"path": "off_plan", "approval_no": "批0"}
        entry_id = enter(self.service, event["enterprise"], event["authority"], on, **more)
        if more["scan_status"] == "missing" and event["back"] > 6:
            amend(self.service, entry_id, reason="设备故障")

    def _unscanned(self, event: dict[str, Any], day: int) -> str | None:
        """Return the date of a visit so far back at most at which the authority was to be at the enterprise."""
        mine = [
            v for v in self.visits if v["enterprise_id"] == event["enterprise"] and event["authority"] in v["items"]
        ]
        dates = [v["date"] for v in mine if iso(day - event["back"]) <= v["date"] <= iso(day)]
        return min(dates, default=None)

    def _tell(self, event: dict[str, Any], day: int) -> None:
        for v in self.visits:
            if v["enterprise_id"] == event["enterprise"] and v["date"] <= iso(day) and v["visit_id"] not in self.told:
                self.told.add(v["visit_id"])
                tell(self.service.store, v["visit_id"], "no_access" if event["back"] > 6 else "done")
                return


def _batch(service: Service, today: int) -> dict[str, RaisedWarning]:
    with service.store.reading() as connection:
        known = [entry_of(r) for r in connection.execute(select(entries)).mappings()]
        told = {
            (r["horizon_id"], r["visit_id"], date.fromisoformat(r["date"]).toordinal()): ToldOutcome(
                took_place=r["outcome"] == "done"
            )
            for r in connection.execute(select(outcomes)).mappings()
        }
        parts = [p for d in range(FIRST, today) for p in planned_parts(connection, d)]
        missing = [*missing_of_parts(parts, known, told, today), *missing_of_entries(known)]
        ids = connection.scalars(select(enterprises.c.enterprise_id)).all()
        everybody = [e for i in ids if (e := enterprise_of(connection, i, today)) is not None]
        return {w.warning_id: w for w in watch_all(DEFAULT_RULES, everybody, missing, today)}


def _stored(service: Service) -> dict[str, tuple[Any, ...]]:
    with service.store.reading() as connection:
        out = {}
        for r in connection.execute(select(warnings).where(warnings.c.state == "open")).mappings():
            mine = warning_authorities.c.warning_id == r["warning_id"]
            who = sorted(connection.scalars(select(warning_authorities.c.authority_id).where(mine)))
            out[r["warning_id"]] = (r["kind"], r["date"], r["severity"], r["facts"], r["evidence"], who)
        return out


@ON_ONE_DATABASE
@seed(20_261_008)
@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to make a failing one smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(events=st.lists(EVENT, min_size=12, max_size=30))
def test_what_is_kept_up_event_by_event_is_what_one_look_at_everything_gives(
    make_service: Callable[..., Service], events: list[dict[str, Any]]
) -> None:
    service = make_service()
    life = _Life(service)
    for n, e in enumerate(e for e in events if e["kind"] == "visit"):
        on = iso(FIRST + e["day"])
        if all((v["enterprise_id"], v["date"]) != (e["enterprise"], on) for v in life.visits):
            who = AUTHORITIES if e["back"] > 6 else (e["authority"],)
            life.visits.append(visit(f"V{n}", e["enterprise"], on, **{a: [f"I{n}{a}"] for a in who}))
    if life.visits:
        publish(service.store, *life.visits)
    for e in sorted(events, key=lambda e: int(e["day"])):
        life.go(e)
    today = FIRST + DAYS + 1
    set_day(service, iso(today))
    sweep(service.store)
    expected = {
        i: (w.rule.kind, iso(w.day), w.severity, dict(w.facts), [list(x) for x in w.evidence], list(w.authority_ids))
        for i, w in _batch(service, today).items()
    }
    assert _stored(service) == expected
