"""What every peer is given: the visits to place, with the slots, parts, legs and crews of the case, as integers.

The plans of an enterprise are matched before any peer starts, by the exact merge that onevisit uses itself: a job is
one visit of it, its options are the item sets that this visit may serve, each with the slots (date and shift) that
windows, closures, quiet periods, hours, crowd limits, caps and crews at work allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler.availability import Availability
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.arrays import TimetableIndex
from scheduler.planning.merge import MergedEnterprise, merge_enterprises
from scheduler.travel import leg_matrix

NO_HOUR = 10**6
"""Minutes after every opening hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One authority's part of a visit: minutes, and how many of its crews come."""

    authority: int
    minutes: int
    crews: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Items that the visit may serve together, on any slot of the bit set."""

    items: tuple[int, ...]
    weight: int
    slots: int
    parts: tuple[Part, ...]

    @property
    def stay(self) -> int:
        """Return the minutes of the longest part."""
        return max(part.minutes for part in self.parts)

    @property
    def crews(self) -> int:
        """Return the crews that come."""
        return sum(part.crews for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One visit to place, heaviest option first; `place` counts within its street, 0 is the office."""

    enterprise: int
    street: int
    place: int
    open_from: int
    open_to: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerCase:
    """A case as peers read it.

    Parameters
    ----------
    legs : minutes between the places of every street.
    slot_lo, slot_hi : begin and end of every slot; `num_shifts` slots make a date.
    crews_street, crews_district, crews_city : pools, (authorities, areas, slots).
    """

    snapshot: PlanningSnapshot
    availability: Availability
    index: TimetableIndex
    jobs: tuple[Job, ...]
    legs: tuple[npt.NDArray[np.int64], ...]
    num_slots: int
    num_shifts: int
    slot_lo: tuple[int, ...]
    slot_hi: tuple[int, ...]
    street_district: tuple[int, ...]
    crews_street: npt.NDArray[np.int64]
    crews_district: npt.NDArray[np.int64]
    crews_city: npt.NDArray[np.int64]
    buffer: int
    together: bool

    @property
    def num_authorities(self) -> int:
        """Return the number of authorities."""
        return len(self.index.authority_ids)

    @property
    def num_streets(self) -> int:
        """Return the number of streets."""
        return len(self.index.street_ids)

    def crews_at(self, authority: int, street: int, slot: int) -> int:
        """Return the crews that could serve a street in a slot if no other street used any."""
        return int(
            self.crews_street[authority, street, slot]
            + self.crews_district[authority, self.street_district[street], slot]
            + self.crews_city[authority, 0, slot]
        )


class CannotExpress(Exception):
    """The case holds something that no peer here is built for."""


def build_case(snapshot: PlanningSnapshot) -> PeerCase:
    """Return the case for the peers.

    Raises
    ------
    CannotExpress : the case has pins, or two visits of an enterprise that a cap of less than the horizon tells apart.
    """
    if snapshot.pins:
        raise CannotExpress("peers are not built for pins")
    availability = Availability(snapshot)
    merged = merge_enterprises(availability)
    index, jobs = _jobs(availability, merged)
    districts = sorted({s.district_id for s in snapshot.streets})
    shifts, days = snapshot.calendar.shifts, snapshot.calendar.days
    return PeerCase(
        snapshot=snapshot,
        availability=availability,
        index=index,
        jobs=tuple(jobs),
        legs=tuple(_legs(availability, index, merged)),
        num_slots=availability.grid.num_slots,
        num_shifts=len(shifts),
        slot_lo=tuple(s.start_min for s in shifts) * len(days),
        slot_hi=tuple(s.end_min for s in shifts) * len(days),
        street_district=tuple(districts.index(s.district_id) for s in snapshot.streets),
        crews_street=_pools(availability, index, index.street_ids),
        crews_district=_pools(availability, index, districts),
        crews_city=_pools(availability, index, [WHOLE_CITY]),
        buffer=snapshot.policy.travel.buffer_min,
        together=snapshot.policy.visit.start_together,
    )


def _jobs(availability: Availability, merged: list[MergedEnterprise]) -> tuple[TimetableIndex, list[Job]]:
    snapshot = availability.snapshot
    index = TimetableIndex(
        street_ids=tuple(s.street_id for s in snapshot.streets),
        authority_ids=tuple(a.authority_id for a in snapshot.authorities),
        enterprise_ids=tuple(m.enterprise.enterprise_id for m in merged),
        item_ids=tuple(i.item_id for m in merged for i in m.items),
    )
    authority_of = {a: k for k, a in enumerate(index.authority_ids)}
    street_of = {s: k for k, s in enumerate(index.street_ids)}
    places = [0] * len(street_of)
    jobs: list[Job] = []
    first_item = 0
    for e, m in enumerate(merged):
        street = street_of[m.enterprise.street_id]
        places[street] += 1
        visits = m.solution.visits
        if len(visits) > 1 and any(len(cap.left) > 1 for cap in m.problem.caps):
            raise CannotExpress("peers are not built for several visits under caps of a part of the horizon")
        for items, _ in visits:
            options = [_option(m, mode.items, mode.slots, mode.weight, authority_of, first_item)
                       for mode in m.modes if mode.items & ~items == 0]  # fmt: skip
            jobs.append(
                Job(
                    enterprise=e,
                    street=street,
                    place=places[street],
                    open_from=m.enterprise.open_from or 0,
                    open_to=NO_HOUR if m.enterprise.open_to is None else m.enterprise.open_to,
                    options=tuple(options),
                )
            )
        first_item += len(m.items)
    return index, jobs


def _option(
    m: MergedEnterprise, items: int, slots: int, weight: int, authority_of: dict[str, int], first_item: int
) -> Option:
    minutes: dict[int, int] = {}
    crews: dict[int, int] = {}
    ids = []
    for i, item in enumerate(m.problem.items):
        if items >> i & 1:
            minutes[item.authority] = minutes.get(item.authority, m.problem.overhead) + item.duration
            crews[item.authority] = max(crews.get(item.authority, 0), item.crews)
            ids.append(first_item + i)
    parts = tuple(
        Part(authority=authority_of[m.authority_ids[a]], minutes=minutes[a], crews=crews[a]) for a in sorted(minutes)
    )
    return Option(items=tuple(ids), weight=weight, slots=slots, parts=parts)


def _legs(
    availability: Availability, index: TimetableIndex, merged: list[MergedEnterprise]
) -> list[npt.NDArray[np.int64]]:
    out = []
    for street_id in index.street_ids:
        office = availability.streets[street_id]
        here = [(m.enterprise.lon, m.enterprise.lat) for m in merged if m.enterprise.street_id == street_id]
        places = np.array([(office.lon, office.lat), *here])
        out.append(leg_matrix(availability.snapshot.policy.travel, places).astype(np.int64))
    return out


def _pools(availability: Availability, index: TimetableIndex, areas: list[str] | tuple[str, ...]):  # type: ignore[no-untyped-def]
    out = np.zeros((len(index.authority_ids), len(areas), availability.grid.num_slots), dtype=np.int64)
    for a, authority_id in enumerate(index.authority_ids):
        for k, area_id in enumerate(areas):
            counts = availability.crews_in(authority_id, area_id)
            if counts is not None:
                out[a, k] = counts
    return out


def slots_in(mask: int) -> list[int]:
    """Return the slots of a bit set, ascending."""
    out = []
    while mask:
        low = mask & -mask
        out.append(low.bit_length() - 1)
        mask ^= low
    return out
