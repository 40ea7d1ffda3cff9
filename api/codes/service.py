"""Supervision codes: one good code an enterprise, replaced without losing what was scanned with the former."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api import clock
from api.access.caller import Caller, Role
from api.access.scope import seen
from api.codes.tokens import CodeKind, code_id_of, new_code_id, token_of
from api.errors import Refusal
from api.fieldwork.record import Happening, append
from api.settings import Settings
from api.store.fieldwork_tables import enterprise_codes, entries, entry_items, officer_codes
from api.store.pages import Page, matching, page
from api.store.schema import authorities, enterprises, officers
from api.store.work import Store, Work
from scheduler.domain.fieldwork.kinds import EntryState, EventKind

OFFICER_CODE_MIN = 5
"""Minutes for which an officer's code is good: long enough to be read at the door."""
_SHOWN = [c for c in enterprise_codes.c if c.name != "code_id"]
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """An enterprise with its code, to be printed."""

    enterprise_id: str
    name: str
    street_id: str
    serial: int
    token: str


def issue_missing(
    work: Work, caller: Caller, new_id: NewId, street_id: str | None, enterprise_id: str | None
) -> dict[str, int]:
    """Give a code to every enterprise of the caller's, in a street or one of them, that has none; return how many.

    Raises
    ------
    Refusal : there is no such enterprise of the caller's.
    """
    live = exists().where(
        enterprise_codes.c.enterprise_id == enterprises.c.enterprise_id, enterprise_codes.c.revoked_at.is_(None)
    )
    query = select(enterprises.c.enterprise_id).where(seen(caller, "enterprises"))
    query = matching(query, enterprises, {"street_id": street_id, "enterprise_id": enterprise_id})
    if enterprise_id is not None and work.connection.execute(query).first() is None:
        raise Refusal("not_found", what=f"enterprises/{enterprise_id}")
    lacking = list(work.connection.scalars(query.where(~live).order_by(enterprises.c.enterprise_id)))
    for one in lacking:
        _issue(work, new_id, one)
    return {"issued": len(lacking)}


def _issue(work: Work, new_id: NewId, enterprise_id: str) -> int:
    of_it = enterprise_codes.c.enterprise_id == enterprise_id
    last = work.connection.scalar(select(func.max(enterprise_codes.c.serial)).where(of_it))
    serial = 1 + (last or 0)
    row = {"enterprise_id": enterprise_id, "serial": serial, "issued_at": work.at, "issued_by": work.actor}
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(enterprise_codes).values(code_id=new_code_id(), **row))
    except IntegrityError:
        raise Refusal("conflict", why=f"enterprises/{enterprise_id}") from None
    said = {"serial": serial}
    append(work, Happening(event_id=new_id(), kind=EventKind.CODE_ISSUED, enterprise_id=enterprise_id, data=said))
    return serial


def rotate(work: Work, caller: Caller, new_id: NewId, enterprise_id: str, reason: str) -> dict[str, Any]:
    """Revoke the code of an enterprise and give it another; return the serial numbers.

    Raises
    ------
    Refusal : there is no such enterprise of the caller's, or it has no code.
    """
    _require_seen(work.connection, caller, enterprise_id)
    mine = (enterprise_codes.c.enterprise_id == enterprise_id) & enterprise_codes.c.revoked_at.is_(None)
    former = work.connection.execute(select(enterprise_codes.c.serial).where(mine).with_for_update()).scalar()
    if former is None:
        raise Refusal("not_found", what=f"codes/{enterprise_id}")
    work.connection.execute(update(enterprise_codes).where(mine).values(revoked_at=work.at, revoked_reason=reason))
    said = {"serial": former, "reason": reason}
    append(work, Happening(event_id=new_id(), kind=EventKind.CODE_REVOKED, enterprise_id=enterprise_id, data=said))
    return {"enterprise_id": enterprise_id, "revoked": former, "serial": _issue(work, new_id, enterprise_id)}


def _require_seen(connection: Connection, caller: Caller, enterprise_id: str) -> None:
    if caller.role is Role.ENTERPRISE and caller.enterprise_id == enterprise_id:
        return
    query = select(enterprises.c.enterprise_id).where(
        enterprises.c.enterprise_id == enterprise_id, seen(caller, "enterprises")
    )
    if connection.execute(query).first() is None:
        raise Refusal("not_found", what=f"enterprises/{enterprise_id}")


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of all codes that ever were at the caller's enterprises: never the codes themselves."""
    query: Select[Any] = (
        select(*_SHOWN, enterprises.c.street_id)
        .join(enterprises, enterprises.c.enterprise_id == enterprise_codes.c.enterprise_id)
        .where(seen(caller, "enterprises"))
    )
    query = matching(query, enterprises, filters)
    return page(connection, query, [enterprise_codes.c.enterprise_id, enterprise_codes.c.serial], limit, cursor)


