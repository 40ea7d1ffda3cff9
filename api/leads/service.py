"""Leads: stored with all their faults told at once, closed with a reason, never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.access.caller import Caller, Role
from api.clock import day
from api.dates import day_of, request_fault
from api.errors import Refusal, invalid
from api.proposals.scope import scope_of
from api.store.feedback_tables import leads
from api.store.pages import Page, matching, page
from api.store.schema import authorities, enterprises
from api.store.work import Work

OPEN, CLOSED = "open", "closed"


def create(work: Work, caller: Caller, body: Mapping[str, Any], lead_id: str) -> dict[str, Any]:
    """Store a lead and return it.

    Raises
    ------
    Refusal : it names what there is not, or a date to come, all of which is told; or it is not the caller's to report.
    """
    authority_id = body["authority_id"] or caller.authority_id
    query = select(enterprises.c.street_id).where(enterprises.c.enterprise_id == body["enterprise_id"])
    street_id = work.connection.execute(query).scalar_one_or_none()
    query = select(authorities.c.authority_id).where(authorities.c.authority_id == authority_id)
    faults = []
    if street_id is None:
        expected = ("登记的企业", "an enterprise of the register")
        faults.append(request_fault("unknown_reference", "body", "enterprise_id", body["enterprise_id"], expected))
    if work.connection.execute(query).scalar_one_or_none() is None:
        expected = ("登记的部门", "an authority of the register")
        faults.append(request_fault("unknown_reference", "body", "authority_id", authority_id, expected))
    if day_of(body["received"], "body", "received") > day_of(day(work.at)):
        expected = ("不晚于今天", "no later than today")
        faults.append(request_fault("bad_date", "body", "received", body["received"], expected))
    if faults:
        raise invalid(faults)
    row = {
        **body,
        "lead_id": lead_id,
        "authority_id": authority_id,
        "street_id": street_id,
        "state": OPEN,
        "closed_reason": None,
        "created_at": work.at,
        "created_by": caller.account_id,
    }
    _require_own(caller, row)
    work.connection.execute(insert(leads).values(**row))
    work.record("leads.create", f"leads/{lead_id}", after=row)
    return row


def _require_own(caller: Caller, row: Mapping[Any, Any]) -> None:
    if caller.role in (Role.ADMINISTRATOR, Role.SUPERVISOR):
        return
    if caller.role is Role.DEPARTMENT and row["authority_id"] == caller.authority_id:
        return
    if caller.role is Role.STREET_OFFICE and row["street_id"] in caller.street_ids:
        return
    raise Refusal("not_yours")


def find(connection: Connection, caller: Caller, lead_id: str) -> dict[str, Any]:
    """Return a lead that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(leads).where(leads.c.lead_id == lead_id, scope_of(caller).rows(leads))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"leads/{lead_id}")
    return dict(row)


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of the leads that the caller sees."""
    query = matching(select(leads).where(scope_of(caller).rows(leads)), leads, filters)
    return page(connection, query, [leads.c.lead_id], limit, cursor)


def close(work: Work, caller: Caller, lead_id: str, reason: str) -> dict[str, Any]:
    """Close a lead and return it: it proposes nothing any more.

    Raises
    ------
    Refusal : there is no such lead of the caller's, or it is closed already.
    """
    before = find(work.connection, caller, lead_id)
    _require_own(caller, before)
    query = update(leads).where(leads.c.lead_id == lead_id, leads.c.state == OPEN)
    if work.connection.execute(query.values(state=CLOSED, closed_reason=reason)).rowcount != 1:
        raise Refusal("wrong_state", what=f"leads/{lead_id}", state=CLOSED)
    after = {**before, "state": CLOSED, "closed_reason": reason}
    work.record("leads.close", f"leads/{lead_id}", before=before, after=after)
    return after
