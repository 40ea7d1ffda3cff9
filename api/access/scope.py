"""Which rows a caller sees and may write: the one place that says so, as conditions of SQL and as checks of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select, true

from api.access.caller import Caller, Role
from api.errors import Refusal
from api.store.fieldwork_tables import entries, field_events
from api.store.notices_tables import contacts, notices
from api.store.schema import (
    absences,
    crew_shifts,
    crews,
    draw_targets,
    draw_teams,
    enterprises,
    history,
    missing_crews,
    officers,
    outcomes,
    pins,
    plan_items,
    plans,
    preferred_pins,
    recusals,
    runs,
    schedule_changes,
    schedules,
    studies,
    unserved,
    visit_authorities,
    visits,
)
from api.store.warning_tables import warning_authorities, warnings

Condition = ColumnElement[bool]


def seen(caller: Caller, table: str) -> Condition:
    """Return the condition that rows of a table are the caller's to see."""
    if caller.sees_everything:
        return true()
    if caller.role not in (Role.DEPARTMENT, Role.STREET_OFFICE):
        return false()  # enterprises and officers have services of their own, which say what is theirs
    rule = _SEEN.get(table)
    return true() if rule is None else rule(caller)


def _in_streets(column: Any) -> Callable[[Caller], Condition]:
    return lambda caller: column.in_(caller.street_ids)


def _split(
    department: Callable[[Caller], Condition], street: Callable[[Caller], Condition]
) -> Callable[[Caller], Condition]:
    return lambda caller: department(caller) if caller.role is Role.DEPARTMENT else street(caller)


def _own(column: Any) -> Callable[[Caller], Condition]:
    return lambda caller: column == caller.authority_id


def _at_my_enterprises(column: Any) -> Callable[[Caller], Condition]:
    return lambda caller: exists(
        select(enterprises.c.enterprise_id).where(
            enterprises.c.enterprise_id == column, enterprises.c.street_id.in_(caller.street_ids)
        )
    )


def _plans_at_my_enterprises(caller: Caller) -> Condition:
    joined = plan_items.join(enterprises, enterprises.c.enterprise_id == plan_items.c.enterprise_id)
    return exists(
        select(plan_items.c.plan_id)
        .select_from(joined)
        .where(plan_items.c.plan_id == plans.c.plan_id, enterprises.c.street_id.in_(caller.street_ids))
    )


def _of_my_visits(table: Any) -> Callable[[Caller], Condition]:
    return lambda caller: exists(
        select(visit_authorities.c.visit_id).where(
            visit_authorities.c.schedule_id == table.c.schedule_id,
            visit_authorities.c.visit_id == table.c.visit_id,
            visit_authorities.c.authority_id == caller.authority_id,
        )
    )


def _of_my_officers(column: Any) -> Callable[[Caller], Condition]:
    return lambda caller: exists(
        select(officers.c.officer_id).where(
            officers.c.officer_id == column, officers.c.authority_id == caller.authority_id
        )
    )


def _changes_for_me(caller: Caller) -> Condition:
    listed = literal(";") + schedule_changes.c.authority_ids + ";"
    return listed.contains(f";{caller.authority_id};", autoescape=True)


def _published(caller: Caller) -> Condition:
    """A department sees schedules in force or that were: drafts are the street office's."""
    return schedules.c.state.in_(("published", "superseded"))


def _of_my_streets(table: Any) -> Callable[[Caller], Condition]:
    mine: Callable[[Caller], Condition] = lambda caller: and_(  # noqa: E731
        table.c.level == "street", table.c.area_id.in_(caller.street_ids)
    )
    return mine


def _my_schedules(caller: Caller) -> Condition:
    """A street office sees its own schedules, and those of a district or the city that are for its streets too."""
    covers = exists(
        select(visits.c.visit_id).where(
            visits.c.schedule_id == schedules.c.schedule_id, visits.c.street_id.in_(caller.street_ids)
        )
    )
    return or_(_of_my_streets(schedules)(caller), and_(schedules.c.state.in_(("published", "superseded")), covers))


