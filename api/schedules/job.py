"""Planning as a run: the case is taken as it is now and kept, solved, checked, and stored as a draft schedule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from api import clock, machine
from api.access.keys import caller_of
from api.cases.area import Area, Level, find_area
from api.cases.service import parents_of, snapshot_of
from api.imports.archive import pack
from api.parallel import open_port
from api.runs.worker import Job, end_well, requester
from api.schedules.rows import write_rows
from api.store.files import keep, pieces_of
from api.store.schema import schedules
from api.store.work import Work
from scheduler.domain.schedule import TERMS, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.case import case_of_snapshot
from scheduler.export.delay_rows import delay_summary
from scheduler.export.summary import make_summary
from scheduler.intake.tables import write_case
from solver.limits import Limits, Progress


def carry_out(job: Job, folder: Path) -> None:
    """Carry out a planning run."""
    # Imported here: a server does not plan, and compiled code takes long to load.
    from scheduler.planning.pipeline import plan

    request, began = job.row["request"], clock.seconds()
    caller = caller_of(requester(job))
    job.tell("read")
    with job.store.reading() as connection:
        area = find_area(connection, Level(job.row["level"]), job.row["area_id"])
        snapshot = snapshot_of(connection, job.row["horizon_id"], area)
        parents = parents_of(connection, job.row["horizon_id"], area)
    machine.collect_less()
    limits = Limits(**request["limits"], workers=job.settings.workers)
    with open_port(job.settings.cluster, limits.workers, len(snapshot.enterprises)) as port:
        outcome = plan(snapshot, limits, watch=watcher(job, limits), with_before=request["with_before"], port=port)
    summary = make_summary(
        snapshot,
        outcome,
        wall_s=clock.seconds() - began,
        peak_mb=machine.peak_mb(),
        seed=limits.seed,
        versions=machine.versions(),
        delay=delay_summary(snapshot, outcome.schedule, limits.seed),
    )
    job.tell("store", terms=summary["terms"], bounds=summary["bounds"])
    archive = pack_case(snapshot, folder)
    schedule_id = job.store.new_id()

    def store(work: Work) -> None:
        store_draft(
            work,
            schedule_id,
            job.store.new_id(),
            archive,
            snapshot,
            outcome.schedule,
            summary,
            horizon_id=job.row["horizon_id"],
            area=area,
            parents=parents,
            origin="run",
            run_id=job.held.run_id,
        )
        result = {
            k: summary[k]
            for k in ("terms", "bounds", "gap", "status", "num_items", "num_unserved", "search_s", "wall_s")
        }
        result["delay"] = summary.get("delay")
        end_well(work, job, schedule_id=schedule_id, result=result)

    job.conclude(caller.account_id, store)


def watcher(job: Job, limits: Limits) -> Any:
    """Return what passes progress on, and a stop back."""
    best: dict[str, Any] = {"terms": None, "bounds": None}

    def watch(progress: Progress) -> bool:
        if progress.terms is not None and progress.stage != "before":
            best["terms"] = dict(zip(TERMS, map(int, progress.terms), strict=True))
        if progress.bounds is not None:
            found = (None if b is None else int(b) for b in progress.bounds)
            best["bounds"] = dict(zip(TERMS, found, strict=True))
        job.tell(
            progress.stage,
            search_s=round(progress.elapsed_s, 1),
            iterations=progress.iterations,
            limit_s=limits.time_s,
            limit_iterations=limits.iterations,
            workers=limits.workers,
            **best,
        )
        return job.stop_asked

    return watch


def pack_case(snapshot: PlanningSnapshot, folder: Path) -> Path:
    """Write the case of a snapshot as a zip archive; the intake reads it as a snapshot of equal digest."""
    case, archive = folder / "packed", folder / "case.zip"
    write_case(case_of_snapshot(snapshot), case)
    pack(case, archive)
    return archive


def store_draft(
    work: Work,
    schedule_id: str,
    upload_id: str,
    archive: Path,
    snapshot: PlanningSnapshot,
    schedule: Schedule,
    summary: Mapping[str, Any],
    *,
    horizon_id: str,
    area: Area,
    parents: Mapping[str, int],
    origin: str,
    run_id: str | None = None,
    num_violations: int = 0,
    from_date: str | None = None,
    base: Mapping[str, int] | None = None,
) -> None:
    """Store a schedule as a draft, with the case that it was made from.

    Parameters
    ----------
    parents : version in force by street, when it was made.
    from_date, base : first date of its case, where that is not the horizon's, and the versions by street that it
        follows: what went out before is history in it.
    """
    connection: Connection = work.connection
    keep(connection, upload_id, "case.zip", "application/zip", work.at, pieces_of(archive))
    row = {
        "schedule_id": schedule_id,
        "horizon_id": horizon_id,
        "level": area.level.value,
        "area_id": area.area_id,
        "origin": origin,
        "from_date": from_date,
        "base": None if base is None else dict(base),
        "run_id": run_id,
        "state": "draft",
        "case_upload_id": upload_id,
        "case_digest": snapshot.digest(),
        "parents": dict(parents),
        "summary": dict(summary),
        "num_violations": num_violations,
        "created_at": work.at,
        "created_by": work.actor,
    }
    connection.execute(insert(schedules).values(**row))
    write_rows(connection, schedule_id, snapshot, schedule)
    said = {k: row[k] for k in ("horizon_id", "level", "area_id", "origin", "case_digest")}
    work.record("schedules.draft", f"schedules/{schedule_id}", after={**said, "terms": summary.get("terms")})
