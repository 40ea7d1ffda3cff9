"""Warnings as they are listed and read, and the steps that people take with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, update

from api.access.caller import Caller
from api.access.scope import seen
from api.clock import instant
from api.errors import Refusal
from api.store.pages import Page, matching, page
from api.store.schema import authorities, districts, enterprises, streets
from api.store.warning_tables import warning_authorities, warning_steps, warnings
from api.store.work import Work
from api.supervision.warnings.raising import add_step, hold, raise_for_authority, raise_for_district
from scheduler.supervision.ladder import RUNGS, Action, StepFault, Taken, Verdict, WarningState, suggested, take
from scheduler.supervision.rules import WarningKind
from scheduler.supervision.sentences import warning_sentence
from scheduler.texts import Lang

YEAR_DAYS = 365
_NAMED = (enterprises, authorities, streets, districts)
_SHOWN = (
    "warning_id", "rule_id", "kind", "severity", "state", "verdict", "date", "enterprise_id", "street_id",
    "district_id", "subject", "occasion", "raised_at", "changed_at", "version",
)  # fmt: skip


def listing(
    connection: Connection,
    caller: Caller,
    filters: Mapping[str, str | None],
    authority_id: str | None,
    since: str | None,
    limit: int,
    cursor: str | None,
    lang: Lang,
) -> Page:
    """Return a page of the warnings that a caller sees, the oldest first.

    Parameters
    ----------
    authority_id : one of those that answer for it.
    since : first date of the occasion.
    """
    query: Select[Any] = select(warnings).where(seen(caller, "warnings"))
    query = matching(query, warnings, filters)
    if authority_id is not None:
        query = query.where(_answered_by(authority_id))
    if since is not None:
        query = query.where(warnings.c.date >= since)
    found = page(connection, query, [warnings.c.raised_at, warnings.c.warning_id], limit, cursor)
    return Page(rows=wires(connection, found.rows, lang), next_cursor=found.next_cursor)


def _answered_by(authority_id: str) -> ColumnElement[bool]:
    return exists(
        select(warning_authorities.c.warning_id).where(
            warning_authorities.c.warning_id == warnings.c.warning_id,
            warning_authorities.c.authority_id == authority_id,
        )
    )


def wires(connection: Connection, rows: Sequence[Mapping[Any, Any]], lang: Lang) -> list[dict[str, Any]]:
    """Return stored warnings as they are sent."""
    answering: dict[str, list[str]] = {r["warning_id"]: [] for r in rows}
    query = select(warning_authorities).where(warning_authorities.c.warning_id.in_(list(answering)))
    for r in connection.execute(query.order_by(warning_authorities.c.authority_id)):
        answering[r.warning_id].append(r.authority_id)
    names = _names(connection, rows, answering.values())
    return [
        {
            **{k: r[k] for k in _SHOWN},
            "authority_ids": answering[r["warning_id"]],
            "facts": r["facts"],
            "evidence": [{"kind": kind, "id": ref} for kind, ref in r["evidence"]],
            "sentence": warning_sentence(
                r["form"],
                r["facts"],
                names,
                lang,
                enterprise_id=r["enterprise_id"],
                authority_ids=tuple(answering[r["warning_id"]]),
            ),
        }
        for r in rows
    ]


def _names(
    connection: Connection, rows: Sequence[Mapping[Any, Any]], answering: Iterable[Sequence[str]]
) -> dict[str, str]:
    ids = {r[k] for r in rows for k in ("enterprise_id", "street_id", "district_id") if r[k]}
    ids |= {a for some in answering for a in some}
    ids |= {i for r in rows for i in r["facts"].get("before", "").split(";") if i}
    ids |= {r["facts"]["body"] for r in rows if "body" in r["facts"]}
    names: dict[str, str] = {}
    for table in _NAMED:
        key = next(iter(table.primary_key.columns))
        for row in connection.execute(select(key, table.c.name).where(key.in_(ids))):
            names[row[0]] = row[1]
    return names


def row_of(connection: Connection, caller: Caller, warning_id: str, *, to_change: bool = False) -> Mapping[Any, Any]:
    """Return a stored warning.

    Raises
    ------
    Refusal : there is none that the caller sees.
    """
    query = select(warnings).where(warnings.c.warning_id == warning_id, seen(caller, "warnings"))
    row = connection.execute(query.with_for_update() if to_change else query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"warnings/{warning_id[:60]}")
    return row


def steps_of(connection: Connection, warning_id: str) -> list[dict[str, Any]]:
    """Return what was done with a warning, the oldest first."""
    query = select(warning_steps).where(warning_steps.c.warning_id == warning_id).order_by(warning_steps.c.number)
    return [dict(r) for r in connection.execute(query).mappings()]


def suggestion_for(connection: Connection, row: Mapping[Any, Any], now: str) -> dict[str, Any] | None:
    """Return the step that the ladder suggests for an upheld warning, with the earlier ones that it follows from."""
    if row["state"] != WarningState.UPHELD:
        return None
    mine = select(warning_authorities.c.authority_id).where(warning_authorities.c.warning_id == row["warning_id"])
    year = instant(datetime.fromisoformat(now) - timedelta(days=YEAR_DAYS))
    query = (
        select(warning_steps.c.warning_id, warning_steps.c.state)
        .join(warning_authorities, warning_authorities.c.warning_id == warning_steps.c.warning_id)
        .where(
            warning_authorities.c.authority_id.in_(mine),
            warning_steps.c.warning_id != row["warning_id"],
            warning_steps.c.at >= year,
            warning_steps.c.state.in_(RUNGS),
        )
    )
    found = connection.execute(query.distinct()).all()
    step = suggested(WarningState(r.state) for r in found)
    return {"step": step.value, "because_of": sorted({r.warning_id for r in found})}


def act(
    work: Work, caller: Caller, warning_id: str, action: Action, said: Mapping[str, str | None], version: int | None
) -> Mapping[Any, Any]:
    """Take a step with a warning, and return it as it is stored then.

    Parameters
    ----------
    said : ``text``, and where there are any ``due`` (ISO date) and ``reason`` of passing a rung over.

    Raises
    ------
    Refusal : there is none, its state does not allow the step, or its version is another.
    """
    _hold_subject(work, row_of(work.connection, caller, warning_id)["subject"])
    row = row_of(work.connection, caller, warning_id, to_change=True)
    if version is not None and version != row["version"]:
        raise Refusal("precondition_failed", version=row["version"])
    state = WarningState(row["state"])
    taken = take(state, action, has_due=bool(said.get("due")), has_reason=bool(said.get("reason")))
    if not isinstance(taken, Taken):
        raise _refused(taken, row)
    values = {
        "state": taken.state.value,
        "verdict": None if taken.verdict is None else taken.verdict.value,
        "changed_at": work.at,
        "version": row["version"] + 1,
    }
    work.connection.execute(update(warnings).where(warnings.c.warning_id == warning_id).values(**values))
    add_step(work, warning_id, action.value, taken.state, by=caller.account_id, **said)
    before = {k: row[k] for k in values}
    work.record(f"warnings.{action.value}", f"warnings/{warning_id}", before=before, after={**values, **said})
    if taken.verdict is Verdict.ACCEPTED:
        _follow_accepted(work, row)
    return row_of(work.connection, caller, warning_id)


def _refused(fault: StepFault, row: Mapping[Any, Any]) -> Refusal:
    if fault is StepFault.NEEDS_DUE:
        return Refusal("bad_request", why="due")
    if fault is StepFault.NEEDS_REASON:
        return Refusal("step_skipped", state=row["state"])
    return Refusal("wrong_state", what=f"warnings/{row['warning_id']}", state=row["state"])


def _hold_subject(work: Work, subject: str) -> None:
    """Wait for whoever works out the warnings of a subject, before the warning itself is held."""
    kind, _, key = subject.partition(":")
    tables = {"enterprise": enterprises, "authority": authorities, "district": districts, "street": streets}
    if kind in tables:
        hold(work, tables[kind], key)


def _follow_accepted(work: Work, row: Mapping[Any, Any]) -> None:
    """Let what was found to be in order no longer count for what adds up of it."""
    if row["kind"] == WarningKind.REPEAT and row["district_id"] is not None:
        raise_for_district(work, row["district_id"])
    if row["kind"] in (WarningKind.UNSCANNED, WarningKind.BACKFILL_DUE, WarningKind.BACKFILL_OVERDUE):
        mine = warning_authorities.c.warning_id == row["warning_id"]
        for authority_id in work.connection.scalars(select(warning_authorities.c.authority_id).where(mine)).all():
            raise_for_authority(work, authority_id)


def last_number(connection: Connection) -> int:
    """Return the number of the last step of all."""
    return int(connection.scalar(select(func.max(warning_steps.c.number))) or 0)


def steps_after(connection: Connection, caller: Caller, number: int, lang: Lang, limit: int) -> list[dict[str, Any]]:
    """Return the steps with later numbers that a caller sees, each with its warning."""
    query = (
        select(warning_steps)
        .join(warnings, warnings.c.warning_id == warning_steps.c.warning_id)
        .where(warning_steps.c.number > number, seen(caller, "warnings"))
        .order_by(warning_steps.c.number)
        .limit(limit)
    )
    steps = [dict(r) for r in connection.execute(query).mappings()]
    of = select(warnings).where(warnings.c.warning_id.in_({s["warning_id"] for s in steps}))
    rows = wires(connection, connection.execute(of).mappings().all(), lang) if steps else []
    by_id = {r["warning_id"]: r for r in rows}
    return [{**s, "warning": by_id[s["warning_id"]]} for s in steps]
