"""Warnings that time alone causes: scans that did not come, papers and back-fills past due, plans not published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.clock import day
from api.enterprise_side.complaints import filed_since
from api.store.fieldwork_tables import entries
from api.store.schema import outcomes, plan_items, plans, publications, visits
from api.store.warning_tables import missed_scans, warnings, watch_marks
from api.store.work import SYSTEM, Store, Work
from api.supervision.warnings.complaints import raise_for_complaints
from api.supervision.warnings.facts import MARGIN_DAYS, day_number, first_day
from api.supervision.warnings.missing import find_missing
from api.supervision.warnings.raising import hold, raise_for, raise_for_authority, reconcile
from api.supervision.warnings.rules import rules_of
from scheduler.domain.fieldwork.kinds import EntryPath
from scheduler.domain.plans import Trigger
from scheduler.explain.facts import iso
from scheduler.supervision.ladder import UNDECIDED
from scheduler.supervision.raised import RaisedWarning
from scheduler.supervision.rules import WarningKind, WarningRule
from scheduler.supervision.scans import unpublished

ComplaintRows = Callable[[Connection, str], Iterable[Mapping[Any, Any]]]
"""Returns the complaints filed since a date, as :func:`raise_for_complaints` takes them."""
_MISSING, _TIME = "missing", "time"
_ITEMS_AT_ONCE = 300


def sweep(store: Store, *, full: bool = False, complaints: ComplaintRows = filed_since) -> dict[str, int]:
    """Bring up to date what follows from the date, and return how much was looked at.

    May be called at any time and by any number of servers. Planned visits are watched from the date of the first
    entry on record: before it nobody scans.

    Parameters
    ----------
    complaints : counts of complaints since a date. They are looked at here and not as they are filed: the instant of a
        warning must not be that of an anonymous complaint.
    full : look for missing scans and what is past due since then again, not only since the last sweep.
    """
    today = day_number(day(store.instant()))
    days = _find_missing(store, today, full)
    with store.reading() as connection:
        rules = rules_of(connection)
        mark = None if full else _read(connection, _TIME)
        enterprise_ids = _due(connection, rules, mark, today) | _explained(connection) | _told(connection, mark, today)
        authority_ids = _authorities(connection, today)
        plan_ids = _campaigns(connection, rules, today)
    for enterprise_id in sorted(enterprise_ids):
        with store.writing(SYSTEM) as work:
            raise_for(work, enterprise_id, rules)
    for authority_id in sorted(authority_ids):
        with store.writing(SYSTEM) as work:
            raise_for_authority(work, authority_id, rules, None if mark is None else mark - 1)
    for plan_id in sorted(plan_ids):
        with store.writing(SYSTEM) as work:
            _raise_for_plan(work, plan_id, rules, today)
    with store.writing(SYSTEM) as work:
        raise_for_complaints(work, complaints(work.connection, iso(today - MARGIN_DAYS)), rules)
        _set(work, _TIME, today)
    return {"days": days, "enterprises": len(enterprise_ids), "authorities": len(authority_ids), "plans": len(plan_ids)}


# --- how far it has looked ------------------------------------------------------------------------------------------


def _read(connection: Connection, name: str) -> int | None:
    found = connection.scalar(select(watch_marks.c.date).where(watch_marks.c.name == name))
    return None if found is None else day_number(found)


def _take(work: Work, name: str, first: int) -> int:
    """Return a mark, which is held until the transaction ends; where there is none it begins."""
    mine = select(watch_marks.c.date).where(watch_marks.c.name == name).with_for_update()
    found = work.connection.scalar(mine)
    if found is None:
        try:
            with work.connection.begin_nested():
                work.connection.execute(insert(watch_marks).values(name=name, date=iso(first)))
        except IntegrityError:  # another server began at the same time
            pass
        found = work.connection.scalar(mine)
    return day_number(str(found))


def _set(work: Work, name: str, value: int) -> None:
    if _take(work, name, value) < value:
        work.connection.execute(update(watch_marks).where(watch_marks.c.name == name).values(date=iso(value)))


def _find_missing(store: Store, today: int, full: bool) -> int:
    """Look for the missing scans of every day that has passed since the last sweep; return the number of days."""
    with store.reading() as connection:
        mark = None if full else _read(connection, _MISSING)
        if mark is None:
            began = connection.scalar(select(func.min(entries.c.date)))
            if began is None:
                return 0
            mark = max(day_number(began), first_day(today)) - 1
    for number in range(mark + 1, today):
        with store.writing(SYSTEM) as work:
            if _take(work, _MISSING, number - 1) < number or full:
                find_missing(work, number, today)
                _set(work, _MISSING, number)
    return max(0, today - mark - 1)


# --- what may have changed -----------------------------------------------------------------------------------------


def _due(connection: Connection, rules: Iterable[WarningRule], mark: int | None, today: int) -> set[str]:
    """Return the enterprises at which something has become due since the last sweep."""
    since = first_day(today) if mark is None else mark
    out: set[str] = set()
    for rule in rules:
        if rule.kind in (WarningKind.BACKFILL_DUE, WarningKind.BACKFILL_OVERDUE):
            days = rule.threshold("days")
            when = missed_scans.c.date.between(iso(since - days - 1), iso(today - days))
            query = select(missed_scans.c.enterprise_id).where(missed_scans.c.explained_at.is_(None), when)
            out |= set(connection.scalars(query))
        elif rule.kind is WarningKind.OFF_PLAN:
            due = func.coalesce(entries.c.papers_due, entries.c.date)
            late = entries.c.path != EntryPath.PLANNED, entries.c.approval_no.is_(None)
            query = select(entries.c.enterprise_id).where(*late, due.between(iso(since - 1), iso(today - 1)))
            out |= set(connection.scalars(query))
    return out


def _explained(connection: Connection) -> set[str]:
    """Return the enterprises with a missing scan that something may explain that came in by another way."""
    m = missed_scans.c
    entry = exists(
        select(entries.c.entry_id).where(
            entries.c.horizon_id == m.horizon_id,
            entries.c.visit_id == m.visit_id,
            entries.c.authority_id == m.authority_id,
        )
    )
    outcome = exists(
        select(outcomes.c.outcome_id).where(
            outcomes.c.horizon_id == m.horizon_id,
            outcomes.c.visit_id == m.visit_id,
            outcomes.c.date == m.date,
            or_(outcomes.c.outcome != "done", outcomes.c.left_items.is_not(None)),
        )
    )
    query = select(m.enterprise_id).where(m.explained_at.is_(None), or_(entry, outcome))
    return set(connection.scalars(query))


def _told(connection: Connection, mark: int | None, today: int) -> set[str]:
    """Return the enterprises of which outcomes were told since the last sweep: a visit told done counts for caps."""
    since = iso((first_day(today) if mark is None else mark) - 1)  # a day earlier: instants are in UTC
    return set(connection.scalars(select(outcomes.c.enterprise_id).where(outcomes.c.recorded_at >= since)))


def _authorities(connection: Connection, today: int) -> set[str]:
    query = select(missed_scans.c.authority_id).where(
        missed_scans.c.explained_at.is_(None), missed_scans.c.date >= iso(first_day(today))
    )
    return set(connection.scalars(query.distinct()))


# --- campaigns -----------------------------------------------------------------------------------------------------


def _campaigns(connection: Connection, rules: Iterable[WarningRule], today: int) -> set[str]:
    """Return the campaigns that were approved long ago, and those of which is warned."""
    warned = select(warnings.c.subject).where(
        warnings.c.kind == WarningKind.UNPUBLISHED, warnings.c.state.in_(UNDECIDED)
    )
    out = {s.removeprefix("plan:") for s in connection.scalars(warned)}
    for rule in rules:
        if rule.kind is WarningKind.UNPUBLISHED:
            last = iso(today - rule.threshold("days"))  # nothing of this date or later is old enough
            query = select(plans.c.plan_id).where(
                plans.c.state == "approved", plans.c.approved_at < f"{last}T24", _has_campaign()
            )
            out |= set(connection.scalars(query))
    return out


def _has_campaign() -> ColumnElement[bool]:
    return exists(select(plan_items.c.row).where(_of_campaign(plans.c.plan_id)))


def _of_campaign(plan_id: Any) -> ColumnElement[bool]:
    return and_(plan_items.c.plan_id == plan_id, plan_items.c.trigger == Trigger.CAMPAIGN)


def _raise_for_plan(work: Work, plan_id: str, rules: Iterable[WarningRule], today: int) -> None:
    hold(work, plans, plan_id)
    plan = work.connection.execute(select(plans).where(plans.c.plan_id == plan_id)).mappings().one()
    is_open = plan["state"] == "approved" and not _is_published(work.connection, plan_id, plan["horizon_id"])

    def found(some: Iterable[WarningRule]) -> list[RaisedWarning]:
        if not is_open:
            return []
        approved = date.fromisoformat(day(plan["approved_at"])).toordinal()
        return [w for r in some for w in unpublished(r, plan_id, plan["authority_id"], approved, today)]

    kinds = (WarningKind.UNPUBLISHED,)
    reconcile(work, f"plan:{plan_id}", kinds, [r for r in rules if r.kind in kinds], found)


def _is_published(connection: Connection, plan_id: str, horizon_id: str) -> bool:
    """Say whether any item of a campaign is in a visit of a schedule that was published."""
    columns = (plan_items.c.item_id, plan_items.c.enterprise_id)
    items = connection.execute(select(*columns).where(_of_campaign(plan_id)).order_by(plan_items.c.row)).all()
    published = select(publications.c.schedule_id).where(publications.c.horizon_id == horizon_id)
    for k in range(0, len(items), _ITEMS_AT_ONCE):
        some = items[k : k + _ITEMS_AT_ONCE]
        query = select(visits.c.item_ids).where(
            visits.c.enterprise_id.in_({i.enterprise_id for i in some}), visits.c.schedule_id.in_(published)
        )
        served = {i for listed in connection.scalars(query) for i in listed.split(";")}
        if not served.isdisjoint(i.item_id for i in some):
            return True
    return False
