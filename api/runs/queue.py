"""The queue of record: rows of ``runs``, taken under a lease and fenced, so that one worker at a time writes a result.

States: queued, running, succeeded, failed, cancelled. A run whose worker was lost is queued once more, then failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api import clock
from api.access.caller import Caller
from api.access.scope import seen
from api.errors import Refusal, body_of
from api.language import LANGUAGES
from api.store.pages import Page, matching, page
from api.store.schema import runs
from api.store.work import SYSTEM, Store, Work

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "queued", "running", "succeeded", "failed", "cancelled"
ENDED = (SUCCEEDED, FAILED, CANCELLED)
ATTEMPTS = 2
_HIDDEN = ("worker", "lease_until", "stop_requested", "upload_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run taken by a worker: `token` is written on the row, and whoever has another may not write any more."""

    run_id: str
    token: str


def enqueue(work: Work, caller: Caller, run_id: str, kind: str, **values: Any) -> dict[str, Any]:
    """Queue a run, in the transaction of the request, and return it."""
    row = {"run_id": run_id, "kind": kind, "state": QUEUED, "requested_by": caller.account_id, "created_at": work.at}
    work.connection.execute(insert(runs).values(**row, **values))
    found = wire(work.connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().one())
    work.record("runs.start", f"runs/{run_id}", after={k: found[k] for k in ("kind", "request")})
    return found


def wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a run as it is sent."""
    out = {k: v for k, v in row.items() if k not in _HIDDEN}
    out["stopping"] = bool(row["stop_requested"]) and row["state"] not in ENDED
    return out


def read(connection: Connection, caller: Caller, run_id: str) -> dict[str, Any]:
    """Return a run that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(runs).where(runs.c.run_id == run_id, seen(caller, "runs"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"runs/{run_id}")
    return wire(row)


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of runs, the oldest first."""
    query = select(runs).where(seen(caller, "runs"))
    query = matching(query, runs, filters)
    found = page(connection, query, [runs.c.run_id], limit, cursor)
    return Page(rows=[wire(r) for r in found.rows], next_cursor=found.next_cursor)


def ask_to_stop(work: Work, caller: Caller, run_id: str) -> dict[str, Any]:
    """Cancel a queued run, or ask a running one to end with the best that it has; return it.

    Raises
    ------
    Refusal : there is none of the caller's, it has ended, or it is an import, which is stored whole, that has begun.
    """
    query = select(runs).where(runs.c.run_id == run_id, seen(caller, "runs")).with_for_update()
    row = work.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"runs/{run_id}")
    if row["state"] in ENDED or (row["kind"] == "import" and row["state"] != QUEUED):
        raise Refusal("wrong_state", what=f"runs/{run_id}", state=row["state"])
    changed: dict[str, Any] = {"stop_requested": True}
    if row["state"] == QUEUED:
        changed |= {"state": CANCELLED, "ended_at": work.at}
    work.connection.execute(update(runs).where(runs.c.run_id == run_id).values(**changed))
    work.record("runs.stop", f"runs/{run_id}", before={"state": row["state"]}, after={"stop_requested": True})
    return wire({**row, **changed})


def claim(store: Store, token: str, lease_s: float) -> Claim | None:
    """Take the oldest queued run; ``None`` when there is none."""
    with store.reading() as connection:  # looking costs no lock
        if connection.execute(select(runs.c.run_id).where(runs.c.state == QUEUED).limit(1)).first() is None:
            return None
    with store.writing(SYSTEM) as work:
        oldest = (
            select(runs.c.run_id, runs.c.attempts).where(runs.c.state == QUEUED).order_by(runs.c.created_at).limit(1)
        )
        row = work.connection.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        work.connection.execute(
            update(runs)
            .where(runs.c.run_id == row.run_id)
            .values(
                state=RUNNING,
                worker=token,
                attempts=row.attempts + 1,
                lease_until=_lease(store, lease_s),
                started_at=work.at,
                progress=None,
            )
        )
    return Claim(run_id=row.run_id, token=token)


def _lease(store: Store, lease_s: float) -> str:
    return clock.instant(store.now() + timedelta(seconds=lease_s))


def beat(store: Store, held: Claim, lease_s: float, progress: Mapping[Any, Any] | None) -> bool | None:
    """Renew a lease and write how far the run is.

    Returns
    -------
    Whether the run shall stop; ``None`` when it is not the worker's any more.
    """
    with store.writing(SYSTEM) as work:
        values: dict[str, Any] = {"lease_until": _lease(store, lease_s)}
        if progress is not None:
            values["progress"] = dict(progress)
        done = work.connection.execute(update(runs).where(*_mine(held)).values(**values))
        if done.rowcount != 1:
            return None
        query = select(runs.c.stop_requested).where(runs.c.run_id == held.run_id)
        return bool(work.connection.execute(query).scalar_one())


def _mine(held: Claim) -> tuple[Any, ...]:
    return runs.c.run_id == held.run_id, runs.c.worker == held.token, runs.c.state == RUNNING


def finish(work: Work, held: Claim, state: str, **values: Any) -> None:
    """End a run, in the transaction that stores its result.

    Raises
    ------
    LostLease : it is not the worker's any more; nothing of the transaction may be kept.
    """
    ended = {"state": state, "ended_at": work.at, "lease_until": None, **values}
    done = work.connection.execute(update(runs).where(*_mine(held)).values(**ended))
    if done.rowcount != 1:
        raise LostLease(held.run_id)
    said = {k: v for k, v in values.items() if k in ("schedule_id", "problem")}
    work.record("runs.end", f"runs/{held.run_id}", before={"state": RUNNING}, after={"state": state, **said})


class LostLease(Exception):
    """Another worker has the run now, or it was given up."""


def release(store: Store, held: Claim) -> None:
    """Give a run back, as though it had never been taken: the server ends in an orderly way."""
    with store.writing(SYSTEM) as work:
        query = select(runs.c.attempts, runs.c.stop_requested).where(*_mine(held))
        row = work.connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            return
        given: dict[str, Any] = {"state": QUEUED, "worker": None, "progress": None, "attempts": row.attempts - 1}
        if row.stop_requested:
            given = {"state": CANCELLED, "ended_at": work.at}
        work.connection.execute(update(runs).where(*_mine(held)).values(**given, lease_until=None))
        work.record("runs.release", f"runs/{held.run_id}", before={"state": RUNNING}, after={"state": given["state"]})


def lose(work: Work, run_id: str) -> None:
    """Queue a run once more whose worker was lost, or fail it with the reason when that was the second one."""
    row = work.connection.execute(select(runs).where(runs.c.run_id == run_id).with_for_update()).mappings().one()
    if row["state"] != RUNNING:
        return
    values: dict[str, Any]
    if row["stop_requested"]:
        values = {"state": CANCELLED, "ended_at": work.at}
    elif row["attempts"] < ATTEMPTS:
        values = {"state": QUEUED, "worker": None, "progress": None}
    else:
        problem = {lang: body_of(Refusal("worker_lost"), lang) for lang in LANGUAGES}
        values = {"state": FAILED, "ended_at": work.at, "problem": problem}
    work.connection.execute(update(runs).where(runs.c.run_id == run_id).values(**values, lease_until=None))
    work.record("runs.lost", f"runs/{run_id}", before={"state": RUNNING}, after={"state": values["state"]})


def sweep(store: Store) -> int:
    """Take runs whose lease has run out from their workers; return how many."""
    late = select(runs.c.run_id).where(runs.c.state == RUNNING, runs.c.lease_until < store.instant())
    with store.reading() as connection:
        found = list(connection.scalars(late))
    for run_id in found:
        with store.writing(SYSTEM) as work:
            if work.connection.execute(late.where(runs.c.run_id == run_id)).first() is not None:
                lose(work, run_id)
    return len(found)


def holds(store: Store, held: Claim) -> bool:
    """Say whether a run is still its worker's."""
    with store.reading() as connection:
        return connection.execute(select(runs.c.run_id).where(*_mine(held))).first() is not None


def lost_by(store: Store, held: Claim) -> None:
    """Note that the process of a claim has ended without a result."""
    with store.writing(SYSTEM) as work:
        if work.connection.execute(select(runs.c.run_id).where(*_mine(held))).first() is not None:
            lose(work, held.run_id)
