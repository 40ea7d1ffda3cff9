"""The solver's arrays of a timetable, built from merged enterprises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from scheduler.availability import Availability, SlotGrid, Slots
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.schedule import TERMS
from scheduler.planning.homes import NO_HOMES, Home, Homes, by_place
from scheduler.planning.merge import MergedEnterprise
from scheduler.travel import leg_matrix
from solver.errors import SolverError
from solver.timetable.problem import MAX_WEIGHT, TimetableProblem, words_of

NUM_NEIGHBOURS = 16
NO_LIMIT = 10**6
"""Visits left where a period has no cap; minutes after every opening hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableIndex:
    """The names behind the solver's indices."""

    street_ids: tuple[str, ...]
    authority_ids: tuple[str, ...]
    enterprise_ids: tuple[str, ...]
    item_ids: tuple[str, ...]


@dataclass(slots=True)
class _Columns:
    """Growing columns of the arrays that have one row for a visit, mode, part, node or cap."""

    ent_visits: list[int] = field(default_factory=lambda: [0])
    ent_modes: list[int] = field(default_factory=lambda: [0])
    ent_caps: list[int] = field(default_factory=lambda: [0])
    ent_items: list[int] = field(default_factory=lambda: [0])
    ent_best: list[int] = field(default_factory=list)
    visit_ent: list[int] = field(default_factory=list)
    visit_nodes: list[int] = field(default_factory=lambda: [0])
    visit_pinned: list[int] = field(default_factory=list)
    visit_words: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    visit_fixed: list[int] = field(default_factory=list)
    home_words: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    mode_weight: list[int] = field(default_factory=list)
    mode_longest: list[int] = field(default_factory=list)
    mode_parts: list[int] = field(default_factory=lambda: [0])
    mode_items: list[int] = field(default_factory=lambda: [0])
    mode_merged: list[int] = field(default_factory=list)
    mode_words: list[npt.NDArray[np.uint64]] = field(default_factory=list)
    part_authority: list[int] = field(default_factory=list)
    part_node: list[int] = field(default_factory=list)
    part_min: list[int] = field(default_factory=list)
    part_crews: list[int] = field(default_factory=list)
    part_counted: list[int] = field(default_factory=list)
    mode_item: list[int] = field(default_factory=list)
    node_visit: list[int] = field(default_factory=list)
    node_authority: list[int] = field(default_factory=list)
    node_home: list[int] = field(default_factory=list)
    cap_who: list[int] = field(default_factory=list)
    cap_kind: list[int] = field(default_factory=list)
    cap_left: list[list[int]] = field(default_factory=list)


