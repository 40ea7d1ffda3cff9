"""Plans: checked whole, stored whole or not at all, kept for ever."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.access.caller import Caller
from api.access.scope import require_own, seen
from api.clock import day
from api.errors import Refusal, invalid
from api.horizons.service import find, read_horizon
from api.itemlists.service import problems_of
from api.reference.service import FEW, known_for
from api.store.bulk import insert_many
from api.store.pages import Page, matching, page
from api.store.schema import authorities, crews, enterprises, plan_items, plans, streets
from api.store.work import Work
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.plans import Trigger
from scheduler.errors import Problem
from scheduler.intake.columns import ITEMS
from scheduler.intake.headers import rename_columns
from scheduler.intake.problems import problem
from scheduler.intake.references import resolve_priorities
from scheduler.intake.rows import CheckedRows, Plain, check_rows

DRAFT, APPROVED, WITHDRAWN, SUPERSEDED = "draft", "approved", "withdrawn", "superseded"
LIVE = (DRAFT, APPROVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A plan as it came, read but not judged.

    Parameters
    ----------
    code : tells plans of one authority in one horizon apart.
    frame : text cells of its items; the index counts rows as a person does.
    found : what was wrong in reading them.
    """

    horizon_id: str
    authority_id: str
    code: str
    frame: pd.DataFrame
    found: tuple[Problem, ...] = ()


def judge(connection: Connection, submission: Submission) -> CheckedRows:
    """Return the items of a submission with every fault of theirs; an absent authority column is filled in.

    Raises
    ------
    Refusal : there is no such horizon or authority.
    """
    config = read_horizon(connection, submission.horizon_id)
    query = select(authorities.c.authority_id).where(authorities.c.authority_id == submission.authority_id)
    if connection.execute(query).scalar_one_or_none() is None:
        raise Refusal("not_found", what=f"authorities/{submission.authority_id}")
    frame, found = _with_authority(submission)
    # A plan without items is told of as a table without rows.
    found = [*found, *([] if len(frame) else [problem("empty_file", "items")])]
    checked = check_rows("items", frame, known_for(connection, "items", frame), config, found)
    weights = config.weights or {}
    priorities = resolve_priorities(pd.Series(checked.columns["priority"], dtype=object).to_numpy(), weights).tolist()
    checked.columns["priority"][:] = priorities  # as the horizon calls them
    more = [*_foreign(checked, submission.authority_id), *_taken(connection, submission, checked)]
    return _with(checked, [*more, *_unlisted(connection, checked)])


def _with_authority(submission: Submission) -> tuple[pd.DataFrame, list[Problem]]:
    frame, problems = rename_columns(ITEMS, submission.frame)
    found = [*submission.found, *(p for p in problems if p.column != "authority_id")]
    if "authority_id" not in frame.columns:
        frame = frame.assign(authority_id=submission.authority_id)
    else:
        empty = frame["authority_id"].str.strip() == ""
        frame = frame.assign(authority_id=frame["authority_id"].where(~empty, submission.authority_id))
    return frame, found


def _with(checked: CheckedRows, more: Sequence[Problem]) -> CheckedRows:
    problems = tuple(sorted([*checked.problems, *more], key=lambda p: p.row or 0))
    return CheckedRows(table=checked.table, columns=checked.columns, rows=checked.rows, problems=problems)


def _foreign(checked: CheckedRows, authority_id: str) -> list[Problem]:
    values = checked.columns["authority_id"]
    return [
        problem("other_authority", "items", row, "authority_id", value, authority=authority_id)
        for row, value in zip(checked.rows, values, strict=True)
        if value not in (None, authority_id)
    ]


def _unlisted(connection: Connection, checked: CheckedRows) -> list[Problem]:
    """Return what the published lists say against the items that say enough."""
    needed = ("authority_id", "enterprise_id", "earliest", "latest")
    said = [(n, r) for n, r in zip(checked.rows, checked.records(), strict=True) if all(r[k] for k in needed)]
    return problems_of(connection, [r for _, r in said], [n for n, _ in said])


def _taken(connection: Connection, submission: Submission, checked: CheckedRows) -> list[Problem]:
    """Return the items whose id another live plan of the horizon uses."""
    ids = [i for i in checked.columns["item_id"] if i is not None]
    query = select(plan_items.c.item_id, plan_items.c.plan_id).where(
        plan_items.c.horizon_id == submission.horizon_id, plan_items.c.live
    )
    if len(ids) <= 20 * FEW:
        query = query.where(plan_items.c.item_id.in_(ids))
    own = set(connection.scalars(select(plans.c.plan_id).where(_same_plan(submission), plans.c.state.in_(LIVE))))
    taken = {item_id for item_id, plan_id in connection.execute(query) if plan_id not in own}
    rows = zip(checked.rows, checked.columns["item_id"], strict=True)
    example = f"{submission.authority_id}-1"
    return [problem("id_in_other_plan", "items", r, "item_id", i, example=example) for r, i in rows if i in taken]


