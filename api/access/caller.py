"""The caller of a request, and what its role permits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import casbin

from api.errors import Refusal

_HERE = Path(__file__).parent


class Role(StrEnum):
    """What an account is for."""

    DEPARTMENT = "department"
    STREET_OFFICE = "street_office"
    PLANNER = "planner"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    ENTERPRISE = "enterprise"
    OFFICER = "officer"
    INVITED_SUPERVISOR = "invited_supervisor"


SEES_EVERYTHING = frozenset({Role.PLANNER, Role.SUPERVISOR, Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who makes a request.

    Parameters
    ----------
    authority_id : of a department and of an officer, ``None`` for others.
    street_ids : of a street office, empty for others.
    enterprise_id, officer_id : of an enterprise, of an officer; ``None`` for others.
    """

    account_id: str
    name: str
    role: Role
    authority_id: str | None = None
    street_ids: tuple[str, ...] = ()
    enterprise_id: str | None = None
    officer_id: str | None = None

    @property
    def sees_everything(self) -> bool:
        """Say whether no row is hidden from it."""
        return self.role in SEES_EVERYTHING


@cache
def _enforcer() -> casbin.Enforcer:
    return casbin.Enforcer(str(_HERE / "model.conf"), str(_HERE / "policy.csv"))


@cache
def permits(role: Role, resource: str, action: str) -> bool:
    """Say whether a role may do something to a kind of thing."""
    return bool(_enforcer().enforce(role.value, resource, action))


@cache
def permissions_of(role: Role) -> tuple[tuple[str, str], ...]:
    """Return what a role may do: resource and action."""
    return tuple(sorted((resource, action) for _, resource, action in _enforcer().get_filtered_policy(0, role.value)))


def require(caller: Caller, resource: str, action: str) -> None:
    """Do nothing when the caller's role permits it.

    Raises
    ------
    Refusal : it does not.
    """
    if not permits(caller.role, resource, action):
        raise Refusal("forbidden", role=caller.role.value, resource=resource, action=action)
