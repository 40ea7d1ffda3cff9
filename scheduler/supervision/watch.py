"""All warnings that follow from what is known: one function for each subject, and for everything at once.

The service works them out subject by subject as events come in; :func:`watch_all` says what it must come to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from scheduler.supervision.area import RepeatCase, repeats_of_district
from scheduler.supervision.at_door import Enterprise, caps_used, crowds, repeats
from scheduler.supervision.raised import Evidence, RaisedWarning, in_view
from scheduler.supervision.rules import WarningKind, WarningRule
from scheduler.supervision.scans import MissingScan, backfill_due, backfill_overdue, off_plan, unscanned

OF_ENTERPRISE = (
    WarningKind.REPEAT,
    WarningKind.CAP,
    WarningKind.CROWD,
    WarningKind.BACKFILL_DUE,
    WarningKind.BACKFILL_OVERDUE,
    WarningKind.OFF_PLAN,
)
"""Kinds whose subject is one enterprise."""


def watch_enterprise(
    rules: Iterable[WarningRule], at: Enterprise, missing: Sequence[MissingScan], today: int
) -> tuple[RaisedWarning, ...]:
    """Return every warning about an enterprise.

    Parameters
    ----------
    missing : missing scans there that nothing explains.
    """
    found: list[RaisedWarning] = []
    listed = tuple(rules)
    for rule in listed:
        match rule.kind:
            case WarningKind.REPEAT:
                found += repeats(rule, at)
            case WarningKind.CROWD:
                found += crowds(rule, at)
            case WarningKind.BACKFILL_DUE:
                found += backfill_due(rule, at, missing, today)
            case WarningKind.BACKFILL_OVERDUE:
                found += backfill_overdue(rule, at, missing, today)
            case WarningKind.OFF_PLAN:
                found += off_plan(rule, at, today)
            case _:
                pass
    found += caps_used([r for r in listed if r.kind is WarningKind.CAP], at)
    return in_view(found)


def watch_authority(
    rules: Iterable[WarningRule],
    authority_id: str,
    missing: Sequence[MissingScan],
    excused: Collection[Evidence] = (),
) -> tuple[RaisedWarning, ...]:
    """Return every warning about the scans of an authority."""
    found: list[RaisedWarning] = []
    for rule in rules:
        if rule.kind is WarningKind.UNSCANNED:
            found += unscanned(rule, authority_id, missing, excused)
    return in_view(found)


def watch_district(
    rules: Iterable[WarningRule], district_id: str, cases: Sequence[RepeatCase]
) -> tuple[RaisedWarning, ...]:
    """Return every warning about the repeats of a district."""
    found: list[RaisedWarning] = []
    for rule in rules:
        if rule.kind is WarningKind.REPEAT_DISTRICT:
            found += repeats_of_district(rule, district_id, cases)
    return in_view(found)


def watch_all(
    rules: Iterable[WarningRule], enterprises: Iterable[Enterprise], missing: Iterable[MissingScan], today: int
) -> tuple[RaisedWarning, ...]:
    """Return every warning about enterprises, and what adds up of them by authority and by district."""
    listed, known = tuple(rules), tuple(enterprises)
    at: dict[str, list[MissingScan]] = defaultdict(list)
    by: dict[str, list[MissingScan]] = defaultdict(list)
    for m in missing:
        at[m.enterprise_id].append(m)
        by[m.authority_id].append(m)
    found = [w for e in known for w in watch_enterprise(listed, e, at[e.enterprise_id], today)]
    for district_id, cases in _cases(found).items():
        found += watch_district(listed, district_id, cases)
    for authority_id, scans in by.items():
        found += watch_authority(listed, authority_id, scans)
    return in_view(found)


def _cases(found: Iterable[RaisedWarning]) -> Mapping[str, list[RepeatCase]]:
    out: dict[str, list[RepeatCase]] = defaultdict(list)
    for w in found:
        if w.rule.kind is WarningKind.REPEAT and w.district_id is not None and w.enterprise_id is not None:
            out[w.district_id].append(RepeatCase(warning_id=w.warning_id, enterprise_id=w.enterprise_id, day=w.day))
    return out
