"""State of a timetable search: one array of integers with a journal, so that any change is undone exactly.

Every write goes through :func:`put`, which notes the former value; :func:`undo` plays the notes back. The first
fields hold the whole solution (``at.essential`` cells of it), the others follow from them (:func:`rebuild`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from solver.timetable.problem import I64, PackedProblem

WEIGHT, DOORS, CREWS, DAYS, TRAVEL, PINNED, LOG = range(7)
"""Cells of ``longs``: totals (the terms in tier order with weight served, pinned visits that stand), journal size."""

NUM_TOTALS = 6
MAX_SPANS = 8192
MAX_TODO = 4096
MAX_LOG = 1 << 18


class State(NamedTuple):
    """A state with its journal, totals and scratch space.

    Parameters
    ----------
    at : record that says where each field of `cells` begins, see :func:`make_state`.
    cells : the state, then scratch space that the journal does not cover.
    log : (cell, former value) pairs.
    longs : totals and the size of the journal.
    floats : scratch: costs of spans, then keys of the list of visits.
    rng : the state of the random numbers.
    """

    at: np.void
    cells: I64
    log: I64
    longs: I64
    floats: npt.NDArray[np.float64]
    rng: npt.NDArray[np.uint64]


def make_state(p: PackedProblem, seed: int) -> State:
    """Return an empty state: no visit is placed.

    Fields of the solution: street shift and mode of a visit (-1 when unused), start, crew and minutes of a node.
    Derived: route links of nodes; bucket, first node, number of stops and links of crews; crews by bucket
    (street shift, authority); free crews; crews beyond the street's and the district's own; visits by street
    shift and by street and date; visit of an item; served weight and the list of enterprises below their best.
    """
    at = p.at
    nodes, visits, ents = int(at["num_nodes"]), int(at["num_visits"]), int(at["num_enterprises"])
    slots, authorities = int(at["num_slots"]), int(at["num_authorities"])
    ss = int(at["num_streets"]) * slots
    first = int(at["visit_nodes"])
    width = int(np.diff(p.ints[first : first + visits + 1]).max(initial=1))
    sizes = {
        "visit_ss": visits, "visit_mode": visits, "node_start": nodes, "node_crew": nodes, "node_min": nodes,
        "essential": 0,
        "node_prev": nodes, "node_next": nodes,
        "crew_bucket": nodes, "crew_head": nodes, "crew_stops": nodes, "crew_next": nodes, "crew_prev": nodes,
        "bucket_head": ss * authorities, "bucket_crews": ss * authorities,
        "free_crew": nodes, "free_top": 1,
        "over_street": authorities * int(at["num_districts"]) * slots, "over_district": authorities * slots,
        "ss_visits": ss, "day_visits": int(at["num_streets"]) * int(at["num_days"]),
        "item_visit": int(at["num_items"]), "ent_weight": ents,
        "deficient": ents, "deficient_pos": ents, "num_deficient": 1,
        "scratch": 0,
        "lower": slots, "todo": MAX_TODO, "trial": 5 * width, "best_pick": 5 * width,
        "span_from": MAX_SPANS, "span_to": MAX_SPANS, "span_crew": MAX_SPANS, "span_before": MAX_SPANS,
        "span_part": MAX_SPANS,
        "size": 0,
    }  # fmt: skip
    record = np.zeros(1, dtype=[(name, np.int64) for name in (*sizes, "width")])
    begin = 0
    for name, size in sizes.items():
        record[name] = begin
        begin += size
    record["width"] = width
    state = State(
        at=record[0],
        cells=np.zeros(begin, dtype=np.int64),
        log=np.zeros(2 * MAX_LOG, dtype=np.int64),
        longs=np.zeros(LOG + 1, dtype=np.int64),
        floats=np.zeros(MAX_SPANS + MAX_TODO, dtype=np.float64),
        rng=np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) & (2**64 - 1) or 1], dtype=np.uint64),
    )
    clear(p, state)
    return state


@njit(cache=True, error_model="numpy")
def put(st, i, value):  # type: ignore[no-untyped-def]
    """Write a cell and note its former value; callers keep far below MAX_LOG writes between two looks."""
    n = st.longs[LOG]
    if n < MAX_LOG:
        st.log[2 * n] = i
        st.log[2 * n + 1] = st.cells[i]
        st.longs[LOG] = n + 1
    st.cells[i] = value


@njit(cache=True, error_model="numpy")
def restore(st, totals):  # type: ignore[no-untyped-def]
    """Set the totals."""
    for k in range(NUM_TOTALS):
        st.longs[k] = totals[k]


@njit(cache=True, error_model="numpy")
def undo(st):  # type: ignore[no-untyped-def]
    """Take every noted write back, newest first, and empty the journal; totals are the caller's."""
    for k in range(st.longs[LOG] - 1, -1, -1):
        st.cells[st.log[2 * k]] = st.log[2 * k + 1]
    st.longs[LOG] = 0


