"""Warnings about one enterprise: entered again too soon, caps used, too many officers at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from scheduler.alerts import ROUNDING
from scheduler.caps import cap_covers
from scheduler.domain.calendar import period_key
from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.explain.facts import clock, iso, period_name
from scheduler.supervision.doors import Door
from scheduler.supervision.raised import RaisedWarning, facts_of
from scheduler.supervision.rules import Severity, WarningRule

_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsOfTime:
    """The caps that a horizon states, with its first and last day number."""

    start: int
    end: int
    caps: tuple[FrequencyCap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """What is known of one enterprise.

    Parameters
    ----------
    doors : in order of time, from the first day that matters on.
    caps : of every horizon with a day since then.
    """

    enterprise_id: str
    street_id: str
    district_id: str
    credit_class: str | None
    entries: tuple[Entry, ...]
    doors: tuple[Door, ...]
    caps: tuple[CapsOfTime, ...] = ()

    @property
    def subject(self) -> str:
        """The subject of warnings about it."""
        return f"enterprise:{self.enterprise_id}"


def repeats(rule: WarningRule, at: Enterprise) -> Iterator[RaisedWarning]:
    """Yield a warning for every door before which another was opened within the days of the rule.

    The first door's own day is the first of them, as for reminders (``scheduler.alerts``). A door at which every
    authority had a cause (``exempt_triggers``) is passed over, as the one and as the other.
    """
    counted = [d for d in at.doors if not set(d.triggers) <= set(rule.exempt_triggers)]
    for before, door in pairwise(counted):
        gap = door.day - before.day
        if gap < rule.threshold("days"):
            facts = {
                "first": iso(before.day),
                "second": iso(door.day),
                "gap": gap,
                "days": rule.days,
                "before": ";".join(before.authority_ids),
            }
            yield _about(rule, at, door.key, door.day, "again", facts, (before, door), door.authority_ids)


def caps_used(rules: Sequence[WarningRule], at: Enterprise) -> Iterator[RaisedWarning]:
    """Yield a warning for every share of a cap that what took place has reached.

    Of several shares that one door reaches, the highest warns. What a horizon's caps allow is compared with the
    doors of their period until the horizon's last day. Above the cap the warning is grave.
    """
    shares = sorted((r for r in rules if r.share), key=lambda r: (r.share or 0, r.rule_id))
    names = sorted({a for d in at.doors for a in d.counted_ids})
    found: dict[str, RaisedWarning] = {}
    for time in at.caps:
        for cap in time.caps:
            for who in (None,) if cap.scope is CapScope.ENTERPRISE else names:
                if cap_covers(cap, who, at.credit_class):
                    for warning in _cap_used(shares, at, time, cap, who):
                        known = found.get(warning.warning_id)
                        if known is None or len(known.evidence) <= len(warning.evidence):
                            found[warning.warning_id] = warning
    yield from found.values()


def _cap_used(
    shares: Sequence[WarningRule], at: Enterprise, time: CapsOfTime, cap: FrequencyCap, who: str | None
) -> Iterator[RaisedWarning]:
    first, last = period_key(time.start, cap.period), period_key(time.end, cap.period)
    used: dict[tuple[int, int], list[Door]] = defaultdict(list)
    for door in at.doors:
        counts = who in door.counted_ids if who else bool(door.counted_ids)
        if counts and door.day <= time.end and first <= (key := period_key(door.day, cap.period)) <= last:
            used[key].append(door)
    for key, doors in used.items():
        for n, door in enumerate(doors, 1):
            reached = [r for r in shares if n - 1 < (r.share or 0) * cap.max_visits - ROUNDING <= n]
            if reached:
                yield _cap_warning(reached[-1], at, cap, who, key, (doors, door))


def _cap_warning(
    rule: WarningRule,
    at: Enterprise,
    cap: FrequencyCap,
    who: str | None,
    key: tuple[int, int],
    use: tuple[Sequence[Door], Door],
) -> RaisedWarning:
    doors, crossing = use
    period = period_name(cap.period, key)
    facts = {
        "scope": cap.scope.value,
        "limit": cap.max_visits,
        "used": len(doors),
        "share": f"{rule.share:.0%}",
        "period": period,
        "days": ", ".join(iso(d.day) for d in doors),
    }
    occasion = "/".join((cap.scope.value, cap.authority, cap.credit_class, str(cap.max_visits), period, who or "*"))
    answer = crossing.counted_ids if who is None else (who,)
    severity = Severity.GRAVE if len(doors) > cap.max_visits else rule.severity
    return _about(rule, at, occasion, crossing.day, "cap", facts, doors, answer, severity)


def crowds(rule: WarningRule, at: Enterprise) -> Iterator[RaisedWarning]:
    """Yield a warning for every day on which more officers than the rule allows were inside at one time.

    Officers of entries whose times overlap are counted, each once; an entry that nobody has closed lasts until the
    end of its day. The moment with most officers is the evidence, the first of them.
    """
    days: dict[int, list[Entry]] = defaultdict(list)
    for e in at.entries:
        if e.took_place and e.entered_min is not None:
            days[e.day].append(e)
    for day, entries in sorted(days.items()):
        if len({o for e in entries for o in e.officer_ids}) <= rule.threshold("officers"):
            continue
        minute, inside = _fullest(entries)
        officers = {o for e in inside for o in e.officer_ids}
        if len(officers) > rule.threshold("officers"):
            who = tuple(sorted({e.authority_id for e in inside}))
            facts = {"officers": len(officers), "limit": rule.officers, "on": iso(day), "at": clock(minute % _DAY_MIN)}
            met = Door(
                key="",
                day=day,
                authority_ids=who,
                triggers=(),
                counted_ids=(),
                refs=tuple(("entry", e.entry_id) for e in inside),
            )
            yield _about(rule, at, iso(day), day, "crowd", facts, (met,), who)


def _fullest(entries: Sequence[Entry]) -> tuple[int, list[Entry]]:
    """Return the first minute with most officers, and the entries that then go on."""
    best: tuple[int, int, list[Entry]] = (0, 0, [])
    for minute in sorted({e.entered_min for e in entries if e.entered_min is not None}):
        inside = [e for e in entries if _is_inside(e, minute)]
        officers = len({o for e in inside for o in e.officer_ids})
        if officers > best[0]:
            best = officers, minute, inside
    return best[1], best[2]


def _is_inside(entry: Entry, minute: int) -> bool:
    entered = entry.entered_min or 0
    left = _DAY_MIN if entry.left_min is None else max(entry.left_min, entered + 1)
    return entered <= minute < left


def _about(
    rule: WarningRule,
    at: Enterprise,
    occasion: str,
    day: int,
    form: str,
    facts: Mapping[str, object],
    doors: Iterable[Door],
    authority_ids: Iterable[str],
    severity: Severity | None = None,
) -> RaisedWarning:
    return RaisedWarning(
        rule=rule,
        subject=at.subject,
        occasion=occasion,
        severity=severity or rule.severity,
        day=day,
        form=form,
        facts=facts_of(facts),
        evidence=tuple(sorted({r for d in doors for r in d.refs})),
        authority_ids=tuple(sorted(authority_ids)),
        enterprise_id=at.enterprise_id,
        street_id=at.street_id,
        district_id=at.district_id,
    )
