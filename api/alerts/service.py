"""Reminders: worked out from what is stored whenever somebody asks, so that they are never out of date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, insert, select, update

from api.access.caller import Caller
from api.access.scope import seen
from api.cases.in_force import by_dates, counts
from api.cases.past import outcome_of, took_place
from api.cases.service import snapshot_around
from api.errors import Refusal
from api.schedules.rows import read_crews, read_visits
from api.store.pages import matching, page
from api.store.schema import (
    alert_rules,
    audit_head,
    crew_shifts,
    enterprises,
    history,
    outcomes,
    plan_items,
    publications,
    visits,
)
from api.store.work import Work
from scheduler.alerts import DEFAULT_RULES, Alert, AlertKind, AlertRule, alert_sentence, watch
from scheduler.domain.plans import Trigger
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.encounters import encounters_of_history, encounters_of_items, encounters_of_schedule
from scheduler.explain.facts import iso
from scheduler.texts import Lang

PAGE_OF_ENTERPRISES = 200


def seed_rules(work: Work) -> None:
    """Store the default rules in a database that nobody has changed yet; of servers that start at once one does."""
    changes = work.connection.scalar(select(audit_head.c.number).with_for_update())
    if not changes and work.connection.execute(select(alert_rules.c.rule_id).limit(1)).first() is None:
        work.connection.execute(insert(alert_rules), [_row(r) for r in DEFAULT_RULES])


def rules_of(connection: Connection) -> list[AlertRule]:
    """Return the rules that are active."""
    rows = connection.execute(
        select(alert_rules).where(alert_rules.c.active).order_by(alert_rules.c.rule_id)
    ).mappings()
    return [_rule(r) for r in rows]


def alerts_of_items(
    connection: Connection, snapshot: PlanningSnapshot, own: frozenset[str], horizon_id: str, lang: Lang
) -> list[dict[str, Any]]:
    """Return the reminders that concern some plan items, before anything is scheduled."""
    return [wire(a, lang) for a in _watch(connection, snapshot, horizon_id) if not own.isdisjoint(a.refs)]


def listing(
    connection: Connection,
    caller: Caller,
    horizon_id: str,
    filters: Mapping[str, str | None],
    limit: int,
    cursor: str | None,
    lang: Lang,
) -> dict[str, Any]:
    """Return a page of reminders: of `limit` enterprises that the caller sees and that anything is planned for.

    A department gets those that concern it.
    """
    busy = exists(
        select(plan_items.c.plan_id).where(
            plan_items.c.enterprise_id == enterprises.c.enterprise_id,
            plan_items.c.horizon_id == horizon_id,
            plan_items.c.live,
            *([] if caller.authority_id is None else [plan_items.c.authority_id == caller.authority_id]),
        )
    )
    past = exists(
        select(history.c.row_id).where(
            history.c.enterprise_id == enterprises.c.enterprise_id,
            *([] if caller.authority_id is None else [history.c.authority_id == caller.authority_id]),
        )
    )
    query: Select[Any] = select(enterprises.c.enterprise_id).where(busy | past, seen(caller, "enterprises"))
    query = matching(query, enterprises, {name: filters.get(name) for name in ("street_id", "enterprise_id")})
    found = page(connection, query, [enterprises.c.enterprise_id], limit, cursor)
    ids = [r["enterprise_id"] for r in found.rows]
    snapshot = snapshot_around(connection, horizon_id, ids, ())
    alerts: Iterable[Alert] = _watch(connection, snapshot, horizon_id)
    who = caller.authority_id or filters.get("authority_id")
    if who is not None:
        alerts = [a for a in alerts if who in a.authority_ids]
    return {"items": [wire(a, lang) for a in alerts], "next_cursor": found.next_cursor}


def _watch(connection: Connection, snapshot: PlanningSnapshot, horizon_id: str) -> Sequence[Alert]:
    rules = rules_of(connection)
    if not rules:
        return ()
    schedule = _arranged(connection, snapshot, horizon_id)
    encounters = (
        *encounters_of_history(snapshot),
        *encounters_of_schedule(snapshot, schedule),
        *encounters_of_items(snapshot),
    )
    return watch(snapshot, rules, encounters)


def _arranged(connection: Connection, snapshot: PlanningSnapshot, horizon_id: str) -> Schedule:
    """Return the visits at the enterprises of a snapshot that took place or are to come, with their crew shifts."""
    ids = [e.enterprise_id for e in snapshot.enterprises]
    published = by_dates(publications.c.horizon_id == horizon_id)
    query = (
        select(visits)
        .join(published, counts(published, visits))
        .outerjoin(outcomes, outcome_of(horizon_id, visits))
        .where(visits.c.enterprise_id.in_(ids), took_place())
    )
    rows = connection.execute(query).mappings().all()
    keys = {(r["schedule_id"], r["street_id"], r["date"]) for r in rows}
    crews: list[Any] = []
    if keys:
        chosen = crew_shifts.c.schedule_id.in_({k[0] for k in keys}) & crew_shifts.c.date.in_({k[2] for k in keys})
        found = connection.execute(select(crew_shifts).where(chosen)).mappings()
        crews = [r for r in found if (r["schedule_id"], r["street_id"], r["date"]) in keys]
    return Schedule(
        snapshot_digest="", visits=tuple(read_visits(rows)), crew_shifts=tuple(read_crews(crews)), unserved=()
    )


def alerts_of_schedule(
    connection: Connection, snapshot: PlanningSnapshot, schedule: Schedule, lang: Lang
) -> list[dict[str, Any]]:
    """Return the reminders that a schedule would give if it were published."""
    encounters = (*encounters_of_history(snapshot), *encounters_of_schedule(snapshot, schedule))
    return [wire(a, lang) for a in watch(snapshot, rules_of(connection), encounters)]


def wire(alert: Alert, lang: Lang) -> dict[str, Any]:
    """Return a reminder as it is sent."""
    return {
        "rule_id": alert.rule_id,
        "kind": alert.kind.value,
        "certain": alert.certain,
        "enterprise_id": alert.enterprise_id,
        "authority_ids": list(alert.authority_ids),
        "refs": list(alert.refs),
        "date": None if alert.day is None else iso(alert.day),
        "period": alert.period,
        "sentence": alert_sentence(alert, lang),
    }


def _rule(row: Mapping[Any, Any]) -> AlertRule:
    return AlertRule(
        rule_id=row["rule_id"],
        kind=AlertKind(row["kind"]),
        days=row["days"],
        share=row["share"],
        officers=row["officers"],
        exempt_triggers=tuple(Trigger(t) for t in (row["exempt_triggers"] or "").split(";") if t),
    )


def _row(rule: AlertRule) -> dict[str, Any]:
    return {
        "rule_id": rule.rule_id,
        "kind": rule.kind.value,
        "days": rule.days,
        "share": rule.share,
        "officers": rule.officers,
        "exempt_triggers": ";".join(t.value for t in rule.exempt_triggers) or None,
        "active": True,
    }


def rule_wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a stored rule as it is sent."""
    triggers = row["exempt_triggers"] or ""
    return {**row, "exempt_triggers": [t for t in triggers.split(";") if t]}