def _same_plan(submission: Submission) -> ColumnElement[bool]:
    """Return the condition of a plan's revisions."""
    return and_(
        plans.c.horizon_id == submission.horizon_id,
        plans.c.authority_id == submission.authority_id,
        plans.c.code == submission.code,
    )


def store(
    work: Work,
    caller: Caller,
    submission: Submission,
    checked: CheckedRows,
    plan_id: str,
    *,
    approval_no: str | None = None,
) -> dict[str, Any]:
    """Store a judged submission as the next revision of its plan and return it; the former is superseded and kept.

    Raises
    ------
    Refusal : it has faults, it is not the caller's to write, the horizon is closed, or an id was taken meanwhile.
    """
    require_own(caller, "plans", {"authority_id": submission.authority_id})
    if checked.errors:
        raise invalid(checked.errors)
    newest = select(plans).where(_same_plan(submission)).order_by(plans.c.revision.desc()).limit(1).with_for_update()
    former = work.connection.execute(newest).mappings().first()
    records = checked.records()
    if former is not None or not {r["trigger"] for r in records} <= _FOR_CAUSE:
        _require_open(work, caller, submission.horizon_id)
    row = {
        "plan_id": plan_id,
        "horizon_id": submission.horizon_id,
        "authority_id": submission.authority_id,
        "code": submission.code,
        "revision": 1 if former is None else former["revision"] + 1,
        "state": DRAFT if approval_no is None else APPROVED,
        "num_items": len(records),
        "digest": digest_of(records),
        "submitted_at": work.at,
        "submitted_by": caller.account_id,
        "approval_no": approval_no,
        "approved_at": None if approval_no is None else work.at,
        "approved_by": None if approval_no is None else caller.account_id,
    }
    try:
        with work.connection.begin_nested():
            if former is not None and former["state"] in LIVE:
                supersede(work, former, f"revision {row['revision']}")
            work.connection.execute(insert(plans).values(**row))
            names = ("plan_id", "horizon_id", "live", "row", *checked.columns)
            head = plan_id, submission.horizon_id, True
            rows = zip(checked.rows, *checked.columns.values(), strict=True)
            insert_many(work.connection, plan_items, names, ((*head, *r) for r in rows))
    except IntegrityError:
        # Another plan took an id, or another client a revision, since we looked.
        raise Refusal("conflict", why=f"plans/{submission.authority_id}/{submission.code}") from None
    found = wire(work.connection.execute(select(plans).where(plans.c.plan_id == plan_id)).mappings().one())
    was = None if former is None else {"plan_id": former["plan_id"], "state": former["state"]}
    work.record("plans.submit", f"plans/{plan_id}", before=was, after=found)
    return found


def digest_of(records: Sequence[Mapping[str, Plain]]) -> str:
    """Return the SHA-256 of a plan's items, for its receipt."""
    text = json.dumps(records, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


_FOR_CAUSE = frozenset({Trigger.CASE.value, Trigger.FOLLOW_UP.value})
"""Triggers of items that nobody can plan ahead: a new plan of such items alone is taken after the closing date too."""


def _require_open(work: Work, caller: Caller, horizon_id: str) -> None:
    closing = find(work.connection, horizon_id)["closing_date"]
    if day(work.at) > closing and not caller.sees_everything:
        raise Refusal("closed", horizon=horizon_id, closing=closing)


def supersede(work: Work, row: Mapping[Any, Any], reason: str) -> None:
    """End a live plan, which nobody else may change meanwhile, because of another; it is kept."""
    _end(work, row, "plans.supersede", SUPERSEDED, reason)


def approve(work: Work, caller: Caller, plan_id: str, approval_no: str) -> dict[str, Any]:
    """Approve a draft, so that it is planned; return it.

    Raises
    ------
    Refusal : there is no such plan of the caller's, or it is no draft.
    """
    row = _held(work, caller, plan_id)
    if row["state"] != DRAFT:
        raise Refusal("wrong_state", what=f"plans/{plan_id}", state=row["state"])
    _require_listed(work.connection, plan_id)
    changed = {
        "state": APPROVED,
        "approval_no": approval_no,
        "approved_at": work.at,
        "approved_by": caller.account_id,
    }
    return _change(work, row, "plans.approve", changed)


def _require_listed(connection: Connection, plan_id: str) -> None:
    """Do nothing when the items of a plan are on the published lists still.

    Raises
    ------
    Refusal : the lists have changed since it was submitted.
    """
    query = select(plan_items).where(plan_items.c.plan_id == plan_id).order_by(plan_items.c.row)
    rows = connection.execute(query).mappings().all()
    found = problems_of(connection, [dict(r) for r in rows], [r["row"] for r in rows])
    if found:
        raise invalid(found)


def withdraw(work: Work, caller: Caller, plan_id: str, reason: str) -> dict[str, Any]:
    """Withdraw a live plan; return it.

    Raises
    ------
    Refusal : there is no such plan of the caller's, or it has ended.
    """
    row = _held(work, caller, plan_id)
    if row["state"] not in LIVE:
        raise Refusal("wrong_state", what=f"plans/{plan_id}", state=row["state"])
    return _end(work, row, "plans.withdraw", WITHDRAWN, reason)


def _end(work: Work, row: Mapping[Any, Any], action: str, state: str, reason: str) -> dict[str, Any]:
    work.connection.execute(update(plan_items).where(plan_items.c.plan_id == row["plan_id"]).values(live=False))
    return _change(work, row, action, {"state": state, "ended_at": work.at, "ended_reason": reason})


def _held(work: Work, caller: Caller, plan_id: str) -> Mapping[Any, Any]:
    """Return a plan, which nobody else changes until the transaction ends."""
    query = select(plans).where(plans.c.plan_id == plan_id, seen(caller, "plans")).with_for_update()
    row = work.connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"plans/{plan_id}")
    require_own(caller, "plans", row)
    return row


