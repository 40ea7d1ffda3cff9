"""Whose proposals somebody sees: a department its own, a street office those of its streets, supervision all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, true

from api.access.caller import Caller, Role
from api.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is looked at; ``None`` is everything."""

    authority_id: str | None = None
    street_ids: tuple[str, ...] | None = None

    def rows(self, table: Any) -> ColumnElement[bool]:
        """Return the condition that rows of a table with authority and street are in it."""
        return and_(self.authority(table.c.authority_id), self.street(table.c.street_id))

    def authority(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that an authority is in it."""
        return true() if self.authority_id is None else column == self.authority_id

    def street(self, column: Any) -> ColumnElement[bool]:
        """Return the condition that a street is in it."""
        if self.street_ids is None:
            return true()
        return column.in_(self.street_ids) if self.street_ids else false()


def scope_of(caller: Caller, authority_id: str | None = None) -> Scope:
    """Return what a caller sees, narrowed to an authority.

    Raises
    ------
    Refusal : the authority is another department's.
    """
    if caller.role is Role.DEPARTMENT:
        if authority_id not in (None, caller.authority_id):
            raise Refusal("not_yours")
        return Scope(authority_id=caller.authority_id)
    if caller.role is Role.STREET_OFFICE:
        return Scope(authority_id=authority_id, street_ids=caller.street_ids)
    if caller.sees_everything:
        return Scope(authority_id=authority_id)
    raise Refusal("not_yours")


def require_decider(caller: Caller, row: Mapping[str, Any]) -> None:
    """Do nothing when a proposal is the caller's to decide: a department's its own, a class supervision's.

    Raises
    ------
    Refusal : it is not.
    """
    if caller.role is Role.ADMINISTRATOR:
        return
    if row["kind"] == "risk":
        if caller.role is Role.SUPERVISOR:
            return
    elif caller.role is Role.DEPARTMENT and row["authority_id"] == caller.authority_id:
        return
    raise Refusal("not_yours")
