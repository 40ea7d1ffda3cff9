"""The draw of inspection targets: enterprises and history of an area out of the registers, items for a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from api.access.caller import Caller
from api.access.scope import require_area
from api.bodies import ZIP
from api.cases.area import Area, Level, find_area
from api.cases.service import snapshot_of
from api.dates import request_fault
from api.deps import Services
from api.draws import service
from api.errors import invalid
from api.once import Answer
from api.schedules import service as schedules_service
from api.schedules.rows import read_schedule
from api.store.files import keep as keep_file
from api.store.files import pieces_of
from api.store.schema import draw_targets
from api.store.work import Work
from scheduler.domain.schedule import JointVisit
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.record import targets_record
from scheduler.draw.stream import seed_of
from scheduler.draw.targets import BadTargets, TargetDraw, target_plan
from scheduler.draw.targets import draw_targets as drawn_targets
from scheduler.export.draw_rows import item_values
from scheduler.intake.roster import strata_of_frame
from scheduler.intake.rows import frame_of_records

KIND = "targets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A draw that is to be carried out.

    Parameters
    ----------
    strata : rows, as they were sent.
    plan : further arguments of :func:`scheduler.draw.targets.target_plan`.
    schedule_id : whose visits are looked at for the exclusion, too.
    request : the whole of the body, for the record.
    """

    draw_id: str
    level: Level
    area_id: str | None
    strata: Sequence[Mapping[str, Any]]
    plan: Mapping[str, Any]
    schedule_id: str | None
    public: str
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Targets that are drawn, but not stored yet."""

    asked: Asked
    area: Area
    snapshot: PlanningSnapshot
    draw: TargetDraw
    record: Mapping[str, Any]


def draw(services: Services, caller: Caller, asked: Asked) -> Targets:
    """Return targets among the enterprises of an area.

    Raises
    ------
    Refusal : the draw or the area is not the caller's; or what is asked for does not fit the area.
    InvalidCase : strata are wrong, or what is stored of the area does not go together; it holds every problem.
    """
    strata = strata_of_frame(frame_of_records("strata", asked.strata))
    with services.computing, services.store.reading() as connection:
        row = service.find(connection, asked.draw_id, whole=True)
        service.require_undrawn(caller, row, KIND)
        area = find_area(connection, asked.level, asked.area_id)
        require_area(caller, area.level.value, area.area_id)
        snapshot = snapshot_of(connection, row["horizon_id"], area)
        visits = _visits(connection, caller, asked.schedule_id)
    with services.computing:
        try:
            plan = target_plan(snapshot, strata=strata, **asked.plan)
        except BadTargets as error:
            said = error.text.say("zh", **error.facts), error.text.say("en", **error.facts)
            raise invalid([request_fault(error.code, "body", None, None, said)]) from error
        seed = seed_of(row["seed"])
        found = drawn_targets(snapshot, visits, plan, seed, asked.public)
        record = targets_record(snapshot, visits, plan, found, seed, row["purpose"], asked.public)
    return Targets(asked=asked, area=area, snapshot=snapshot, draw=found, record=record)


def _visits(connection: Connection, caller: Caller, schedule_id: str | None) -> tuple[JointVisit, ...]:
    if schedule_id is None:
        return ()
    return read_schedule(connection, schedules_service.find(connection, caller, schedule_id)).visits


def keep(services: Services, caller: Caller, work: Work, targets: Targets, archive: Path) -> Answer:
    """Store targets, with the case that they were drawn from.

    Parameters
    ----------
    archive : that case, packed.

    Raises
    ------
    Refusal : the draw was carried out meanwhile.
    """
    connection, asked = work.connection, targets.asked
    schedules_service.hold(connection)
    service.require_undrawn(caller, service.find(connection, asked.draw_id), KIND)
    upload_id = services.store.new_id()
    keep_file(connection, upload_id, "case.zip", ZIP, work.at, pieces_of(archive))
    street = {e.enterprise_id: e.street_id for e in targets.snapshot.enterprises}
    rows = [{**r, "street_id": street[r["enterprise_id"]]} for r in item_values(targets.draw)]
    body = service.finish(
        work,
        asked.draw_id,
        targets.record,
        draw_targets,
        rows,
        level=targets.area.level.value,
        area_id=targets.area.area_id,
        schedule_id=asked.schedule_id,
        case_upload_id=upload_id,
        public=asked.public,
        request=asked.request,
        summary={"items": len(rows), "strata": [_log(s) for s in targets.record["strata"]]},
    )
    items = [service.shown(draw_targets, r) for r in rows]
    return Answer(200, f"/draws/{asked.draw_id}", {**body, "items": items})


def _log(stratum: Mapping[str, Any]) -> dict[str, Any]:
    """Return how many were drawn of a stratum, and from how many."""
    said = {k: stratum[k] for k in ("credit_class", "industry", "ratio", "size", "wanted")}
    return {**said, "excluded": len(stratum["excluded"]), "drawn": len(stratum["targets"])}