def _change(work: Work, row: Mapping[Any, Any], action: str, changed: Mapping[Any, Any]) -> dict[str, Any]:
    work.connection.execute(update(plans).where(plans.c.plan_id == row["plan_id"]).values(**changed))
    after = wire({**row, **changed})
    work.record(action, f"plans/{row['plan_id']}", before=wire(row), after=after)
    return after


def wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a plan as it is sent."""
    return dict(row)


def read(connection: Connection, caller: Caller, plan_id: str) -> dict[str, Any]:
    """Return a plan that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(plans).where(plans.c.plan_id == plan_id, seen(caller, "plans"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"plans/{plan_id}")
    return wire(row)


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of the plans that the caller sees, the oldest first."""
    query = select(plans).where(seen(caller, "plans"))
    query = matching(query, plans, filters)
    return page(connection, query, [plans.c.plan_id], limit, cursor)


def items_page(
    connection: Connection,
    caller: Caller,
    filters: Mapping[str, str | None],
    limit: int,
    cursor: str | None,
    *,
    street_id: str | None = None,
    live: bool | None = None,
) -> Page:
    """Return a page of items that the caller sees, of one plan or of all live ones."""
    names = ("plan_id", "row", *(c.name for c in ITEMS.columns))
    query = select(*(plan_items.c[n] for n in names)).where(seen(caller, "plan_items"))
    query = matching(query, plan_items, filters)
    if live is not None:
        query = query.where(plan_items.c.live == live)
    if street_id is not None:
        here = exists(
            select(enterprises.c.enterprise_id).where(
                enterprises.c.enterprise_id == plan_items.c.enterprise_id, enterprises.c.street_id == street_id
            )
        )
        query = query.where(here)
    return page(connection, query, [plan_items.c.plan_id, plan_items.c.row], limit, cursor)


def missing(connection: Connection, horizon_id: str, street_id: str, today: str) -> dict[str, Any]:
    """Return which authorities with crews for a street have a plan for the horizon, and which have none.

    Raises
    ------
    Refusal : there is no such horizon or street.
    """
    horizon = find(connection, horizon_id)
    district = connection.execute(
        select(streets.c.district_id).where(streets.c.street_id == street_id)
    ).scalar_one_or_none()
    if district is None:
        raise Refusal("not_found", what=f"streets/{street_id}")
    serving = (
        select(crews.c.authority_id)
        .where(crews.c.area_id.in_((street_id, district, WHOLE_CITY)), crews.c.crews > 0)
        .distinct()
    )
    counts = _items_in(connection, horizon_id, street_id)
    submitted = set(
        connection.scalars(
            select(plans.c.authority_id).where(plans.c.horizon_id == horizon_id, plans.c.state.in_(LIVE))
        )
    )
    rows = []
    for authority_id, name in connection.execute(
        select(authorities.c.authority_id, authorities.c.name)
        .where(or_(authorities.c.authority_id.in_(serving), authorities.c.authority_id.in_(sorted(counts))))
        .order_by(authorities.c.authority_id)
    ):
        found = counts.get(authority_id, {})
        rows.append(
            {
                "authority_id": authority_id,
                "name": name,
                "submitted": authority_id in submitted,
                "items_draft": found.get(DRAFT, 0),
                "items_approved": found.get(APPROVED, 0),
            }
        )
    return {
        "horizon_id": horizon_id,
        "street_id": street_id,
        "closing_date": horizon["closing_date"],
        "open": today <= horizon["closing_date"],
        "authorities": rows,
        "missing": [r["authority_id"] for r in rows if not r["submitted"]],
        "unapproved": [r["authority_id"] for r in rows if r["items_draft"]],
    }


def _items_in(connection: Connection, horizon_id: str, street_id: str) -> dict[str, dict[str, int]]:
    """Return the number of live items in a street by authority and state of their plan."""
    here = (
        select(plans.c.authority_id, plans.c.state, func.count())
        .join(plan_items, plan_items.c.plan_id == plans.c.plan_id)
        .join(enterprises, enterprises.c.enterprise_id == plan_items.c.enterprise_id)
        .where(plans.c.horizon_id == horizon_id, plan_items.c.live, enterprises.c.street_id == street_id)
        .group_by(plans.c.authority_id, plans.c.state)
    )
    counts: dict[str, dict[str, int]] = {}
    for authority, state, count in connection.execute(here):
        counts.setdefault(authority, {})[state] = count
    return counts
