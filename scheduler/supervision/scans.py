"""Missing scans (未扫码), their back-fill (补录), and entries whose approval papers did not come (计划外)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.fieldwork.kinds import EntryPath, ScanStatus
from scheduler.explain.facts import iso
from scheduler.supervision.area import full_windows
from scheduler.supervision.at_door import Enterprise
from scheduler.supervision.raised import Evidence, RaisedWarning, facts_of
from scheduler.supervision.rules import WarningRule


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPart:
    """The part of one authority in a visit that was in force on its day.

    Parameters
    ----------
    item_ids : what the authority was to do there; empty when that is not known.
    """

    horizon_id: str
    visit_id: str
    authority_id: str
    enterprise_id: str
    street_id: str
    day: int
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOutcome:
    """What was told of a visit as a whole.

    Parameters
    ----------
    took_place : nobody was met with a closed door or refused.
    left_items : items that were not got round to.
    """

    took_place: bool
    left_items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingScan:
    """An inspection without a scan that nothing explains.

    Parameters
    ----------
    ref : the entry that says so, or the visit that was planned.
    """

    authority_id: str
    enterprise_id: str
    street_id: str
    day: int
    ref: Evidence


def is_explained(part: PlannedPart, entries: Iterable[Entry], outcome: ToldOutcome | None) -> bool:
    """Say whether it is known what became of a planned part.

    An entry of the authority for the visit tells, also one that was scanned late or back-filled (what an entry of
    status missing tells is looked at by :func:`missing_of_entries`). An outcome tells only that the authority did
    not inspect: that nobody was met, or that all its items were left. Told done without a scan, it is what the rule is
    about (深府规〔2025〕6号).
    """
    for e in entries:
        if (e.horizon_id, e.visit_id, e.authority_id) == (part.horizon_id, part.visit_id, part.authority_id):
            return True
    if outcome is None:
        return False
    return not outcome.took_place or (bool(part.item_ids) and set(part.item_ids) <= set(outcome.left_items))


def missing_of_parts(
    parts: Iterable[PlannedPart],
    entries: Iterable[Entry],
    outcomes: Mapping[tuple[str, str, int], ToldOutcome],
    today: int,
) -> Iterator[MissingScan]:
    """Yield the planned parts whose day has passed and of which nothing is known.

    Parameters
    ----------
    outcomes : by (horizon, visit, day).
    """
    of_visit: dict[tuple[str | None, str | None], list[Entry]] = defaultdict(list)
    for e in entries:
        of_visit[e.horizon_id, e.visit_id].append(e)
    for p in parts:
        told = outcomes.get((p.horizon_id, p.visit_id, p.day))
        if p.day < today and not is_explained(p, of_visit[p.horizon_id, p.visit_id], told):
            yield MissingScan(
                authority_id=p.authority_id,
                enterprise_id=p.enterprise_id,
                street_id=p.street_id,
                day=p.day,
                ref=("visit", part_ref(p.horizon_id, p.visit_id, p.authority_id)),
            )


def part_ref(horizon_id: str, visit_id: str, authority_id: str) -> str:
    """Return the name of a planned part as evidence."""
    return f"{horizon_id}/{visit_id}/{authority_id}"


def missing_of_entries(entries: Iterable[Entry]) -> Iterator[MissingScan]:
    """Yield the entries of which no scan is known, and no reason for it."""
    for e in entries:
        if e.scan_status is ScanStatus.MISSING and not e.reason:
            yield MissingScan(
                authority_id=e.authority_id,
                enterprise_id=e.enterprise_id,
                street_id=e.street_id,
                day=e.day,
                ref=("entry", e.entry_id),
            )


def unscanned(
    rule: WarningRule, authority_id: str, missing: Iterable[MissingScan], excused: Collection[Evidence] = ()
) -> Iterator[RaisedWarning]:
    """Yield a warning for every day with a missing scan on which so many lie in the window of days that ends there.

    Its evidence are the missing scans of the day, and as many of the latest before it as make up the number.

    Parameters
    ----------
    missing : of the authority.
    excused : missing scans for which an explanation was accepted.
    """
    counted = sorted((m for m in missing if m.ref not in excused), key=lambda m: (m.day, m.ref))
    for day, inside in full_windows([m.day for m in counted], rule.threshold("days"), rule.threshold("count")):
        found = [counted[k] for k in inside]
        facts = {"count": len(found), "days": rule.days, "first": iso(found[0].day), "last": iso(day)}
        yield RaisedWarning(
            rule=rule,
            subject=f"authority:{authority_id}",
            occasion=iso(day),
            severity=rule.severity,
            day=day,
            form="unscanned",
            facts=facts_of(facts),
            evidence=tuple(sorted(m.ref for m in found)),
            authority_ids=(authority_id,),
        )


def backfill_due(
    rule: WarningRule, at: Enterprise, missing: Iterable[MissingScan], today: int
) -> Iterator[RaisedWarning]:
    """Yield a warning for every missing scan of an enterprise of which so many natural days have gone by."""
    for m in missing:
        if today - m.day >= rule.threshold("days"):
            yield _of_missing(rule, at, m, "backfill_due")


def backfill_overdue(
    rule: WarningRule, at: Enterprise, missing: Iterable[MissingScan], today: int
) -> Iterator[RaisedWarning]:
    """Yield a warning for every missing scan of an enterprise of which more than so many natural days have gone by."""
    for m in missing:
        if today - m.day > rule.threshold("days"):
            yield _of_missing(rule, at, m, "backfill_overdue")


def _of_missing(rule: WarningRule, at: Enterprise, missing: MissingScan, form: str) -> RaisedWarning:
    due = missing.day + rule.threshold("days")
    facts = {"on": iso(missing.day), "days": rule.days, "due": iso(due), "what": "/".join(missing.ref)}
    return _one(rule, at, missing.ref, missing.day, form, facts, missing.authority_id)


def off_plan(rule: WarningRule, at: Enterprise, today: int) -> Iterator[RaisedWarning]:
    """Yield a warning for every entry off plan or in an emergency whose approval papers are past due.

    Where no date was set for them, they are due on the day itself. Nobody has to approve where nobody got in.
    """
    for e in at.entries:
        due = e.day if e.papers_due is None else e.papers_due
        if e.took_place and e.path is not EntryPath.PLANNED and not e.approval_no and today > due:
            facts = {"on": iso(e.day), "due": iso(due), "path": e.path.value, "entry": e.entry_id}
            yield _one(rule, at, ("entry", e.entry_id), e.day, "off_plan", facts, e.authority_id)


def _one(
    rule: WarningRule,
    at: Enterprise,
    ref: Evidence,
    day: int,
    form: str,
    facts: Mapping[str, object],
    authority_id: str,
) -> RaisedWarning:
    return RaisedWarning(
        rule=rule,
        subject=at.subject,
        occasion="/".join(ref),
        severity=rule.severity,
        day=day,
        form=form,
        facts=facts_of(facts),
        evidence=(ref,),
        authority_ids=(authority_id,),
        enterprise_id=at.enterprise_id,
        street_id=at.street_id,
        district_id=at.district_id,
    )


def unpublished(
    rule: WarningRule, plan_id: str, authority_id: str, approved: int, today: int
) -> Iterator[RaisedWarning]:
    """Yield a warning about a campaign that was approved more than so many days ago and is in no published schedule.

    Parameters
    ----------
    approved : day number of the approval.
    """
    if today - approved > rule.threshold("days"):
        facts = {"plan": plan_id, "on": iso(approved), "days": rule.days}
        yield RaisedWarning(
            rule=rule,
            subject=f"plan:{plan_id}",
            occasion=iso(approved),
            severity=rule.severity,
            day=approved,
            form="unpublished",
            facts=facts_of(facts),
            evidence=(("plan", plan_id),),
            authority_ids=(authority_id,),
        )


def first_day_of_year_before(day: int) -> int:
    """Return 1 January of the year before a day's: caps of the year and every window of days lie after it."""
    return (date.fromordinal(day).replace(month=1, day=1) - timedelta(days=1)).replace(month=1, day=1).toordinal()
