"""Taken proposals made into draft plans of their department, and applied to tables of items."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from api.access.caller import Caller
from api.access.scope import require_own
from api.clock import day
from api.errors import Refusal, invalid
from api.horizons.service import find, read_horizon
from api.plans import service as plans_service
from api.plans.service import APPROVED, DRAFT, Submission
from api.proposals import service
from api.proposals.scope import Scope
from api.reference.schemas import to_wire
from api.store.schema import plan_items, plans
from api.store.work import Work
from scheduler.errors import Problem
from scheduler.feedback.applying import apply
from scheduler.intake.rows import frame_of_records
from scheduler.texts import Text

CODE = "proposals"
"""Code of the first plan that is made of proposals; later ones have a number after it."""
NOTHING_TAKEN = Text("没有尚未列入计划的已采纳建议", "nothing was taken that is not planned yet")
_CODE = re.compile(rf"{CODE}(?:-(\d+))?")


def make_plan(
    work: Work, caller: Caller, horizon_id: str, authority_id: str, new_id: Callable[[], str]
) -> tuple[dict[str, Any], bool]:
    """Return the draft plan of an authority's taken proposals, and whether it is new; with all checks of a submission.

    Items of an approved plan stay where they are. A draft of proposals that does not hold what is taken now gets a new
    revision, or, once the horizon is closed to revisions, a plan beside it; where nothing is to be added it is
    returned as it is.

    Raises
    ------
    Refusal : nothing taken is left to plan, the plan has faults, or plans are not the caller's to write.
    """
    require_own(caller, "plans", {"authority_id": authority_id})
    taken = service.taken(work.connection, Scope(authority_id=authority_id), horizon_id, day(work.at))
    of_plans = _plans(work.connection, horizon_id, authority_id)
    newest = of_plans[-1] if of_plans else None
    drafted = newest is not None and newest["state"] == DRAFT
    revised = drafted and (day(work.at) <= find(work.connection, horizon_id)["closing_date"] or caller.sees_everything)
    settled = [p["plan_id"] for p in of_plans if p["state"] == APPROVED or (p["state"] == DRAFT and not revised)]
    held = _items(work.connection, settled)
    records = [service.item_row(p.item) for k, p in taken.items() if p.item is not None and k not in held]
    if not records:
        if newest is not None and drafted:
            return plans_service.read(work.connection, caller, newest["plan_id"]), False
        raise Refusal("conflict", why=f"{horizon_id}/{authority_id}: {NOTHING_TAKEN.zh} / {NOTHING_TAKEN.en}")
    number = 1 if newest is None else newest["number"] + (0 if revised else 1)
    frame, found = frame_of_records("items", records)
    submission = Submission(
        horizon_id=horizon_id,
        authority_id=authority_id,
        code=CODE if number == 1 else f"{CODE}-{number}",
        frame=frame,
        found=tuple(found),
    )
    checked = plans_service.judge(work.connection, submission)
    if checked.errors:
        raise invalid(checked.errors)
    digest = plans_service.digest_of(checked.records())
    if newest is not None and revised and newest["digest"] == digest:
        return plans_service.read(work.connection, caller, newest["plan_id"]), False
    return plans_service.store(work, caller, submission, checked, new_id()), True


def _plans(connection: Connection, horizon_id: str, authority_id: str) -> list[dict[str, Any]]:
    """Return the newest revision of every plan of proposals of an authority, by number; withdrawn ones too."""
    query = (
        select(plans)
        .where(plans.c.horizon_id == horizon_id, plans.c.authority_id == authority_id)
        .order_by(plans.c.revision)
    )
    newest: dict[int, dict[str, Any]] = {}
    for r in connection.execute(query).mappings():
        if (found := _CODE.fullmatch(r["code"])) is not None:
            number = int(found[1] or 1)
            newest[number] = {**r, "number": number}
    return [newest[k] for k in sorted(newest)]


def _items(connection: Connection, plan_ids: Sequence[str]) -> set[str]:
    return set(connection.scalars(select(plan_items.c.item_id).where(plan_items.c.plan_id.in_(plan_ids))))


def applied(
    connection: Connection,
    horizon_id: str,
    authority_id: str,
    frame: pd.DataFrame,
    found: Sequence[Problem],
) -> dict[str, Any]:
    """Return a table of an authority's items with the taken minutes and priorities, and what was changed.

    Nothing is stored; the items are submitted as a plan by whoever asked.

    Raises
    ------
    Refusal : the table has faults, all of which are told.
    """
    submission = Submission(
        horizon_id=horizon_id, authority_id=authority_id, code="main", frame=frame, found=tuple(found)
    )
    checked = plans_service.judge(connection, submission)
    if checked.errors:
        raise invalid(checked.errors)
    weights = read_horizon(connection, horizon_id).weights or {}
    changes = service.taken_changes(connection, Scope(authority_id=authority_id), horizon_id)
    rows, changed = apply(checked.records(), changes, weights)
    return {
        "items": [to_wire("items", r) for r in rows],
        "changes": [
            {"item_id": c.item_id, "column": c.column, "old": c.old, "new": c.new, "proposal_id": c.proposal_id}
            for c in changed
        ],
    }