def list_rules(connection: Connection) -> list[dict[str, Any]]:
    """Return every rule."""
    return [rule_wire(r) for r in connection.execute(select(alert_rules).order_by(alert_rules.c.rule_id)).mappings()]


def put_rule(work: Work, rule_id: str, body: Mapping[Any, Any], version: int | None) -> tuple[dict[str, Any], bool]:
    """Store a rule, new or in place of the one of its id; return it, and whether it is new.

    Raises
    ------
    Refusal : its threshold is missing, or the version is another.
    """
    values = {**body, "exempt_triggers": ";".join(body["exempt_triggers"]) or None}
    try:
        _rule({**values, "rule_id": rule_id})
    except ValueError as error:
        raise Refusal("bad_request", why=str(error)) from None
    mine = alert_rules.c.rule_id == rule_id
    before = work.connection.execute(select(alert_rules).where(mine).with_for_update()).mappings().one_or_none()
    if version is not None and (before is None or before["version"] != version):
        raise Refusal("precondition_failed", version=before and before["version"])
    if before is None:
        work.connection.execute(insert(alert_rules).values(rule_id=rule_id, **values))
    else:
        work.connection.execute(update(alert_rules).where(mine).values(**values, version=before["version"] + 1))
    after = rule_wire(work.connection.execute(select(alert_rules).where(mine)).mappings().one())
    work.record("alert_rules.put", f"alert-rules/{rule_id}", before=before and rule_wire(before), after=after)
    return after, before is None


def delete_rule(work: Work, rule_id: str) -> None:
    """Delete a rule.

    Raises
    ------
    Refusal : there is none.
    """
    mine = alert_rules.c.rule_id == rule_id
    before = work.connection.execute(select(alert_rules).where(mine)).mappings().one_or_none()
    if before is None:
        raise Refusal("not_found", what=f"alert-rules/{rule_id}")
    work.connection.execute(delete(alert_rules).where(mine))
    work.record("alert_rules.delete", f"alert-rules/{rule_id}", before=rule_wire(before))
