"""State of a timetable search: one array of integers with a journal, so that any change is undone exactly.

Every write goes through :func:`put`, which notes the former value; :func:`undo` plays the notes back. The first
fields hold the totals and the whole solution (``at.essential`` cells of it), the others follow from them
(:func:`solver.timetable.changes.rebuild`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from solver.timetable.jit import entry, inner
from solver.timetable.problem import I64, PackedProblem

WEIGHT, DOORS, CREWS, DAYS, TRAVEL, PINNED, HOME, ON_TIME, LOG = range(9)
"""The first cells: totals (terms in tier order with weight served, pinned visits that stand, visits at home, parts at
the minute of their home), journal size."""

NUM_TOTALS = 8
HEADER = 16

NODE_CELLS = 8
NEXT, PREV, START, END, LEG, CREW, PLACE, OUT = range(NODE_CELLS)
"""Cells of a node, together in one line of the processor's cache: links of its route, begin and end of its work,
minutes from the stop before (or the office), crew; its place and the minutes back to the office never change."""

CREW_CELLS = 8
BUCKET, HEAD, STOPS, CREW_NEXT, CREW_PREV, FIT = range(6)
"""Cells of a crew: street shift and authority, first node, number of stops, links of its bucket's crews, minutes
of the longest part that a gap of its route may hold."""

UNEVEN = 2
"""Minutes by which rounded legs may break the triangle inequality in favour of a detour."""

SPAN_CELLS = 5
FROM, TO, BY, BEHIND, COST = range(SPAN_CELLS)
"""Cells of a span: first and last start, crew (-1: a new one), node before it, cost."""

PICK_CELLS = 5
MAX_SPANS = 8192
MAX_RIDE, MAX_CARAVANS = 24, 64
"""Visits of a caravan, and caravans of a street shift, at most."""
MAX_TODO = 4096
MAX_LOG = 1 << 18
MAX_DIRTY = 1 << 14


class State(NamedTuple):
    """A state with its journal and scratch space.

    Parameters
    ----------
    at : record that says where each field of `cells` begins, see :func:`make_state`.
    cells : totals and state, then scratch space that the journal does not cover, then the journal.
    """

    at: np.void
    cells: I64

    @property
    def longs(self) -> I64:
        """Totals and the size of the journal."""
        return self.cells[:HEADER]


def make_state(p: PackedProblem, seed: int) -> State:
    """Return an empty state: no visit is placed, all slots and enterprises are the worker's.

    Fields of the solution: street shift and mode of a visit (-1 when unused), nodes.
    Derived: crews; by bucket (street shift, authority) its first crew, number of crews and of classes of parts for
    which one of them has room; free crews; crews beyond the street's and the district's own; visits by street shift and
    by street and date; joint days by street and month; visit of an item; served weight and the list of enterprises
    below their best; slots as bits: those where a street's crews of an authority have room for a class of parts, where
    a pool has more of them, those open to visits, those on joint days;
    a stamp of every street shift, another one after every change that matters there; of caravans, where crews ride
    together: that of a visit; its street shift (-1: free), visits in order and their number, minutes of its legs, and
    crews by authority; free ones; the caravans of a street shift.
    """
    at = p.at
    nodes, visits, ents = int(at["num_nodes"]), int(at["num_visits"]), int(at["num_enterprises"])
    slots, authorities, words = int(at["num_slots"]), int(at["num_authorities"]), int(at["num_words"])
    streets, districts = int(at["num_streets"]), int(at["num_districts"])
    ss = streets * slots
    first = int(at["visit_nodes"])
    cars = visits if at["caravan"] else 0
    width = int(np.diff(p.ints[first : first + visits + 1]).max(initial=1))
    sizes = {
        "header": HEADER, "visit_ss": visits, "visit_mode": visits, "nodes": NODE_CELLS * nodes,
        "essential": 0,
        "crews": CREW_CELLS * nodes,
        "bucket_head": ss * authorities, "bucket_crews": ss * authorities,
        "bucket_fit": ss * authorities,
        "free_crew": nodes, "free_top": 1,
        "over_street": authorities * districts * slots, "over_district": authorities * slots,
        "ss_visits": ss, "day_visits": streets * int(at["num_days"]),
        "item_visit": int(at["num_items"]), "ent_weight": ents,
        "deficient": ents, "deficient_pos": ents, "num_deficient": 1,
        "month_days": streets * int(at["num_months"]),
        "fits": streets * authorities * int(at["num_classes"]) * words, "room_street": streets * authorities * words,
        "room_district": districts * authorities * words, "room_city": authorities * words,
        "open": streets * words, "stamp": ss,
        "visit_car": cars, "car_ss": cars, "car_size": cars, "car_leg": cars, "car_ride": MAX_RIDE * cars,
        "car_crews": cars * authorities, "free_car": cars, "car_top": 1,
        "ss_size": ss if cars else 0, "ss_cars": MAX_CARAVANS * ss if cars else 0,
        "scratch": 0,
        "rng": 1, "before": NUM_TOTALS, "last_stamp": 1, "num_dirty": 1, "crew_cost": 1, "wait": 1,
        "mine": words, "owned": ents,
        "planes": 5 * words, "todo": MAX_TODO, "keys": MAX_TODO,
        "trial": PICK_CELLS * width, "best_pick": PICK_CELLS * width,
        "spans": SPAN_CELLS * MAX_SPANS, "part_spans": width + 1, "part_least": width + 1,
        "listed": nodes, "dirty": MAX_DIRTY, "remembered": int(at["num_rows"]) * slots, "log": 2 * MAX_LOG,
        "size": 0,
    }  # fmt: skip
    record = np.zeros(1, dtype=[(name, np.int64) for name in sizes])
    begin = 0
    for name, size in sizes.items():
        record[name] = begin
        begin += size
    state = State(at=record[0], cells=np.zeros(begin, dtype=np.int64))
    generator = np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) & (2**64 - 1) or 1], dtype=np.uint64)
    state.cells[record["rng"][0]] = generator.view(np.int64)[0]
    clear(p, state)
    return state


@inner
def put(st, i, value):  # type: ignore[no-untyped-def]
    """Write a cell and note its former value; callers keep far below MAX_LOG writes between two looks."""
    c = st.cells
    n = c[LOG]
    if n < MAX_LOG:
        k = st.at.log + 2 * n
        c[k] = i
        c[k + 1] = c[i]
        c[LOG] = n + 1
    c[i] = value


@entry
def restore(st, totals):  # type: ignore[no-untyped-def]
    """Set the totals."""
    for k in range(NUM_TOTALS):
        st.cells[k] = totals[k]


@entry
def undo(st):  # type: ignore[no-untyped-def]
    """Take every noted write back, newest first, and empty the journal; totals are the caller's."""
    c = st.cells
    for k in range(st.at.log + 2 * (c[LOG] - 1), st.at.log - 1, -2):
        c[c[k]] = c[k + 1]
    c[LOG] = 0


