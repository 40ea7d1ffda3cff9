"""What is kept for a while only: answers to requests that may be sent again, and files that were imported."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, select, update

from api.clock import instant
from api.runs.queue import ENDED
from api.store.fieldwork_tables import entry_evidence
from api.store.schema import draws, idempotency, runs, schedules, studies, uploads
from api.store.work import SYSTEM, Store

_REPORTS = (studies.c.report_zh_id, studies.c.report_en_id)


def prune(store: Store, keep_days: float) -> dict[str, int]:
    """Delete what is older than so many days and nothing needs any more; return how much of each.

    A file stays that a run not yet ended will read, every case that a schedule, a draw or a study was made from,
    every report of a study, and all evidence of entries.
    """
    before = instant(store.now() - timedelta(days=keep_days))
    needed = or_(
        uploads.c.upload_id.in_(
            select(runs.c.upload_id).where(runs.c.state.not_in(ENDED), runs.c.upload_id.is_not(None))
        ),
        uploads.c.upload_id.in_(select(schedules.c.case_upload_id)),
        uploads.c.upload_id.in_(select(draws.c.case_upload_id).where(draws.c.case_upload_id.is_not(None))),
        uploads.c.upload_id.in_(select(entry_evidence.c.upload_id).where(entry_evidence.c.upload_id.is_not(None))),
        *(uploads.c.upload_id.in_(select(c)) for c in (studies.c.case_upload_id, *_REPORTS)),
    )
    with store.writing(SYSTEM) as work:
        of_files = select(uploads.c.upload_id).where(uploads.c.created_at < before, ~needed)
        gone = list(work.connection.scalars(of_files))
        for k in range(0, len(gone), 500):
            some = gone[k : k + 500]
            work.connection.execute(update(runs).where(runs.c.upload_id.in_(some)).values(upload_id=None))
            work.connection.execute(delete(uploads).where(uploads.c.upload_id.in_(some)))
        answers = work.connection.execute(delete(idempotency).where(idempotency.c.created_at < before)).rowcount
        counts = {"files": len(gone), "answers": answers}
        if any(counts.values()):
            work.record("operations.prune", "uploads", after={"before": before, **counts})
    return counts
