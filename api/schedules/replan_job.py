"""Re-planning as a run: what is in force, what became of it and what has changed since make a new draft."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from api import clock, machine
from api.access.keys import caller_of
from api.cases.area import Area, Level, find_area
from api.cases.replayed import Replayed, case_now, replayed
from api.cases.service import parents_of
from api.parallel import open_port
from api.reference import pins
from api.replanning import change_json, replan_values
from api.runs.worker import Job, end_well, requester
from api.schedules.job import pack_case, store_draft, watcher
from api.store.schema import schedule_changes, schedules
from api.store.work import Work
from scheduler.export.delay_rows import delay_summary
from scheduler.export.summary import summary_of
from scheduler.replan.replan import ITERATIONS, ReplanOutcome, replan
from solver.limits import Limits


def carry_out(job: Job, folder: Path) -> None:
    """Carry out a re-planning run."""
    request, began = job.row["request"], clock.seconds()
    caller, horizon_id = caller_of(requester(job)), job.row["horizon_id"]
    day = date.fromisoformat(request["from_date"]).toordinal()
    job.tell("read")
    with job.store.reading() as connection:
        area = find_area(connection, Level(job.row["level"]), job.row["area_id"])
        versions = parents_of(connection, horizon_id, area)
        found = replayed(connection, horizon_id, area, day, versions)
        anew = _has_changed(connection, horizon_id, area, versions)
    machine.collect_less()
    limits = _limits(request["limits"], job.settings.workers)
    with open_port(job.settings.cluster, limits.workers, len(found.snapshot.enterprises)) as port:
        outcome = replan(
            found.snapshot,
            found.published,
            found.events,
            day,
            freeze_days=request["freeze_days"],
            notice_days=request["notice_days"],
            limits=limits,
            anew=anew,
            port=port,
            watch=watcher(job, limits),
        )
    summary = _summary(found, outcome, limits, clock.seconds() - began)
    job.tell("store", terms=summary["terms"])
    archive, schedule_id = pack_case(outcome.snapshot, folder), job.store.new_id()

    def store(work: Work) -> None:
        store_draft(
            work,
            schedule_id,
            job.store.new_id(),
            archive,
            outcome.snapshot,
            outcome.schedule,
            summary,
            horizon_id=horizon_id,
            area=area,
            parents=versions,
            origin="replan",
            run_id=job.held.run_id,
            from_date=request["from_date"],
            base=versions,
        )
        _store_changes(work.connection, schedule_id, outcome)
        result = {k: summary[k] for k in ("terms", "status", "num_items", "num_unserved", "wall_s", "replan")}
        end_well(work, job, schedule_id=schedule_id, result=result)

    job.conclude(caller.account_id, store)


def _limits(asked: Mapping[str, Any], workers: int) -> Limits:
    """Return the limits of the search; without any it takes a second or so, of one worker, and repeats bit for bit."""
    if asked["time_s"] is None and asked["iterations"] is None:
        return Limits(**{**asked, "iterations": ITERATIONS}, workers=1)
    return Limits(**asked, workers=workers)


def _has_changed(connection: Connection, horizon_id: str, area: Area, versions: Mapping[str, int]) -> bool:
    """Say whether the registers have changed since what is in force was planned, as far as that can be told."""
    mine = (
        schedules.c.horizon_id == horizon_id,
        schedules.c.level == area.level.value,
        schedules.c.area_id == area.area_id,
        schedules.c.state == "published",
    )
    row = connection.execute(select(schedules).where(*mine)).mappings().one_or_none()
    if row is None or set(versions.values()) != {row["version"]}:
        return True
    return bool(case_now(connection, row, area).digest() != row["case_digest"])


def _summary(found: Replayed, outcome: ReplanOutcome, limits: Limits, seconds: float) -> dict[str, Any]:
    kept = set(outcome.snapshot.fixed_pins)
    loosened = [p for p in outcome.carried.snapshot.fixed_pins if p not in kept]
    delay = delay_summary(outcome.snapshot, outcome.schedule, limits.seed)
    return {
        **summary_of(outcome.snapshot, outcome.schedule, delay),
        "wall_s": round(seconds, 2),
        "peak_mb": machine.peak_mb(),
        "seed": limits.seed,
        "versions": machine.versions(),
        "replan": {k: v for k, v in replan_values(outcome).items() if k != "terms"},
        "loosened_pins": [pins.wire(p) for p in loosened],
    }


def _store_changes(connection: Connection, schedule_id: str, outcome: ReplanOutcome) -> None:
    rows = list(_change_rows(schedule_id, outcome))
    if rows:
        connection.execute(insert(schedule_changes), rows)


def _change_rows(schedule_id: str, outcome: ReplanOutcome) -> Iterable[dict[str, Any]]:
    for number, change in enumerate(outcome.difference.changes, 1):
        places = [v for v in (change.old, change.new) if v is not None]
        said = change_json(change, "zh")
        yield {
            "schedule_id": schedule_id,
            "number": number,
            "kind": change.kind.value,
            "cause": change.cause.value,
            "enterprise_id": change.enterprise_id,
            "street_id": places[-1].street_id,
            "authority_ids": ";".join(sorted({a for v in places for a in v.authority_ids})),
            "old": said["old"],
            "new": said["new"],
            "sentence_zh": said["sentence"],
            "sentence_en": change.sentence("en"),
        }
