"""A schedule as a network of parts, visits and legs: who waits for whom, in an order in which all can be worked out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from scheduler.delay.draws import Keys, keys_of
from scheduler.delay.model import Departure
from scheduler.domain.schedule import Schedule, visit_id_of
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.ledger import Ledger, RouteEntry, read_ledger

Ints: TypeAlias = npt.NDArray[np.int64]
Minutes: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Every authority's part at every visit.

    Parameters
    ----------
    start : planned start, the announced time.
    minutes : planned length, overhead included.
    group : what begins at once: the part alone, or with `start_together` all parts of its visit.
    """

    key: Keys
    start: Minutes
    minutes: Minutes
    visit: Ints
    group: Ints
    authority: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Every visit; `closes` is the end of its opening hours, infinite when there is none."""

    key: Keys
    start: Minutes
    end: Minutes
    closes: Minutes
    day: Ints
    street: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """Every crew's way to every part.

    Parameters
    ----------
    before : the part that the crew comes from, -1 from the office.
    depart : minutes after midnight at which it leaves the office, where it comes from there.
    leg : planned minutes of the way.
    """

    key: Keys
    part: Ints
    before: Ints
    depart: Minutes
    leg: Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Crews:
    """Every crew shift's way home from its last part, `leg` minutes as planned; it should be back by `shift_end`."""

    key: Keys
    last: Ints
    leg: Minutes
    shift_end: Minutes
    authority: Ints
    street: Ints
    day: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Groups whose crews come from groups of earlier levels.

    Parameters
    ----------
    stops : stops of these groups, group by group; `first_stop` is where each group begins among them.
    parts : parts of these groups; `part_group` is the place of each part's group among them.
    """

    stops: Ints
    first_stop: Ints
    parts: Ints
    part_group: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayNetwork:
    """A schedule ready to be carried out; `days` are day numbers, in `authority_ids` and `street_ids` indices point."""

    parts: Parts
    visits: Visits
    stops: Stops
    crews: Crews
    levels: tuple[Level, ...]
    days: tuple[int, ...]
    authority_ids: tuple[str, ...]
    street_ids: tuple[str, ...]


def network_of(snapshot: PlanningSnapshot, schedule: Schedule, departure: Departure) -> DelayNetwork:
    """Return the network of a schedule that keeps the rules.

    Raises
    ------
    ValueError : a crew shift without stops or outside the case, a stop at no known visit of its authority, or crews
        that would wait for each other in a circle.
    """
    ledger = read_ledger(snapshot, schedule)
    authority_ids = tuple(sorted({c.authority_id for c in schedule.crew_shifts}))
    street_ids = tuple(sorted({v.street_id for v in schedule.visits}))
    days = tuple(sorted({v.day for v in schedule.visits}))
    places = _Places(authority=_numbered(authority_ids), street=_numbered(street_ids), day=_numbered(days))
    names, parts = _parts(ledger, places)
    stops, crews = _ways(ledger, names, places, departure)
    return DelayNetwork(
        parts=parts,
        visits=_visits(ledger, places),
        stops=stops,
        crews=crews,
        levels=_levels(parts.group, stops),
        days=days,
        authority_ids=authority_ids,
        street_ids=street_ids,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    authority: dict[str, int]
    street: dict[str, int]
    day: dict[int, int]


_T = TypeVar("_T")
_PartNames = dict[tuple[str, str], tuple[int, tuple[str, ...]]]
"""Number and name of a part by visit and authority. The name is of the work, not of the visit that it is done in."""


def _numbered(names: tuple[_T, ...]) -> dict[_T, int]:
    return {name: n for n, name in enumerate(names)}


def _parts(ledger: Ledger, places: _Places) -> tuple[_PartNames, Parts]:
    """Return the parts to which crews come; all crews of one start and leave together (R18)."""
    together = ledger.snapshot.policy.visit.start_together
    names: _PartNames = {}
    rows: list[tuple[float, float, int, int, int]] = []
    for visit_idx, entry in enumerate(ledger.visits):
        starts = {crew.authority_id: stop.start for crew, stop in entry.stops}
        for a in sorted(starts):
            if a not in entry.parts:
                raise ValueError(f"authority {a} has no part at visit {entry.visit.visit_id}")
            own = sorted(i.item_id for i in entry.items if i.authority_id == a)
            part = len(rows)
            names[entry.visit.visit_id, a] = part, (a, *own)
            group = visit_idx if together else part
            rows.append((starts[a], entry.parts[a], visit_idx, group, places.authority[a]))
    start, minutes, visit, group_of, authority = _columns(rows, 5)
    parts = Parts(
        key=keys_of(name for _, name in names.values()),
        start=start,
        minutes=minutes,
        visit=visit.astype(np.int64),
        group=np.unique(group_of.astype(np.int64), return_inverse=True)[1],
        authority=authority.astype(np.int64),
    )
    return names, parts


def _visits(ledger: Ledger, places: _Places) -> Visits:
    rows = []
    for entry in ledger.visits:
        v, e = entry.visit, entry.enterprise
        closes = np.inf if e is None or e.open_to is None else e.open_to
        rows.append((v.start, v.end, closes, places.day[v.day], places.street[v.street_id]))
    start, end, closing, day, street = _columns(rows, 5)
    return Visits(
        key=keys_of((visit_id_of(entry.visit.item_ids),) for entry in ledger.visits),
        start=start,
        end=end,
        closes=closing,
        day=day.astype(np.int64),
        street=street.astype(np.int64),
    )


def _ways(ledger: Ledger, names: _PartNames, places: _Places, departure: Departure) -> tuple[Stops, Crews]:
    """Return the ways to parts and home, each named by its end and by the crew's number among those that come there."""
    there: dict[int, int] = defaultdict(int)
    stop_names: list[tuple[str, ...]] = []
    stops: list[tuple[float, ...]] = []
    home_names: list[tuple[str, ...]] = []
    homes: list[tuple[float, ...]] = []
    for route in sorted(ledger.routes, key=lambda r: r.crew.crew_id):
        crew = route.crew
        if route.shift is None or not route.legs:
            raise ValueError(f"crew shift {crew.crew_id} is not in the case, or has no stop")
        before, twin, depart = -1, "", _departure(route, departure)
        for leg in route.legs:
            if (leg.stop.visit_id, crew.authority_id) not in names:
                raise ValueError(f"crew shift {crew.crew_id} goes to the unknown visit {leg.stop.visit_id}")
            part, name = names[leg.stop.visit_id, crew.authority_id]
            twin = str(there[part])
            there[part] += 1
            stop_names.append((*name, twin))
            stops.append((part, before, depart, leg.leg))
            before = part
        home_names.append((*name, twin, "home"))
        way_home = route.back - route.legs[-1].stop.leave
        where = places.authority[crew.authority_id], places.street[crew.street_id], places.day[crew.day]
        homes.append((before, way_home, route.shift.end_min, *where))
    part_of, before_of, depart_of, legs = _columns(stops, 4)
    last, leg_home, shift_end, authority, street, day = _columns(homes, 6)
    return (
        Stops(
            key=keys_of(stop_names),
            part=part_of.astype(np.int64),
            before=before_of.astype(np.int64),
            depart=depart_of,
            leg=legs,
        ),
        Crews(
            key=keys_of(home_names),
            last=last.astype(np.int64),
            leg=leg_home,
            shift_end=shift_end,
            authority=authority.astype(np.int64),
            street=street.astype(np.int64),
            day=day.astype(np.int64),
        ),
    )