def printable(
    connection: Connection, settings: Settings, caller: Caller, enterprise_id: str | None, street_id: str | None
) -> Sequence[Coded]:
    """Return the good codes of one enterprise or of a street, in the order of names.

    Raises
    ------
    Refusal : there is none of the caller's.
    """
    query = (
        select(enterprises.c.enterprise_id, enterprises.c.name, enterprises.c.street_id)
        .add_columns(enterprise_codes.c.serial, enterprise_codes.c.code_id)
        .join(enterprise_codes, enterprise_codes.c.enterprise_id == enterprises.c.enterprise_id)
        .where(enterprise_codes.c.revoked_at.is_(None))
        .order_by(enterprises.c.name, enterprises.c.enterprise_id)
    )
    own = caller.role is Role.ENTERPRISE
    query = query.where(enterprises.c.enterprise_id == caller.enterprise_id if own else seen(caller, "enterprises"))
    query = matching(query, enterprises, {"enterprise_id": enterprise_id, "street_id": street_id})
    found = [
        Coded(
            enterprise_id=r.enterprise_id,
            name=r.name,
            street_id=r.street_id,
            serial=r.serial,
            token=token_of(settings, CodeKind.ENTERPRISE, r.code_id),
        )
        for r in connection.execute(query)
    ]
    if not found:
        raise Refusal("not_found", what=f"codes/{enterprise_id or street_id}")
    return found


def enterprise_of(connection: Connection, settings: Settings, token: str) -> str:
    """Return whose code this is.

    Raises
    ------
    Refusal : it is none of ours, or was revoked.
    """
    code_id = code_id_of(settings, CodeKind.ENTERPRISE, token)
    query = select(enterprise_codes.c.enterprise_id, enterprise_codes.c.revoked_at)
    row = connection.execute(query.where(enterprise_codes.c.code_id == code_id)).one_or_none()
    if row is None:
        raise Refusal("bad_code")
    if row.revoked_at is not None:
        raise Refusal("code_ended", state="revoked", since=row.revoked_at)
    return str(row.enterprise_id)


# --- codes of officers -----------------------------------------------------------------------------------------------


def officer_code(store: Store, work: Work, settings: Settings, officer_id: str) -> dict[str, str]:
    """Return a new code of an officer, good for minutes and for the first enterprise that reads it."""
    code_id = new_code_id()
    expires = clock.instant(store.now() + timedelta(minutes=OFFICER_CODE_MIN))
    row = {"code_id": code_id, "officer_id": officer_id, "made_at": work.at, "expires_at": expires}
    work.connection.execute(insert(officer_codes).values(**row))
    work.record("codes.officer", f"officers/{officer_id}", after={"expires_at": expires})
    return {"token": token_of(settings, CodeKind.OFFICER, code_id), "expires_at": expires}


def officer_shown(connection: Connection, settings: Settings, token: str, at: str) -> dict[str, Any]:
    """Return what anybody sees who reads an officer's code: body, name, certificate, whether that holds today.

    Raises
    ------
    Refusal : the code is none of ours, or has expired.
    """
    row = _good_officer_code(connection, settings, token, at)
    query = (
        select(officers, authorities.c.name.label("authority"))
        .join(authorities, authorities.c.authority_id == officers.c.authority_id)
        .where(officers.c.officer_id == row["officer_id"])
    )
    found = connection.execute(query).mappings().one()
    names = ("name", "certificate_no", "valid_from", "valid_to", "authority", "authority_id")
    valid = found["valid_from"] <= clock.day(at) <= found["valid_to"]
    return {
        **{n: found[n] for n in names},
        "valid": valid,
        "shown_at": row["shown_at"],
        "expires_at": row["expires_at"],
    }


def read_officer_code(work: Work, settings: Settings, enterprise_id: str, token: str) -> dict[str, Any]:
    """Return what an enterprise sees that reads an officer's code: who it is, and the items of its entry of today.

    Items show once officers have scanned in: what is to come is told by notices, and unannounced visits by nobody.

    Raises
    ------
    Refusal : the code is none of ours, has expired, or somebody else has read it.
    """
    row = _good_officer_code(work.connection, settings, token, work.at, hold=True)
    if row["shown_at"] is not None and row["shown_to"] != enterprise_id:
        raise Refusal("code_ended", state="used", since=row["shown_at"])
    shown = officer_shown(work.connection, settings, token, work.at)
    if row["shown_at"] is None:
        mine = update(officer_codes).where(officer_codes.c.code_id == row["code_id"])
        work.connection.execute(mine.values(shown_at=work.at, shown_to=enterprise_id, enterprise_id=enterprise_id))
        work.record("codes.read", f"officers/{row['officer_id']}", after={"enterprise_id": enterprise_id})
    return {**shown, "items": _items_here(work.connection, enterprise_id, shown["authority_id"], clock.day(work.at))}


def _items_here(connection: Connection, enterprise_id: str, authority_id: str, today: str) -> list[str]:
    here = select(entries.c.entry_id, entries.c.item_ids).where(
        entries.c.enterprise_id == enterprise_id,
        entries.c.authority_id == authority_id,
        entries.c.date == today,
        entries.c.state.in_((EntryState.OPEN.value, EntryState.CLOSED.value)),
    )
    found = connection.execute(here).all()
    codes = select(entry_items.c.item_id).where(entry_items.c.entry_id.in_([r.entry_id for r in found]))
    return sorted({i for r in found for i in r.item_ids.split(";") if i} | set(connection.scalars(codes)))


def _good_officer_code(
    connection: Connection, settings: Settings, token: str, at: str, *, hold: bool = False
) -> dict[str, Any]:
    code_id = code_id_of(settings, CodeKind.OFFICER, token)
    query = select(officer_codes).where(officer_codes.c.code_id == code_id)
    row = connection.execute(query.with_for_update() if hold else query).mappings().one_or_none()
    if row is None:
        raise Refusal("bad_code")
    if row["expires_at"] <= at:
        raise Refusal("code_ended", state="expired", since=row["expires_at"])
    return dict(row)