def _answered_by_me(caller: Caller) -> Condition:
    return exists(
        select(warning_authorities.c.warning_id).where(
            warning_authorities.c.warning_id == warnings.c.warning_id,
            warning_authorities.c.authority_id == caller.authority_id,
        )
    )


def _requested(caller: Caller) -> Condition:
    return runs.c.requested_by == caller.account_id


_SEEN: Mapping[str, Callable[[Caller], Condition]] = {
    "officers": _split(_own(officers.c.authority_id), lambda _: false()),
    "crews": _split(_own(crews.c.authority_id), lambda _: true()),
    "absences": _split(_of_my_officers(absences.c.officer_id), lambda _: false()),
    "recusals": _split(_of_my_officers(recusals.c.officer_id), lambda _: false()),
    "missing_crews": _split(_own(missing_crews.c.authority_id), lambda _: true()),
    "history": _split(_own(history.c.authority_id), _at_my_enterprises(history.c.enterprise_id)),
    "enterprises": _split(lambda _: true(), _in_streets(enterprises.c.street_id)),
    "pins": _split(lambda _: true(), _at_my_enterprises(pins.c.enterprise_id)),
    "preferred_pins": _split(lambda _: true(), _at_my_enterprises(preferred_pins.c.enterprise_id)),
    "plans": _split(_own(plans.c.authority_id), _plans_at_my_enterprises),
    "plan_items": _split(_own(plan_items.c.authority_id), _at_my_enterprises(plan_items.c.enterprise_id)),
    "runs": _split(_requested, lambda caller: or_(_of_my_streets(runs)(caller), _requested(caller))),
    "schedules": _split(_published, _my_schedules),
    "studies": _split(lambda _: false(), _of_my_streets(studies)),
    "visits": _split(_of_my_visits(visits), _in_streets(visits.c.street_id)),
    "crew_shifts": _split(_own(crew_shifts.c.authority_id), _in_streets(crew_shifts.c.street_id)),
    "draw_teams": _split(_own(draw_teams.c.authority_id), _in_streets(draw_teams.c.street_id)),
    "draw_targets": _split(_own(draw_targets.c.authority_id), _in_streets(draw_targets.c.street_id)),
    "outcomes": _split(_of_my_visits(outcomes), _in_streets(outcomes.c.street_id)),
    "schedule_changes": _split(_changes_for_me, _in_streets(schedule_changes.c.street_id)),
    "entries": _split(_own(entries.c.authority_id), _in_streets(entries.c.street_id)),
    "field_events": _split(_own(field_events.c.authority_id), _in_streets(field_events.c.street_id)),
    "notices": _split(lambda _: false(), _in_streets(notices.c.street_id)),
    "contacts": _split(lambda _: false(), _at_my_enterprises(contacts.c.enterprise_id)),
    "warnings": _split(_answered_by_me, _in_streets(warnings.c.street_id)),
    "unserved": _split(_own(unserved.c.authority_id), _in_streets(unserved.c.street_id)),
}
"""Of tables that are not here every caller with the permission sees everything."""


_WRITTEN_BY = {
    Role.DEPARTMENT: ("plans", "crews", "missing_crews", "officers", "absences", "recusals"),
    Role.STREET_OFFICE: ("enterprises", "pins", "preferred_pins", "outcomes", "contacts"),
}


def require_own(caller: Caller, table: str, row: Mapping[Any, Any]) -> None:
    """Do nothing when the row is the caller's to write.

    Raises
    ------
    Refusal : it is another department's, or lies in another street.
    """
    if caller.role is Role.ADMINISTRATOR:
        return
    if table in _WRITTEN_BY.get(caller.role, ()):
        column = "authority_id" if caller.role is Role.DEPARTMENT else "street_id"
        own = (caller.authority_id,) if caller.role is Role.DEPARTMENT else caller.street_ids
        if row.get(column) in own:
            return
    raise Refusal("not_yours")


def require_area(caller: Caller, level: str, area_id: str) -> None:
    """Do nothing when the caller may plan or publish for an area: a street office for its streets only.

    Raises
    ------
    Refusal : the area is not its own.
    """
    if caller.sees_everything:
        return
    if caller.role is Role.STREET_OFFICE and level == "street" and area_id in caller.street_ids:
        return
    raise Refusal("not_yours")