@njit(cache=True, error_model="numpy")
def clear(p, st):  # type: ignore[no-untyped-def]
    """Empty the state: every visit unused, every crew free, every enterprise deficient."""
    at, c = st.at, st.cells
    c[:] = 0
    c[at.visit_ss : at.node_start] = -1
    c[at.node_crew : at.node_min] = -1
    c[at.node_prev : at.crew_bucket] = -1
    c[at.crew_head : at.crew_stops] = -1
    c[at.crew_next : at.bucket_head] = -1
    c[at.bucket_head : at.bucket_crews] = -1
    nodes = p.at.num_nodes
    for k in range(nodes):
        c[at.free_crew + k] = nodes - 1 - k
    c[at.free_top] = nodes
    c[at.item_visit : at.ent_weight] = -1
    for e in range(p.at.num_enterprises):
        c[at.deficient + e] = e
        c[at.deficient_pos + e] = e
    c[at.num_deficient] = p.at.num_enterprises
    st.longs[LOG] = 0
    st.longs[:LOG] = 0


@njit(cache=True, error_model="numpy")
def leg(p, street, i, j):  # type: ignore[no-untyped-def]
    """Minutes between two places of a street."""
    return p.legs[p.ints[p.at.street_legs + street] + i * p.ints[p.at.street_places + street] + j]


@njit(cache=True, error_model="numpy")
def crews_left(p, st, a, street, slot):  # type: ignore[no-untyped-def]
    """R23: further crews that the pools of street, district and city still hold for a street shift."""
    at, c = st.at, st.cells
    d = p.ints[p.at.street_district + street]
    used = c[at.bucket_crews + (street * p.at.num_slots + slot) * p.at.num_authorities + a]
    own = p.ints[p.at.crews_street + (a * p.at.num_streets + street) * p.at.num_slots + slot] - used
    k = (a * p.at.num_districts + d) * p.at.num_slots + slot
    district = p.ints[p.at.crews_district + k] - c[at.over_street + k]
    k = a * p.at.num_slots + slot
    city = p.ints[p.at.crews_city + k] - c[at.over_district + k]
    return max(0, own) + max(0, district) + max(0, city)


@njit(cache=True, error_model="numpy")
def _count_crew(p, st, a, street, slot, step):  # type: ignore[no-untyped-def]
    """Count one crew more (step 1) or less (step -1) in the pools, street's own first."""
    at, c = st.at, st.cells
    b = at.bucket_crews + (street * p.at.num_slots + slot) * p.at.num_authorities + a
    used = c[b]
    put(st, b, used + step)
    if max(used, used + step) > p.ints[p.at.crews_street + (a * p.at.num_streets + street) * p.at.num_slots + slot]:
        k = (a * p.at.num_districts + p.ints[p.at.street_district + street]) * p.at.num_slots + slot
        over = c[at.over_street + k]
        put(st, at.over_street + k, over + step)
        if max(over, over + step) > p.ints[p.at.crews_district + k]:
            k = at.over_district + a * p.at.num_slots + slot
            put(st, k, c[k] + step)