@inner
def set_bit(st, base, slot, on):  # type: ignore[no-untyped-def]
    """Set or clear a slot's bit in the words that begin at a cell."""
    i = base + (slot >> 6)
    bit = np.int64(1) << (slot & 63)
    word = st.cells[i] | bit if on else st.cells[i] & ~bit
    if word != st.cells[i]:
        put(st, i, word)


@inner
def stamp(st, ss):  # type: ignore[no-untyped-def]
    """Mark a street shift as changed. Stamps are never given twice, so what is remembered under one stays true."""
    st.cells[st.at.last_stamp] += 1
    put(st, st.at.stamp + ss, st.cells[st.at.last_stamp])


@entry
def clear(p, st):  # type: ignore[no-untyped-def]
    """Empty the state: every visit unused, every crew free, every enterprise deficient."""
    at, c = st.at, st.cells
    generator = c[at.rng]
    c[: at.log] = 0
    c[at.rng] = generator
    c[at.visit_ss : at.nodes] = -1
    for node in range(p.at.num_nodes):
        k = at.nodes + NODE_CELLS * node
        c[k + NEXT] = c[k + PREV] = c[k + CREW] = -1
        c[k + PLACE] = p.ints[p.at.node_place + node]
        c[k + OUT] = p.ints[p.at.ent_out + p.ints[p.at.visit_ent + p.ints[p.at.node_visit + node]]]
        k = at.crews + CREW_CELLS * node
        c[k + HEAD] = c[k + CREW_NEXT] = c[k + CREW_PREV] = -1
        c[at.free_crew + node] = p.at.num_nodes - 1 - node
    c[at.free_top] = p.at.num_nodes
    c[at.bucket_head : at.bucket_crews] = -1
    c[at.item_visit : at.ent_weight] = -1
    for e in range(p.at.num_enterprises):
        c[at.deficient + e] = e
        c[at.deficient_pos + e] = e
    c[at.num_deficient] = p.at.num_enterprises
    c[at.open : at.stamp] = -1
    if p.at.caravan:
        c[at.visit_car : at.car_size] = -1
        for car in range(p.at.num_visits):
            c[at.free_car + car] = p.at.num_visits - 1 - car
        c[at.car_top] = p.at.num_visits
    c[at.num_dirty] = -1
    c[at.mine : at.owned] = -1
    c[at.owned : at.planes] = 1
    _clear_pools(p, st)
    c[LOG] = 0


@inner
def _clear_pools(p, st):  # type: ignore[no-untyped-def]
    at, slots, words = st.at, p.at.num_slots, p.at.num_words
    for a in range(p.at.num_authorities):
        for slot in range(slots):
            for street in range(p.at.num_streets):
                crews = p.ints[p.at.crews_street + (a * p.at.num_streets + street) * slots + slot]
                set_bit(st, at.room_street + (street * p.at.num_authorities + a) * words, slot, crews > 0)
            for d in range(p.at.num_districts):
                crews = p.ints[p.at.crews_district + (a * p.at.num_districts + d) * slots + slot]
                set_bit(st, at.room_district + (d * p.at.num_authorities + a) * words, slot, crews > 0)
            set_bit(st, at.room_city + a * words, slot, p.ints[p.at.crews_city + a * slots + slot] > 0)
        st.cells[LOG] = 0
