"""An import as a run: the file is taken from the database, checked whole, and stored in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.access.keys import caller_of
from api.imports import service
from api.imports.archive import unpack
from api.runs.worker import Job, end_well, requester
from api.store.files import fetch_to
from api.store.work import Work
from scheduler.intake.report import as_json

SHOWN_WARNINGS = 200


def carry_out(job: Job, folder: Path) -> None:
    """Carry out an import."""
    request = job.row["request"]
    caller = caller_of(requester(job))
    path = folder / f"upload{request['ending']}"

    def tell(stage: str, done: int, of: int) -> None:
        job.tell(stage, done=done, of=of)

    tell("read", 0, 1)
    with job.store.reading() as connection:
        fetch_to(connection, job.row["upload_id"], path)
    if request["table"] is not None:
        with job.store.reading() as connection:
            rows, warnings = service.read_table(request["table"], path, request["media_type"], connection)

        def store_table(work: Work) -> None:
            table = request["table"]
            counts = {table: service.store_table(work, caller, table, rows, job.held.run_id, tell)}
            end_well(work, job, result={"stored": counts, **_told(warnings)})

        tell("store", 0, 1)
        job.conclude(caller.account_id, store_table)
        return
    case = folder / "case"
    case.mkdir()
    if request["media_type"] == "application/zip":
        unpack(path, case)
    else:
        path.rename(case / "case.xlsx")
    tell("check", 0, 1)
    snapshot, warnings = service.read_whole(case)

    def store_case(work: Work) -> None:
        counts = service.store_case(
            work,
            caller,
            snapshot,
            request["horizon_id"],
            job.held.run_id,
            tell,
            approve=request["approve"],
            new_id=job.store.new_id,
        )
        end_well(work, job, result={"stored": counts, **_told(warnings)})

    tell("store", 0, 1)
    job.conclude(caller.account_id, store_case)


def _told(warnings: list[Any]) -> dict[str, Any]:
    return {"num_warnings": len(warnings), "warnings": as_json(warnings[:SHOWN_WARNINGS])}