@njit(cache=True, error_model="numpy")
def new_crew(p, st, a, street, slot):  # type: ignore[no-untyped-def]
    """Take a free crew into a street shift and return it (R13: it stays there)."""
    at, c = st.at, st.cells
    top = c[at.free_top] - 1
    crew = c[at.free_crew + top]
    put(st, at.free_top, top)
    bucket = (street * p.at.num_slots + slot) * p.at.num_authorities + a
    head = c[at.bucket_head + bucket]
    put(st, at.crew_bucket + crew, bucket)
    put(st, at.crew_head + crew, -1)
    put(st, at.crew_stops + crew, 0)
    put(st, at.crew_next + crew, head)
    put(st, at.crew_prev + crew, -1)
    if head >= 0:
        put(st, at.crew_prev + head, crew)
    put(st, at.bucket_head + bucket, crew)
    _count_crew(p, st, a, street, slot, 1)
    st.longs[CREWS] += 1
    return crew


@njit(cache=True, error_model="numpy")
def _free_crew(p, st, crew, a, street, slot):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    before, after = c[at.crew_prev + crew], c[at.crew_next + crew]
    if before >= 0:
        put(st, at.crew_next + before, after)
    else:
        put(st, at.bucket_head + c[at.crew_bucket + crew], after)
    if after >= 0:
        put(st, at.crew_prev + after, before)
    top = c[at.free_top]
    put(st, at.free_crew + top, crew)
    put(st, at.free_top, top + 1)
    _count_crew(p, st, a, street, slot, -1)
    st.longs[CREWS] -= 1


@njit(cache=True, error_model="numpy")
def _place_of(p, node):  # type: ignore[no-untyped-def]
    return p.ints[p.at.ent_place + p.ints[p.at.visit_ent + p.ints[p.at.node_visit + node]]] if node >= 0 else 0


@njit(cache=True, error_model="numpy")
def link_node(p, st, node, crew, before, start, minutes, street):  # type: ignore[no-untyped-def]
    """Put a node into a crew's route behind another (or first, -1) and count its travel (R22)."""
    at, c = st.at, st.cells
    after = c[at.node_next + before] if before >= 0 else c[at.crew_head + crew]
    put(st, at.node_start + node, start)
    put(st, at.node_crew + node, crew)
    put(st, at.node_min + node, minutes)
    put(st, at.node_prev + node, before)
    put(st, at.node_next + node, after)
    if before >= 0:
        put(st, at.node_next + before, node)
    else:
        put(st, at.crew_head + crew, node)
    if after >= 0:
        put(st, at.node_prev + after, node)
    i, j, k = _place_of(p, before), _place_of(p, node), _place_of(p, after)
    stops = c[at.crew_stops + crew]
    put(st, at.crew_stops + crew, stops + 1)
    st.longs[TRAVEL] += leg(p, street, i, j) + leg(p, street, j, k)
    if stops > 0:
        st.longs[TRAVEL] -= leg(p, street, i, k)


@njit(cache=True, error_model="numpy")
def _unlink_node(p, st, node, street, slot):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    crew, before, after = c[at.node_crew + node], c[at.node_prev + node], c[at.node_next + node]
    if before >= 0:
        put(st, at.node_next + before, after)
    else:
        put(st, at.crew_head + crew, after)
    if after >= 0:
        put(st, at.node_prev + after, before)
    put(st, at.node_crew + node, -1)
    i, j, k = _place_of(p, before), _place_of(p, node), _place_of(p, after)
    stops = c[at.crew_stops + crew] - 1
    put(st, at.crew_stops + crew, stops)
    st.longs[TRAVEL] -= leg(p, street, i, j) + leg(p, street, j, k)
    if stops > 0:
        st.longs[TRAVEL] += leg(p, street, i, k)
    else:
        _free_crew(p, st, crew, p.ints[p.at.node_authority + node], street, slot)


@njit(cache=True, error_model="numpy")
def _count_weight(p, st, e, change):  # type: ignore[no-untyped-def]
    """Change the served weight of an enterprise and keep the list of those below their best."""
    at, c = st.at, st.cells
    weight = c[at.ent_weight + e] + change
    put(st, at.ent_weight + e, weight)
    st.longs[WEIGHT] += change
    pos, n = c[at.deficient_pos + e], c[at.num_deficient]
    if weight < p.ints[p.at.ent_best + e] and pos < 0:
        put(st, at.deficient + n, e)
        put(st, at.deficient_pos + e, n)
        put(st, at.num_deficient, n + 1)
    elif weight >= p.ints[p.at.ent_best + e] and pos >= 0:
        last = c[at.deficient + n - 1]
        put(st, at.deficient + pos, last)
        put(st, at.deficient_pos + last, pos)
        put(st, at.deficient_pos + e, -1)
        put(st, at.num_deficient, n - 1)


