"""Which rules a change would break: the checkers of ``scheduler.rules`` on the part of the schedule that it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from scheduler.domain.calendar import Period, period_key
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.ledger import read_ledger
from scheduler.moves.change import Change
from scheduler.moves.index import MoveIndex
from scheduler.rules import RULES, Violation

AT_ENTERPRISE = ("R24", "R25", "R26", "R31")
IN_STREET = ("R29", "R30")
ON_DATE = ("R23",)
OF_LISTS = ("R27", "R28")
"""Rules by what they look at; every other one looks at visits and the crews that come to them."""

_NEARBY = tuple(r.code for r in RULES if r.code not in (*AT_ENTERPRISE, *IN_STREET, *ON_DATE, *OF_LISTS))
_FIND = {r.code: r for r in RULES}


def broken_by(index: MoveIndex, change: Change) -> tuple[Violation, ...]:
    """Return what the schedule would break after a change and does not break already, in the order of the rules.

    R27 and R28 are not asked: a change keeps the list of unserved items by itself.
    """
    found = [
        *_more(index, change, _NEARBY, *_nearby(index, change)),
        *_more(index, change, AT_ENTERPRISE, _at_enterprise(index, change), []),
        *_more(index, change, IN_STREET, _in_street(index, change), []),
        *_more(index, change, ON_DATE, [], _on_dates(index, change)),
    ]
    return tuple(sorted(found, key=lambda v: v.code))


def _touched(change: Change) -> tuple[JointVisit, ...]:
    return *change.old_visits, *change.new_visits


def _nearby(index: MoveIndex, change: Change) -> tuple[list[JointVisit], list[CrewShift]]:
    wheres = sorted({(v.street_id, v.day, v.shift_id) for v in _touched(change)})
    visits = [v for where in wheres for v in index.visits_in.get(where, ())]
    return visits, [c for where in wheres for c in index.crews_in.get(where, ())]


def _at_enterprise(index: MoveIndex, change: Change) -> list[JointVisit]:
    ids = sorted({v.enterprise_id for v in _touched(change)})
    return [v for e in ids for v in index.visits_of_enterprise.get(e, ())]


def _in_street(index: MoveIndex, change: Change) -> list[JointVisit]:
    limits = index.snapshot.policy.street
    if limits.max_days is None and limits.max_visits is None:
        return []
    months = {(v.street_id, period_key(v.day, Period.MONTH)) for v in _touched(change)}
    streets = sorted({street for street, _ in months})
    of_streets = (v for street in streets for v in index.visits_of_street.get(street, ()))
    return [v for v in of_streets if (v.street_id, period_key(v.day, Period.MONTH)) in months]


def _on_dates(index: MoveIndex, change: Change) -> list[CrewShift]:
    crews = (*change.old_crews, *change.new_crews)
    slots, authorities = sorted({(c.day, c.shift_id) for c in crews}), {c.authority_id for c in crews}
    return [c for slot in slots for c in index.crews_on.get(slot, ()) if c.authority_id in authorities]


def _more(
    index: MoveIndex,
    change: Change,
    codes: Iterable[str],
    visits: list[JointVisit],
    crews: list[CrewShift],
) -> list[Violation]:
    """Return what these rules find after the change and did not before, on these visits and crews."""
    by_visit, by_crew = {v.visit_id: v for v in visits}, {c.crew_id: c for c in crews}
    before = _violations(index, codes, by_visit, by_crew)
    for v in change.old_visits:
        by_visit.pop(v.visit_id, None)
    for c in change.old_crews:
        by_crew.pop(c.crew_id, None)
    by_visit.update((v.visit_id, v) for v in change.new_visits)
    by_crew.update((c.crew_id, c) for c in change.new_crews)
    return list((_violations(index, codes, by_visit, by_crew) - before).elements())


def _violations(
    index: MoveIndex, codes: Iterable[str], visits: Mapping[str, JointVisit], crews: Mapping[str, CrewShift]
) -> Counter[Violation]:
    """Return what rules find in a part of the schedule, read against the part of the snapshot that it needs."""
    enterprises = sorted({v.enterprise_id for v in visits.values()})
    items = sorted({i for v in visits.values() for i in v.item_ids})
    authorities = sorted({c.authority_id for c in crews.values()})
    snapshot = replace(
        index.snapshot,
        enterprises=tuple(
            index.availability.enterprises[e] for e in enterprises if e in index.availability.enterprises
        ),
        items=tuple(index.items[i] for i in items if i in index.items),
        crew_pools=tuple(p for a in authorities for p in index.pools.get(a, ())),
        history=tuple(h for e in enterprises for h in index.history.get(e, ())),
        pins=tuple(p for e in enterprises for p in index.pins.get(e, ())),
    )
    schedule = Schedule(
        snapshot_digest="", visits=tuple(visits.values()), crew_shifts=tuple(crews.values()), unserved=()
    )
    ledger = read_ledger(snapshot, schedule)
    return Counter(v for code in codes for v in _FIND[code].violations(ledger))
