"""What the rules of warnings look at, read from the record for one enterprise, authority or district."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from api.clock import minute
from api.store.fieldwork_tables import entries
from api.store.schema import caps, enterprises, history, horizons, outcomes, plan_items, streets, visits
from api.store.warning_tables import missed_scans, warning_authorities, warnings
from scheduler.domain.calendar import Period
from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ScanStatus
from scheduler.domain.plans import PastInspection, Trigger
from scheduler.domain.policy import ANY, CapScope, FrequencyCap
from scheduler.explain.facts import iso
from scheduler.supervision.area import RepeatCase
from scheduler.supervision.at_door import CapsOfTime, Enterprise
from scheduler.supervision.doors import Past, doors_of
from scheduler.supervision.ladder import Verdict, WarningState
from scheduler.supervision.raised import Evidence
from scheduler.supervision.rules import WarningKind
from scheduler.supervision.scans import MissingScan, first_day_of_year_before

MARGIN_DAYS = 366
"""The longest window of a rule: so many days before the first warning that may change are read."""


def first_day(today: int) -> int:
    """Return the first day whose warnings may still change: 1 January of last year."""
    return first_day_of_year_before(today)


def day_number(text: str) -> int:
    """Return the day number of a stored date."""
    return date.fromisoformat(text).toordinal()


def entry_of(row: Mapping[Any, Any]) -> Entry:
    """Return a stored entry, without the results of its items."""
    entered = minute(row["entered_at"])
    left = row["left_at"]
    return Entry(
        entry_id=row["entry_id"],
        enterprise_id=row["enterprise_id"],
        street_id=row["street_id"],
        authority_id=row["authority_id"],
        day=day_number(row["date"]),
        path=EntryPath(row["path"]),
        scan_status=ScanStatus(row["scan_status"]),
        state=EntryState(row["state"]),
        officer_ids=_listed(row["officer_ids"]),
        item_ids=_listed(row["item_ids"]),
        trigger=Trigger(row["trigger"]),
        cap_exempt=row["cap_exempt"],
        horizon_id=row["horizon_id"],
        visit_id=row["visit_id"],
        entered_min=entered,
        left_min=None if left is None else entered + _minutes_between(row["entered_at"], left),
        approval_no=row["approval_no"],
        papers_due=None if row["papers_due"] is None else day_number(row["papers_due"]),
        reason=row["reason"],
    )


def _minutes_between(first: str, last: str) -> int:
    return int((datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds() // 60)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


def entries_at(connection: Connection, enterprise_id: str, since: int) -> tuple[Entry, ...]:
    """Return the entries at an enterprise from a day on."""
    query = select(entries).where(entries.c.enterprise_id == enterprise_id, entries.c.date >= iso(since))
    found = connection.execute(query.order_by(entries.c.date, entries.c.entry_id)).mappings()
    return tuple(entry_of(r) for r in found)


def enterprise_of(connection: Connection, enterprise_id: str, today: int) -> Enterprise | None:
    """Return what is known of an enterprise, ``None`` where there is none."""
    columns = (enterprises.c.street_id, enterprises.c.credit_class, streets.c.district_id)
    joined = enterprises.join(streets, streets.c.street_id == enterprises.c.street_id)
    query = select(*columns).select_from(joined).where(enterprises.c.enterprise_id == enterprise_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    since = first_day(today) - MARGIN_DAYS
    found = entries_at(connection, enterprise_id, since)
    past = (*_recorded(connection, enterprise_id, since), *_told_done(connection, enterprise_id, since, found))
    return Enterprise(
        enterprise_id=enterprise_id,
        street_id=row.street_id,
        district_id=row.district_id,
        credit_class=row.credit_class,
        entries=found,
        doors=doors_of(found, past),
        caps=_caps(connection, since),
    )


def _recorded(connection: Connection, enterprise_id: str, since: int) -> Iterator[Past]:
    query = select(history).where(history.c.enterprise_id == enterprise_id, history.c.date >= iso(since))
    for r in connection.execute(query).mappings():
        inspection = PastInspection(
            enterprise_id=enterprise_id,
            authority_id=r["authority_id"],
            day=day_number(r["date"]),
            visit_id=r["visit_id"],
            trigger=Trigger(r["trigger"] or Trigger.ROUTINE),
            cap_exempt=bool(r["cap_exempt"]),
        )
        yield Past(inspection=inspection, ref=("record", str(r["row_id"])))


def _told_done(connection: Connection, enterprise_id: str, since: int, known: Sequence[Entry]) -> Iterator[Past]:
    """Yield the parts of visits that were told done and that no entry tells of."""
    columns = (outcomes.c.outcome_id, outcomes.c.horizon_id, outcomes.c.visit_id, outcomes.c.date)
    of_visit = (visits.c.schedule_id == outcomes.c.schedule_id) & (visits.c.visit_id == outcomes.c.visit_id)
    query = select(*columns, outcomes.c.left_items, visits.c.item_ids).join(visits, of_visit)
    mine = outcomes.c.enterprise_id == enterprise_id, outcomes.c.date >= iso(since), outcomes.c.outcome == "done"
    scanned = {(e.horizon_id, e.visit_id, e.authority_id) for e in known}
    rows = connection.execute(query.where(*mine)).all()
    items = _items(connection, enterprise_id, {r.horizon_id for r in rows})
    for r in rows:
        for item_id in set(_listed(r.item_ids)) - set(_listed(r.left_items or "")):
            item = items.get((r.horizon_id, item_id))
            if item is not None and (r.horizon_id, r.visit_id, item.authority_id) not in scanned:
                inspection = PastInspection(
                    enterprise_id=enterprise_id,
                    authority_id=item.authority_id,
                    day=day_number(r.date),
                    visit_id=r.visit_id,
                    trigger=Trigger(item.trigger or Trigger.ROUTINE),
                    cap_exempt=bool(item.cap_exempt),
                )
                yield Past(inspection=inspection, ref=("outcome", r.outcome_id))


def _items(connection: Connection, enterprise_id: str, horizon_ids: set[str]) -> Mapping[tuple[str, str], Any]:
    if not horizon_ids:
        return {}
    names = ("horizon_id", "item_id", "authority_id", "trigger", "cap_exempt")
    query = select(*(plan_items.c[n] for n in names)).where(
        plan_items.c.enterprise_id == enterprise_id, plan_items.c.horizon_id.in_(sorted(horizon_ids))
    )
    return {(r.horizon_id, r.item_id): r for r in connection.execute(query.order_by(plan_items.c.live))}


def _caps(connection: Connection, since: int) -> tuple[CapsOfTime, ...]:
    query = (
        select(horizons.c.horizon_id, horizons.c.start, horizons.c.end, caps)
        .join(caps, caps.c.horizon_id == horizons.c.horizon_id)
        .where(horizons.c.end >= iso(since))
        .order_by(horizons.c.start, horizons.c.horizon_id, caps.c.row_id)
    )
    spans: dict[tuple[int, int], list[FrequencyCap]] = {}
    for r in connection.execute(query).mappings():
        cap = FrequencyCap(
            scope=CapScope(r["scope"]),
            period=Period(r["period"]),
            max_visits=r["max_visits"],
            authority=r["authority"] or ANY,
            credit_class=r["credit_class"] or ANY,
        )
        spans.setdefault((day_number(r["start"]), day_number(r["end"])), []).append(cap)
    return tuple(CapsOfTime(start=s, end=e, caps=tuple(found)) for (s, e), found in spans.items())


def missing(connection: Connection, *where: Any) -> tuple[MissingScan, ...]:
    """Return the missing scans that nothing explains, of those that a condition names."""
    query = select(missed_scans).where(missed_scans.c.explained_at.is_(None), *where)
    return tuple(missing_of(r) for r in connection.execute(query.order_by(missed_scans.c.ref)).mappings())


def missing_of(row: Mapping[Any, Any]) -> MissingScan:
    """Return a stored missing scan."""
    kind, _, ref = row["ref"].partition("/")
    return MissingScan(
        authority_id=row["authority_id"],
        enterprise_id=row["enterprise_id"],
        street_id=row["street_id"],
        day=day_number(row["date"]),
        ref=(kind, ref),
    )


def excused_of(connection: Connection, authority_id: str, since: int) -> frozenset[Evidence]:
    """Return the missing scans of an authority for which an explanation was accepted."""
    kinds = (WarningKind.UNSCANNED, WarningKind.BACKFILL_DUE, WarningKind.BACKFILL_OVERDUE)
    query = (
        select(warnings.c.evidence)
        .join(warning_authorities, warning_authorities.c.warning_id == warnings.c.warning_id)
        .where(
            warning_authorities.c.authority_id == authority_id,
            warnings.c.kind.in_(kinds),
            warnings.c.verdict == Verdict.ACCEPTED,
            warnings.c.date >= iso(since),
        )
    )
    return frozenset((kind, ref) for found in connection.scalars(query) for kind, ref in found)


def repeat_cases(connection: Connection, district_id: str, since: int) -> tuple[RepeatCase, ...]:
    """Return the repeats in a district that stand: neither resolved since nor found to be in order."""
    query = select(warnings.c.warning_id, warnings.c.enterprise_id, warnings.c.date).where(
        warnings.c.kind == WarningKind.REPEAT,
        warnings.c.district_id == district_id,
        warnings.c.date >= iso(since),
        warnings.c.state != WarningState.RESOLVED,
        warnings.c.verdict.is_distinct_from(Verdict.ACCEPTED.value),
    )
    return tuple(
        RepeatCase(warning_id=r.warning_id, enterprise_id=r.enterprise_id, day=day_number(r.date))
        for r in connection.execute(query)
    )
