"""The timetable problem: visits into street shifts, and crews' routes between them, as arrays of integers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
I16 = npt.NDArray[np.int16]
U64 = npt.NDArray[np.uint64]

MAX_WEIGHT = 2**53
"""Greatest sum of item weights: up to it, costs of the search are exact."""

MAX_CLASSES = 12
"""Classes of part lengths at most; the search notes by class which crews still have room."""

ANY_CREW = -(1 << 30)
"""Length of the first class of parts: below any gap of a crew, so it says whether there are crews at all."""

MAX_REMEMBERED = 1 << 24
"""Places (modes by slots) whose costs the search remembers at most: 128 MB a worker."""


class TimetableProblem(NamedTuple):
    """One timetable. Enterprises, visits, modes, parts, nodes, items, streets, slots are indices from 0.

    A *visit* is a place for one visit of its enterprise, used or not; a *node* is one crew's work at it. A *slot*
    is a date and shift, a *street shift* ``street * num_slots + slot``. Minutes are after midnight.

    Parameters
    ----------
    num_authorities, num_streets, num_districts, num_slots, num_days : sizes.
    tiers : (5,) the terms in the order in which they are decided: 0 unserved weight (always the first), 1 doors, 2 crew
        shifts, 3 joint days, 4 travel.
    overhead is inside part lengths already; together, stretch, buffer, max_part (0: no limit) : visit and travel rules.
    caravan : whether crews ride together (R32); then they are searched for as caravans.
    min_gap : least days from one counted visit of an enterprise to the next; 0: no limit.
    max_street_days, max_shift_visits : joint days of a street in a month, visits of a street shift; 0: no limit.
    slot_lo, slot_hi, slot_day, slot_date : (slots,) begin and end of the shift, index of the date, day number.
    day_month : (days,) calendar month of every date, numbered from 0 in order of time.
    street_district : (streets,).
    street_places, street_legs : (streets,) number of places (0 is the office) and where its legs begin in `legs`.
    legs : minutes of every leg of every street, row by row.
    ent_street, ent_place, ent_from, ent_to : (enterprises,) street, place in it, opening hours in minutes.
    ent_visits, ent_modes, ent_caps, ent_items : (enterprises + 1,) ranges of its visits, modes, caps and items.
    ent_best : (enterprises,) greatest weight it can reach.
    visit_ent, visit_nodes : (visits,) enterprise; (visits + 1,) range of its nodes.
    visit_words : (visits, words) slots that a pin leaves, as bits.
    visit_fixed : (visits,) 1 where a visit that a given timetable places is never taken out.
    home_words : (visits, words) its home: slots where it is wanted once weight is served, as bits.
    mode_weight, mode_longest, mode_parts, mode_items : weight; longest part; ranges of parts and of items.
    mode_words : (modes, words) slots as bits.
    mode_merged : whether the exact merge of the enterprise chose it as a visit; these share no item.
    part_authority, part_node, part_min, part_crews, part_counted : authority; first node within the visit; minutes;
        crews; whether it counts against caps.
    mode_item : items of the modes (global index).
    node_visit, node_authority : (nodes,).
    node_home : (nodes,) the minute at which the crew's part is wanted while its visit is at home, -1 where none is.
    cap_who, cap_kind : authority or -1 for doors; row of `slot_period`.
    cap_left : (caps, periods) visits left by period.
    slot_period : (kinds, slots) period of each slot.
    crews_street, crews_district, crews_city : pools by authority, area and slot, flat.
    neighbours : (enterprises, k) near ones that share authorities, -1 where fewer.
    auth_nodes, auth_node : (authorities + 1,) ranges into `auth_node`, the nodes of an authority.
    """

    num_authorities: int
    num_streets: int
    num_districts: int
    num_slots: int
    num_days: int
    tiers: I32
    together: int
    caravan: int
    stretch: int
    buffer: int
    max_part: int
    min_gap: int
    max_street_days: int
    max_shift_visits: int
    slot_lo: I32
    slot_hi: I32
    slot_day: I32
    slot_date: I32
    day_month: I32
    street_district: I32
    street_places: I32
    street_legs: I32
    legs: I16
    ent_street: I32
    ent_place: I32
    ent_from: I32
    ent_to: I32
    ent_visits: I32
    ent_modes: I32
    ent_caps: I32
    ent_items: I32
    ent_best: I32 | I64
    visit_ent: I32
    visit_nodes: I32
    visit_pinned: I32
    visit_words: U64
    visit_fixed: I32
    home_words: U64
    mode_weight: I32 | I64
    mode_longest: I32
    mode_parts: I32
    mode_items: I32
    mode_merged: I32
    mode_words: U64
    part_authority: I32
    part_node: I32
    part_min: I32
    part_crews: I32
    part_counted: I32
    mode_item: I32
    node_visit: I32
    node_authority: I32
    node_home: I32
    cap_who: I32
    cap_kind: I32
    cap_left: I32
    slot_period: I32
    crews_street: I32
    crews_district: I32
    crews_city: I32
    neighbours: I32
    auth_nodes: I32
    auth_node: I32

    @property
    def num_enterprises(self) -> int:
        """Enterprises with at least one mode."""
        return len(self.ent_street)

    @property
    def num_visits(self) -> int:
        """Places for visits."""
        return len(self.visit_ent)

    @property
    def num_nodes(self) -> int:
        """Places for crews at visits."""
        return len(self.node_visit)


def words_of(slots: int, num_words: int) -> npt.NDArray[np.uint64]:
    """Return a bit set as 64-bit words, lowest first."""
    return np.frombuffer(slots.to_bytes(num_words * 8, "little"), dtype=np.uint64)


class PackedProblem(NamedTuple):
    """The same problem as three values, because compiled calls pay for every array that they pass on.

    Parameters
    ----------
    at : record with the sizes of the problem and, under each array's name, where it begins in `ints`.
    ints : the arrays of :class:`TimetableProblem` and some that follow from them, one behind the other.
    legs : minutes of legs; from ``at.legs_back`` on the same with both ends exchanged, where that differs.
    """

    at: np.void
    ints: I64
    legs: I16


def pack(p: TimetableProblem) -> PackedProblem:
    """Return the packed form; legs must number fewer than 2**31."""
    fields: dict[str, int] = {
        "num_enterprises": p.num_enterprises,
        "num_visits": p.num_visits,
        "num_nodes": p.num_nodes,
        "num_items": int(p.ent_items[-1]),
        "num_words": p.mode_words.shape[1],
        "num_periods": p.cap_left.shape[1],
        "num_neighbours": p.neighbours.shape[1],
        "num_months": int(p.day_month.max(initial=0)) + 1,
        "most_crews": int(p.part_crews.max(initial=1)),
        "num_rows": int((_rows(p) >= 0).sum()),
        "num_classes": len(_class_min(p)),
        "num_homes": num_homes(p),
    }
    legs, fields["legs_back"] = _both_ways(p)
    ints: list[npt.NDArray[Any]] = []
    size = 0
    arrays = {name: value for name, value in p._asdict().items() if name != "legs"} | _derived(p)
    for name, value in arrays.items():
        if isinstance(value, int):
            fields[name] = value
        elif isinstance(value, np.ndarray):
            fields[name] = size
            size += value.size
            flat = value.reshape(-1)
            ints.append(flat.view(np.int64) if value.dtype == np.uint64 else flat.astype(np.int64))
    record = np.zeros(1, dtype=[(name, np.int64) for name in sorted(fields)])
    for name, number in fields.items():
        record[name] = number
    return PackedProblem(at=record[0], ints=np.concatenate(ints), legs=legs)


def num_homes(p: TimetableProblem) -> int:
    """Return how many visits have a home."""
    return int(p.home_words.any(axis=1).sum())


def _derived(p: TimetableProblem) -> dict[str, npt.NDArray[Any]]:
    """Return what the search looks up most: legs of a place as a row, and its legs from and to the office."""
    row = p.street_legs[p.ent_street].astype(np.int64) + p.ent_place * p.street_places[p.ent_street].astype(np.int64)
    office = p.street_legs[p.ent_street].astype(np.int64)
    return {
        "ent_row": row,
        "ent_in": p.legs[office + p.ent_place].astype(np.int64),
        "ent_out": p.legs[row].astype(np.int64),
        "node_place": p.ent_place[p.visit_ent[p.node_visit]],
        "slot_month": p.day_month[p.slot_day],
        "mode_row": _rows(p),
        "class_min": _class_min(p),
        "part_class": np.searchsorted(_class_min(p), p.part_min, side="right") - 1,
    }


def _class_min(p: TimetableProblem) -> I64:
    """Return the shortest part of every class, about as many in each; the first class has none, any crew fits it."""
    lengths = np.sort(p.part_min).astype(np.int64)
    if lengths.size:
        lengths = np.unique(lengths[np.arange(MAX_CLASSES) * lengths.size // MAX_CLASSES])
    return np.concatenate(([ANY_CREW], lengths))


def _rows(p: TimetableProblem) -> I64:
    """Return a number from 0 for every heaviest mode of an enterprise, -1 for others or where memory would not do."""
    heaviest = p.mode_weight == np.repeat(p.ent_best, np.diff(p.ent_modes))
    number = np.cumsum(heaviest) - 1
    return np.where(heaviest & ((number + 1) * p.num_slots <= MAX_REMEMBERED), number, -1).astype(np.int64)


def _both_ways(p: TimetableProblem) -> tuple[I16, int]:
    """Return the legs, followed by their transpose unless every street's are symmetric, and where that begins."""
    turned = []
    for begin, places in zip(p.street_legs, p.street_places, strict=True):
        square = p.legs[int(begin) : int(begin) + int(places) ** 2].reshape(int(places), int(places))
        turned.append(square.T.reshape(-1))
    back = np.concatenate(turned) if turned else p.legs
    if np.array_equal(back, p.legs):
        return p.legs, 0
    return np.concatenate((p.legs, back)), p.legs.size
