"""An import as a run: the file is taken from the database, checked whole, and stored in one transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.access.keys import caller_of
from api.errors import problem_rows
from api.imports import service
from api.imports.archive import unpack
from api.runs.worker import Job, end_well, requester
from api.store.files import fetch_to

SHOWN_WARNINGS = 200


def carry_out(job: Job, folder: Path) -> None:
    """Carry out an import."""
    request = job.row["request"]
    caller = caller_of(requester(job))
    path = folder / f"upload{request['ending']}"
    job.tell("read", done=0, of=1)
    with job.store.reading() as connection:
        fetch_to(connection, job.row["upload_id"], path)
    if request["table"] is not None:
        with job.store.reading() as connection:
            columns, warnings = service.read_table(request["table"], path, request["media_type"], connection)
        with job.store.writing(caller.account_id) as work:
            counts: dict[str, Any] = {
                request["table"]: service.store_table(
                    work, caller, request["table"], columns, job.held.run_id, lambda s, d, n: job.tell(s, done=d, of=n)
                )
            }
            end_well(work, job, result={"stored": counts, **_told(warnings)})
        return
    case = folder / "case"
    case.mkdir()
    if request["media_type"] == "application/zip":
        unpack(path, case)
    else:
        path.rename(case / "case.xlsx")
    job.tell("check", done=0, of=1)
    snapshot, warnings = service.read_whole(case)
    with job.store.writing(caller.account_id) as work:
        counts = service.store_case(
            work,
            caller,
            snapshot,
            request["horizon_id"],
            job.held.run_id,
            lambda s, d, n: job.tell(s, done=d, of=n),
            approve=request["approve"],
            new_id=job.store.new_id,
        )
        end_well(work, job, result={"stored": counts, **_told(warnings)})


def _told(warnings: list[Any]) -> dict[str, Any]:
    return {"num_warnings": len(warnings), "warnings": problem_rows(warnings[:SHOWN_WARNINGS], "zh")}