@njit(cache=True, error_model="numpy")
def use_visit(p, st, v, mode, ss):  # type: ignore[no-untyped-def]
    """Mark a visit as placed: its items, weight, door and joint day; its nodes are linked by the caller."""
    at, c = st.at, st.cells
    e = p.ints[p.at.visit_ent + v]
    put(st, at.visit_ss + v, ss)
    put(st, at.visit_mode + v, mode)
    for k in range(p.ints[p.at.mode_items + mode], p.ints[p.at.mode_items + mode + 1]):
        put(st, at.item_visit + p.ints[p.at.mode_item + k], v)
    put(st, at.ss_visits + ss, c[at.ss_visits + ss] + 1)
    day = at.day_visits + p.ints[p.at.ent_street + e] * p.at.num_days + p.ints[p.at.slot_day + ss % p.at.num_slots]
    put(st, day, c[day] + 1)
    if c[day] == 1:
        st.longs[DAYS] += 1
    st.longs[DOORS] += 1
    st.longs[PINNED] += p.ints[p.at.visit_pinned + v]
    _count_weight(p, st, e, p.ints[p.at.mode_weight + mode])


@njit(cache=True, error_model="numpy")
def remove_visit(p, st, v):  # type: ignore[no-untyped-def]
    """Take a placed visit out with all its nodes; crews left without a stop become free."""
    at, c = st.at, st.cells
    ss, mode, e = c[at.visit_ss + v], c[at.visit_mode + v], p.ints[p.at.visit_ent + v]
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    for node in range(p.ints[p.at.visit_nodes + v], p.ints[p.at.visit_nodes + v + 1]):
        if c[at.node_crew + node] >= 0:
            _unlink_node(p, st, node, street, slot)
    put(st, at.visit_ss + v, -1)
    put(st, at.visit_mode + v, -1)
    for k in range(p.ints[p.at.mode_items + mode], p.ints[p.at.mode_items + mode + 1]):
        put(st, at.item_visit + p.ints[p.at.mode_item + k], -1)
    put(st, at.ss_visits + ss, c[at.ss_visits + ss] - 1)
    day = at.day_visits + p.ints[p.at.ent_street + e] * p.at.num_days + p.ints[p.at.slot_day + slot]
    put(st, day, c[day] - 1)
    if c[day] == 0:
        st.longs[DAYS] -= 1
    st.longs[DOORS] -= 1
    st.longs[PINNED] -= p.ints[p.at.visit_pinned + v]
    _count_weight(p, st, e, -p.ints[p.at.mode_weight + mode])


@njit(cache=True, error_model="numpy")
def rebuild(p, st, essential):  # type: ignore[no-untyped-def]
    """Load a solution (a copy of the essential cells) into the state."""
    clear(p, st)
    at, c = st.at, st.cells
    crew_of = np.full(p.at.num_nodes, -1, dtype=np.int64)
    last = np.full(p.at.num_nodes, -1, dtype=np.int64)
    nodes = np.argsort(essential[at.node_start : at.node_crew], kind="mergesort")
    for v in range(p.at.num_visits):
        if essential[at.visit_ss + v] >= 0:
            use_visit(p, st, v, essential[at.visit_mode + v], essential[at.visit_ss + v])
            st.longs[LOG] = 0
    for node in nodes:
        old = essential[at.node_crew + node]
        if old < 0:
            continue
        ss = c[at.visit_ss + p.ints[p.at.node_visit + node]]
        street, slot = ss // p.at.num_slots, ss % p.at.num_slots
        if crew_of[old] < 0:
            crew_of[old] = new_crew(p, st, p.ints[p.at.node_authority + node], street, slot)
        minutes = essential[at.node_min + node]
        link_node(p, st, node, crew_of[old], last[old], essential[at.node_start + node], minutes, street)
        last[old] = node
        st.longs[LOG] = 0
