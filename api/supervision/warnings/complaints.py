"""Warnings about complaints that come in clusters; only counts of them are ever read here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from api.clock import day
from api.store.fieldwork_tables import entries
from api.store.schema import authorities, streets
from api.store.warning_tables import warnings
from api.store.work import Work
from api.supervision.warnings.facts import day_number
from api.supervision.warnings.raising import hold, raise_new
from api.supervision.warnings.rules import rules_of
from scheduler.domain.fieldwork.kinds import EntryState
from scheduler.explain.facts import iso
from scheduler.supervision.area import ComplaintCount, EntryCount, complaint_clusters
from scheduler.supervision.raised import in_view
from scheduler.supervision.rules import ComplaintScope, WarningKind, WarningRule


def raise_for_complaints(
    work: Work, rows: Iterable[Mapping[Any, Any]], rules: Sequence[WarningRule] | None = None
) -> None:
    """Warn of the authorities and streets about which more complaints were filed than chance explains.

    To be called in the transaction in which a complaint is stored.

    Parameters
    ----------
    rows : complaints, or counts of them, not older than the longest window: ``authority_id``, ``street_id``, ``kind``,
        ``filed_on`` (ISO date), and ``count`` where a row is more than one. Whatever else they hold is not looked at.
    rules : those that are active, where they were read already.
    """
    counts = [_count_of(r) for r in rows]
    today = day_number(day(work.at))
    for rule in rules_of(work.connection) if rules is None else rules:
        if rule.kind is WarningKind.COMPLAINTS:
            _raise(work, rule, counts, today)


def _count_of(row: Mapping[Any, Any]) -> ComplaintCount:
    return ComplaintCount(
        authority_id=row["authority_id"],
        street_id=row["street_id"],
        kind=row["kind"],
        day=day_number(row["filed_on"]),
        count=row.get("count", 1),
    )


def _raise(work: Work, rule: WarningRule, counts: Sequence[ComplaintCount], today: int) -> None:
    first = today - rule.threshold("days") + 1
    of_authority = rule.scope is ComplaintScope.AUTHORITY
    filed: Counter[str] = Counter()
    for c in counts:
        body = c.authority_id if of_authority else c.street_id
        if body is not None and first <= c.day <= today:
            filed[body] += c.count
    many = sorted(body for body, n in filed.items() if n >= rule.threshold("count"))
    if not many:
        return
    for body in many:  # two complaints at the same time are one cluster
        hold(work, authorities if of_authority else streets, body)
    before = select(warnings.c.subject, func.max(warnings.c.date)).where(
        warnings.c.rule_id == rule.rule_id, warnings.c.kind == WarningKind.COMPLAINTS
    )
    warned = {s: day_number(d) for s, d in work.connection.execute(before.group_by(warnings.c.subject))}
    for warning in in_view(complaint_clusters(rule, counts, _entries(work, first, today), today, warned)):
        raise_new(work, warning)


def _entries(work: Work, first: int, last: int) -> list[EntryCount]:
    query = (
        select(entries.c.authority_id, entries.c.street_id, func.count())
        .where(
            entries.c.date.between(iso(first), iso(last)),
            entries.c.state.in_((EntryState.OPEN, EntryState.CLOSED)),
        )
        .group_by(entries.c.authority_id, entries.c.street_id)
    )
    return [EntryCount(authority_id=a, street_id=s, count=n) for a, s, n in work.connection.execute(query)]