def build_problem(
    availability: Availability, merged: Sequence[MergedEnterprise], homes: Homes = NO_HOMES
) -> tuple[TimetableProblem, TimetableIndex]:
    """Return the solver's arrays and the names behind them.

    Raises
    ------
    SolverError : the weights add up to more than the arrays hold.
    """
    snapshot, grid = availability.snapshot, availability.grid
    if sum(m.solution.weight for m in merged) > MAX_WEIGHT:
        raise SolverError(f"weights of all items exceed {MAX_WEIGHT}")
    street_ids = tuple(s.street_id for s in snapshot.streets)
    authority_ids = tuple(a.authority_id for a in snapshot.authorities)
    authority_of = {a: k for k, a in enumerate(authority_ids)}
    pins = availability.pinned_slots()
    cols = _Columns()
    item_ids: list[str] = []
    for m in merged:
        enterprise_id = m.enterprise.enterprise_id
        wanted = pins.get(enterprise_id, []), homes.of(enterprise_id)
        _add_enterprise(cols, m, availability.grid, *wanted, authority_of, item_ids)
    streets = _street_arrays(availability, merged, street_ids)
    visit = snapshot.policy.visit
    days, num_shifts = snapshot.calendar.days, grid.num_shifts
    arrays: dict[str, Any] = {
        f: _array(f, v, grid.num_slots) for f, v in ((f, getattr(cols, f)) for f in _Columns.__slots__)
    }
    auth_nodes, auth_node = _nodes_by_authority(arrays["node_authority"], len(authority_ids))
    problem = TimetableProblem(
        num_authorities=len(authority_ids),
        num_streets=len(street_ids),
        num_slots=grid.num_slots,
        num_days=len(days),
        tiers=_i32([TERMS.index(t) for t in snapshot.policy.tiers]),
        together=int(visit.start_together),
        caravan=int(visit.ride_together),
        stretch=visit.stretch_min,
        buffer=snapshot.policy.travel.buffer_min,
        max_part=visit.max_visit_min or 0,
        min_gap=visit.min_gap_days,
        max_street_days=snapshot.policy.street.max_days or 0,
        max_shift_visits=snapshot.policy.street.max_visits or 0,
        slot_lo=_i32([s.start_min for s in snapshot.calendar.shifts] * len(days)),
        slot_hi=_i32([s.end_min for s in snapshot.calendar.shifts] * len(days)),
        slot_day=np.repeat(np.arange(len(days), dtype=np.int32), num_shifts),
        slot_date=np.repeat(_i32(days), num_shifts),
        day_month=_months(days),
        ent_from=_i32([m.enterprise.open_from or 0 for m in merged]),
        ent_to=_i32([NO_LIMIT if m.enterprise.open_to is None else m.enterprise.open_to for m in merged]),
        slot_period=_slot_periods(days, num_shifts),
        **pools_of(availability),
        auth_nodes=auth_nodes,
        auth_node=auth_node,
        **streets,
        **arrays,
    )
    index = TimetableIndex(
        street_ids=street_ids,
        authority_ids=authority_ids,
        enterprise_ids=tuple(m.enterprise.enterprise_id for m in merged),
        item_ids=tuple(item_ids),
    )
    return problem, index


