"""Published visits, entries and outcomes put straight into the tables, and warnings raised from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select, update

from api.clock import instant
from api.store.fieldwork_tables import entries
from api.store.schema import outcomes, plan_items, plans, publications, schedules, uploads, visits
from api.store.work import Store, Work
from api.supervision.warnings.raising import raise_for
from api.supervision.warnings.sweeping import sweep
from tests.api.service.world import HORIZON, Service

_NUMBERS = count(1)
EN = {"Accept-Language": "en"}


def at(date: str, clock: str = "09:00") -> datetime:
    """Return an instant of a date and time in China."""
    return datetime.fromisoformat(f"{date}T{clock}:00").replace(tzinfo=UTC) - timedelta(hours=8)


def set_day(service: Service, date: str, clock: str = "20:00") -> None:
    service.clock.at = at(date, clock)


def entry_row(enterprise_id: str, authority_id: str, date: str, **more: Any) -> dict[str, Any]:
    """Return an entry of half an hour with two officers."""
    start = more.pop("start", "09:00")
    entered = at(date, start)
    return {
        "entry_id": f"N{next(_NUMBERS)}",
        "enterprise_id": enterprise_id,
        "street_id": f"S{1 + (int(enterprise_id[1:]) - 1) // 2}",
        "authority_id": authority_id,
        "date": date,
        "path": "planned",
        "scan_status": "scanned",
        "state": "closed",
        "entered_at": instant(entered),
        "left_at": instant(entered + timedelta(minutes=30)),
        "officer_ids": f"{authority_id}P1;{authority_id}P2",
        "item_ids": "X1",
        "trigger": "routine",
        "cap_exempt": False,
        "flags": [],
        **more,
    }


def enter(service: Service, enterprise_id: str, authority_id: str, date: str, **more: Any) -> str:
    """Store an entry and raise what follows, as a scan does; return its id."""
    row = entry_row(enterprise_id, authority_id, date, **more)
    with service.store.writing("officer_p1") as work:
        put(work, row)
    return str(row["entry_id"])


def put(work: Work, row: Mapping[str, Any]) -> None:
    work.connection.execute(insert(entries).values(**row))
    raise_for(work, row["enterprise_id"])


def amend(service: Service, entry_id: str, **values: Any) -> None:
    """Let an event change what an entry says, and raise what follows."""
    mine = entries.c.entry_id == entry_id
    with service.store.writing("officer_p1") as work:
        work.connection.execute(update(entries).where(mine).values(**values))
        raise_for(work, work.connection.scalar(select(entries.c.enterprise_id).where(mine)))


def publish(store: Store, *planned: Mapping[str, Any], with_plans: bool = True) -> None:
    """Publish visits: each with ``visit_id``, ``enterprise_id``, ``date``, and ``items`` by authority."""
    number, made = next(_NUMBERS), store.instant()
    who = {"created_at": made, "created_by": "planner"}
    with store.writing("planner") as work:
        run = work.connection.execute
        upload = {"upload_id": f"U{number}", "name": "case", "media_type": "x", "size": 0, "digest": "0"}
        run(insert(uploads).values(**upload, created_at=made))
        schedule = {"schedule_id": f"C{number}", "horizon_id": HORIZON, "level": "city", "area_id": "*"}
        about = {"origin": "run", "state": "published", "case_upload_id": f"U{number}", "case_digest": "0"}
        run(insert(schedules).values(**schedule, **about, parents=[], summary={}, num_violations=0, **who))
        streets = {"street_id": "S1"}, {"street_id": "S2"}, {"street_id": "S3"}
        one = {"horizon_id": HORIZON, "version": number, "schedule_id": f"C{number}", "at": made, "by": "planner"}
        run(insert(publications), [{**one, **s, "from_date": min(p["date"] for p in planned)} for s in streets])
        for p in planned:
            run(insert(visits).values(schedule_id=f"C{number}", **_visit(p)))
            if with_plans:
                _plan(work, p)


def _visit(planned: Mapping[str, Any]) -> dict[str, Any]:
    items = planned["items"]
    return {
        **{k: planned[k] for k in ("visit_id", "enterprise_id", "date")},
        "street_id": f"S{1 + (int(planned['enterprise_id'][1:]) - 1) // 2}",
        "shift_id": "AM",
        "start": "09:00",
        "end": "10:00",
        "authority_ids": ";".join(sorted(items)),
        "item_ids": ";".join(sorted(i for some in items.values() for i in some)),
    }


def _plan(work: Work, planned: Mapping[str, Any]) -> None:
    for authority_id, items in planned["items"].items():
        plan_id = f"L{next(_NUMBERS)}"
        of = {"plan_id": plan_id, "horizon_id": HORIZON, "authority_id": authority_id}
        about = {"code": plan_id, "revision": 1, "state": "approved", "num_items": len(items), "digest": "0"}
        work.connection.execute(insert(plans).values(**of, **about, submitted_at=work.at, submitted_by="x"))
        common = {"enterprise_id": planned["enterprise_id"], "live": True, "duration_min": 30, "priority": "normal"}
        span = {"earliest": planned["date"], "latest": planned["date"], "trigger": planned.get("trigger", "routine")}
        rows = [{**of, **common, **span, "row": n, "item_id": i} for n, i in enumerate(items, 1)]
        work.connection.execute(insert(plan_items), rows)


def tell(store: Store, visit_id: str, outcome: str, left_items: str | None = None) -> None:
    """Store what became of a visit, as a street office tells it."""
    with store.writing("office_s1") as work:
        row = work.connection.execute(select(visits).where(visits.c.visit_id == visit_id)).mappings().first()
        assert row is not None
        of = {k: row[k] for k in ("schedule_id", "street_id", "enterprise_id", "visit_id", "date")}
        said = {"outcome": outcome, "left_items": left_items, "recorded_at": work.at, "recorded_by": "x"}
        outcome_id = f"O{next(_NUMBERS)}"
        work.connection.execute(insert(outcomes).values(outcome_id=outcome_id, horizon_id=HORIZON, **of, **said))


def visit(visit_id: str, enterprise_id: str, date: str, **items: list[str]) -> dict[str, Any]:
    """Return a visit to be published, with its items by authority."""
    return {"visit_id": visit_id, "enterprise_id": enterprise_id, "date": date, "items": items}


def sweep_on(service: Service, date: str) -> None:
    set_day(service, date)
    sweep(service.store)


def listed(client: Any, **filters: Any) -> list[dict[str, Any]]:
    return list(client.every("/warnings", **filters))


def kinds(client: Any, **filters: Any) -> list[tuple[str, str]]:
    """Return kind and state of the warnings that a client sees, sorted."""
    return sorted((w["kind"], w["state"]) for w in listed(client, **filters))


def one_of(client: Any, **filters: Any) -> dict[str, Any]:
    (found,) = listed(client, **filters)
    full = client.get(f"/warnings/{found['warning_id']}", headers=EN)
    assert full.status_code == 200, full.text
    return dict(full.json())


def repeat_at_e1(service: Service) -> dict[str, Any]:
    """Let A2 enter E1 two weeks after A1."""
    set_day(service, "2026-10-08")
    enter(service, "E1", "A1", "2026-10-08", cap_exempt=True)
    set_day(service, "2026-10-22")
    enter(service, "E1", "A2", "2026-10-22", cap_exempt=True)
    return one_of(service.supervisor, kind="repeat")


def two_missing(service: Service) -> None:
    """Let A1 scan at E1 once, and not at two visits after that."""
    set_day(service, "2026-10-08")
    enter(service, "E1", "A1", "2026-10-08", trigger="case", cap_exempt=True)
    publish(
        service.store, visit("V1", "E2", "2026-10-12", A1=["X1"], A2=["Y1"]), visit("V2", "E4", "2026-10-13", A1=["X2"])
    )
    set_day(service, "2026-10-12")
    enter(service, "E2", "A2", "2026-10-12", horizon_id=HORIZON, visit_id="V1")
