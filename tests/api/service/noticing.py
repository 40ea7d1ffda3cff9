"""Schedules put in force as they are, without planning them, so that tests of notices may choose every visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, update

from api.store.schema import plan_items, plans, publications, schedules, uploads, visits
from api.store.work import Store
from scheduler.domain.schedule import visit_id_of
from tests.api.service.world import HORIZON

STREETS = {"E1": "S1", "E2": "S1", "E3": "S2", "E4": "S2", "E5": "S3", "E6": "S3"}


def visit(date: str, *item_ids: str, enterprise_id: str = "E1", start: str = "09:00", end: str = "10:00") -> Any:
    """Return a visit for :func:`put_in_force`; items that begin with Y are of A2, the others of A1."""
    return {
        "visit_id": visit_id_of(item_ids),
        "enterprise_id": enterprise_id,
        "street_id": STREETS[enterprise_id],
        "date": date,
        "shift_id": "AM",
        "start": start,
        "end": end,
        "authority_ids": ";".join(sorted({_authority(i) for i in item_ids})),
        "item_ids": ";".join(sorted(item_ids)),
    }


def _authority(item_id: str) -> str:
    return "A2" if item_id.startswith("Y") else "A1"


def plan(
    store: Store, item_id: str, enterprise_id: str = "E1", *, notice: str | None = None, revision: int = 1
) -> None:
    """Store an item in a plan of its own that is approved; a later revision takes the place of those before."""
    plan_id = f"plan-{item_id}-{revision}"
    with store.writing("system") as work:
        mine = plan_items.c.item_id == item_id
        work.connection.execute(update(plan_items).where(mine).values(live=False))
        work.connection.execute(
            insert(plans).values(
                plan_id=plan_id,
                horizon_id=HORIZON,
                authority_id=_authority(item_id),
                code=f"{item_id}",
                revision=revision,
                state="approved",
                num_items=1,
                digest=plan_id,
                submitted_at=work.at,
                submitted_by="system",
                approved_at=f"{work.at}#{revision}",
            )
        )
        row = {"item_id": item_id, "authority_id": _authority(item_id), "enterprise_id": enterprise_id}
        more = {"duration_min": 30, "earliest": "2026-10-08", "latest": "2026-12-18", "priority": "normal"}
        of = {"plan_id": plan_id, "row": 1, "horizon_id": HORIZON, "live": True, "item_code": f"SC-{item_id}"}
        work.connection.execute(insert(plan_items).values(**of, **row, **more, notice=notice))


def put_in_force(store: Store, version: int, found: Sequence[Any], from_date: str = "", street_id: str = "S1") -> None:
    """Publish visits of a street as a version that counts from a date on."""
    schedule_id = f"{street_id}-{version}"
    with store.writing("system") as work:
        upload = {"name": "case", "media_type": "x", "size": 0, "digest": "", "created_at": work.at}
        work.connection.execute(insert(uploads).values(upload_id=schedule_id, **upload))
        work.connection.execute(
            insert(schedules).values(
                schedule_id=schedule_id,
                horizon_id=HORIZON,
                level="street",
                area_id=street_id,
                origin="run",
                state="published",
                version=version,
                case_upload_id=schedule_id,
                case_digest="",
                parents={},
                summary={},
                num_violations=0,
                created_at=work.at,
                created_by="system",
            )
        )
        of = {"horizon_id": HORIZON, "street_id": street_id, "version": version, "schedule_id": schedule_id}
        work.connection.execute(insert(publications).values(**of, at=work.at, by="system", from_date=from_date))
        if found:
            work.connection.execute(insert(visits), [{"schedule_id": schedule_id, **v} for v in found])


def set_clock(store: Store, date: str, hour: int = 1) -> None:
    """Set the clock to an hour in UTC of a date."""
    year, month, day = map(int, date.split("-"))
    store.now.at = datetime(year, month, day, hour, tzinfo=UTC)  # type: ignore[attr-defined]