def _departure(route: RouteEntry, departure: Departure) -> float:
    first = route.legs[0]
    latest = first.stop.start - first.leg
    return latest if departure is Departure.LATEST else min(route.crew.depart, latest)


def _columns(rows: Sequence[tuple[float, ...]], num: int) -> tuple[Minutes, ...]:
    return tuple(np.array(rows, dtype=np.float64).reshape(len(rows), num).T.copy())


def _levels(group: Ints, stops: Stops) -> tuple[Level, ...]:
    """Return the groups level by level: each after all from which its crews come."""
    of_stop = group[stops.part]
    level = np.zeros(int(group.max()) + 1 if len(group) else 0, dtype=np.int64)
    later = stops.before >= 0
    source, target = group[stops.before[later]], of_stop[later]
    for _ in range(len(level) + 1):
        raised = level.copy()
        np.maximum.at(raised, target, level[source] + 1)
        if np.array_equal(raised, level):
            break
        level = raised
    else:
        raise ValueError("crews would wait for each other in a circle")
    order = np.lexsort((of_stop, level[of_stop]))
    part_order = np.argsort(level[group], kind="stable")
    num = int(level.max()) + 1 if len(level) else 0
    stop_cuts = np.searchsorted(level[of_stop][order], np.arange(num + 1))
    part_cuts = np.searchsorted(level[group][part_order], np.arange(num + 1))
    levels = []
    for (lo, hi), (first, last) in zip(pairwise(stop_cuts), pairwise(part_cuts), strict=True):
        own, parts = order[lo:hi], part_order[first:last]
        groups, first_stop = np.unique(of_stop[own], return_index=True)
        levels.append(
            Level(
                stops=own,
                first_stop=first_stop,
                parts=parts,
                part_group=np.searchsorted(groups, group[parts]),
            )
        )
    return tuple(levels)