def _i32(values: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


def _array(name: str, values: list[Any], num_slots: int) -> npt.NDArray[Any]:
    if name.endswith("_words"):
        words = -(-num_slots // 64)
        return np.array(values, dtype=np.uint64).reshape(len(values), words)
    if name == "cap_left":
        widest = max((len(row) for row in values), default=1)
        return np.array([row + [NO_LIMIT] * (widest - len(row)) for row in values], dtype=np.int32).reshape(-1, widest)
    return np.array(values, dtype=np.int64 if name in ("mode_weight", "ent_best") else np.int32)


def _add_enterprise(
    cols: _Columns,
    m: MergedEnterprise,
    grid: SlotGrid,
    pins: list[Slots],
    homes: tuple[Home, ...],
    authority_of: dict[str, int],
    item_ids: list[str],
) -> None:
    """Append the rows of one enterprise: its nodes are crews of its authorities, as many as any item needs."""
    words = -(-grid.num_slots // 64)
    e = len(cols.ent_best)
    first_item = len(item_ids)
    item_ids.extend(item.item_id for item in m.items)
    cols.ent_items.append(len(item_ids))
    cols.ent_best.append(m.solution.weight)
    most = [0] * len(m.authority_ids)
    for item in m.problem.items:
        most[item.authority] = max(most[item.authority], item.crews)
    node_of = [sum(most[:a]) for a in range(len(most))]
    merged = {items for items, _ in m.solution.visits}
    for mode in m.modes:
        _add_mode(cols, m, mode.items, node_of, [authority_of[a] for a in m.authority_ids], first_item)
        cols.mode_weight.append(mode.weight)
        cols.mode_merged.append(int(mode.items in merged))
        cols.mode_words.append(words_of(mode.slots, words))
    cols.ent_modes.append(len(cols.mode_weight))
    places = max(m.max_visits, len(pins))
    home_of = by_place(homes, pins, places)
    for k in range(places):
        home = home_of.get(k)
        starts = {} if home is None else dict(home.starts)
        cols.visit_ent.append(e)
        cols.visit_pinned.append(int(k < len(pins)))
        cols.visit_words.append(words_of(pins[k] if k < len(pins) else grid.all, words))
        cols.visit_fixed.append(int(home is not None and home.fixed))
        cols.home_words.append(words_of(0 if home is None else home.slots, words))
        for a, crews in enumerate(most):
            cols.node_home.extend([starts.get(m.authority_ids[a], -1)] * crews)
            cols.node_authority.extend([authority_of[m.authority_ids[a]]] * crews)
            cols.node_visit.extend([len(cols.visit_ent) - 1] * crews)
        cols.visit_nodes.append(len(cols.node_visit))
    cols.ent_visits.append(len(cols.visit_ent))
    _add_caps(cols, m, authority_of)


def _add_mode(
    cols: _Columns, m: MergedEnterprise, items: int, node_of: list[int], authority: list[int], first_item: int
) -> None:
    minutes: dict[int, int] = {}
    crews: dict[int, int] = {}
    counted: dict[int, int] = {}
    for i, item in enumerate(m.problem.items):
        if items >> i & 1:
            a = item.authority
            minutes[a] = minutes.get(a, m.problem.overhead) + item.duration
            crews[a] = max(crews.get(a, 0), item.crews)
            counted[a] = max(counted.get(a, 0), int(not item.exempt))
            cols.mode_item.append(first_item + i)
    for a in sorted(minutes):
        cols.part_authority.append(authority[a])
        cols.part_node.append(node_of[a])
        cols.part_min.append(minutes[a])
        cols.part_crews.append(crews[a])
        cols.part_counted.append(counted[a])
    cols.mode_longest.append(max(minutes.values()))
    cols.mode_parts.append(len(cols.part_min))
    cols.mode_items.append(len(cols.mode_item))


def _add_caps(cols: _Columns, m: MergedEnterprise, authority_of: dict[str, int]) -> None:
    """Append the caps of an enterprise that may get several visits; for one visit its modes hold them already."""
    if cols.ent_visits[-1] - cols.ent_visits[-2] > 1:
        for cap, period in zip(m.problem.caps, m.cap_periods, strict=True):
            cols.cap_who.append(-1 if cap.authority is None else authority_of[m.authority_ids[cap.authority]])
            cols.cap_kind.append(list(Period).index(period))
            cols.cap_left.append([left for _, left in cap.left])
    cols.ent_caps.append(len(cols.cap_who))


def _slot_periods(days: tuple[int, ...], num_shifts: int) -> npt.NDArray[np.int32]:
    """Return for each kind of period the period of every slot, numbered from 0 as caps number theirs."""
    rows = []
    for period in Period:
        keys = [period_key(d, period) for d in days]
        number = {k: i for i, k in enumerate(sorted(set(keys)))}
        rows.append(np.repeat(_i32([number[k] for k in keys]), num_shifts))
    return np.array(rows, dtype=np.int32).reshape(len(Period), -1)


def _months(days: tuple[int, ...]) -> npt.NDArray[np.int32]:
    keys = [period_key(d, Period.MONTH) for d in days]
    number = {k: i for i, k in enumerate(sorted(set(keys)))}
    return _i32([number[k] for k in keys])


def pools_of(availability: Availability) -> dict[str, Any]:
    """Return the districts of a problem and the pools of all its areas, under the names of its fields."""
    snapshot = availability.snapshot
    authority_ids = [a.authority_id for a in snapshot.authorities]
    districts = sorted({s.district_id for s in snapshot.streets})
    number = {d: k for k, d in enumerate(districts)}
    return {
        "num_districts": len(districts),
        "street_district": _i32([number[s.district_id] for s in snapshot.streets]),
        "crews_street": _pool_array(availability, authority_ids, [s.street_id for s in snapshot.streets]),
        "crews_district": _pool_array(availability, authority_ids, districts),
        "crews_city": _pool_array(availability, authority_ids, [WHOLE_CITY]),
    }


def _pool_array(
    availability: Availability, authority_ids: Sequence[str], area_ids: Sequence[str]
) -> npt.NDArray[np.int32]:
    out = np.zeros((len(authority_ids), len(area_ids), availability.grid.num_slots), dtype=np.int32)
    for a, authority_id in enumerate(authority_ids):
        for k, area_id in enumerate(area_ids):
            counts = availability.crews_in(authority_id, area_id)
            if counts is not None:
                out[a, k] = counts
    return out.reshape(-1)


def _nodes_by_authority(
    node_authority: npt.NDArray[np.generic], num_authorities: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    order = np.argsort(node_authority, kind="stable").astype(np.int32)
    counts = np.bincount(node_authority.astype(np.int64), minlength=num_authorities)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32), order


def _street_arrays(
    availability: Availability, merged: Sequence[MergedEnterprise], street_ids: tuple[str, ...]
) -> dict[str, Any]:
    """R12: every enterprise in its own street. Legs of every street (place 0 is its office), and neighbours by them."""
    street_of = {s: k for k, s in enumerate(street_ids)}
    members: list[list[int]] = [[] for _ in street_ids]
    for e, m in enumerate(merged):
        members[street_of[m.enterprise.street_id]].append(e)
    ent_street, ent_place = np.zeros(len(merged), dtype=np.int32), np.zeros(len(merged), dtype=np.int32)
    neighbours = np.full((len(merged), NUM_NEIGHBOURS), -1, dtype=np.int32)
    legs, begins, places, size = [], [], [], 0
    for k, street_id in enumerate(street_ids):
        office = availability.streets[street_id]
        here = [merged[e].enterprise for e in members[k]]
        coordinates = np.array([(office.lon, office.lat)] + [(e.lon, e.lat) for e in here])
        matrix = leg_matrix(availability.snapshot.policy.travel, coordinates)
        begins.append(size)
        places.append(len(matrix))
        legs.append(matrix.reshape(-1))
        size += matrix.size
        ids = np.array(members[k], dtype=np.int32)
        ent_street[ids], ent_place[ids] = k, np.arange(1, len(ids) + 1)
        if len(ids) > 1:
            _set_neighbours(neighbours, ids, matrix[1:, 1:], [set(merged[e].authority_ids) for e in ids])
    return {
        "street_places": _i32(places),
        "street_legs": _i32(begins),
        "legs": np.concatenate(legs) if legs else np.zeros(0, dtype=np.int16),
        "ent_street": ent_street,
        "ent_place": ent_place,
        "neighbours": neighbours,
    }


def _set_neighbours(
    neighbours: npt.NDArray[np.int32],
    ids: npt.NDArray[np.int32],
    legs: npt.NDArray[np.int16],
    authorities: list[set[str]],
) -> None:
    """Near ones in minutes, a shared authority counting like five minutes less."""
    count = min(len(ids) - 1, 3 * NUM_NEIGHBOURS)
    names = {a: k for k, a in enumerate(sorted(set().union(*authorities)))}
    there = np.zeros((len(ids), len(names)), dtype=np.float32)
    for i, mine in enumerate(authorities):
        there[i, [names[a] for a in mine]] = 1
    rows = max(1, 4_000_000 // len(ids))
    for lo in range(0, len(ids), rows):
        minutes = legs[lo : lo + rows].astype(np.int32)
        here = np.arange(len(minutes))
        minutes[here, lo + here] = NO_LIMIT
        near = np.argpartition(minutes, count - 1, axis=1)[:, :count]
        shared = (there[lo : lo + rows] @ there.T).astype(np.int64)
        keys = np.take_along_axis(minutes - 5 * shared, near, axis=1)
        first = np.argsort(keys * len(ids) + near, axis=1)[:, :NUM_NEIGHBOURS]
        chosen = ids[np.take_along_axis(near, first, axis=1)]
        neighbours[ids[lo : lo + rows], : chosen.shape[1]] = chosen
