"""Ruin and recreate: take a few related visits out, put them back where they cost least, keep or undo."""

from __future__ import annotations

import numpy as np
from numba import njit

from solver.timetable.insertion import below, insert_visit, random
from solver.timetable.state import (
    CREWS,
    DAYS,
    DOORS,
    LOG,
    MAX_LOG,
    MAX_SPANS,
    MAX_TODO,
    NUM_TOTALS,
    PINNED,
    TRAVEL,
    WEIGHT,
    rebuild,
    remove_visit,
    restore,
    undo,
)

MAX_RUINED = 40
RUIN_FOR, RUIN_NEAR, RUIN_CREW, RUIN_WEAK, RUIN_AUTHORITY, BLINK, LATE = range(4, 11)
"""Cells of the weights behind the four of the terms: share of repairs, the ruins' shares added up, blinks, delays."""

PIN_WORTH = 1e13
"""Worth of keeping a pin, above any weight that the arrays hold."""


@njit(cache=True, error_model="numpy")
def weighted(p, st, weights):  # type: ignore[no-untyped-def]
    """Cost that the annealing compares: the terms with weights that keep the tiers nearly apart."""
    t = st.longs
    served = PIN_WORTH * t[PINNED] + weights[0] * t[WEIGHT]
    return weights[1] * t[DOORS] + weights[2] * t[CREWS] + weights[3] * t[DAYS] + t[TRAVEL] - served


@njit(cache=True, error_model="numpy")
def better(a, b):  # type: ignore[no-untyped-def]
    """Say whether totals a come before b in the order of tiers."""
    if a[PINNED] != b[PINNED]:
        return a[PINNED] > b[PINNED]
    if a[WEIGHT] != b[WEIGHT]:
        return a[WEIGHT] > b[WEIGHT]
    for k in range(DOORS, PINNED):
        if a[k] != b[k]:
            return a[k] < b[k]
    return False


@njit(cache=True, error_model="numpy")
def _take(p, st, v, n):  # type: ignore[no-untyped-def]
    """Take the visit's whole enterprise out; return the number of visits on the list."""
    at, c = st.at, st.cells
    e = p.ints[p.at.visit_ent + v]
    for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
        if n >= MAX_RUINED or st.longs[LOG] > MAX_LOG // 4:
            return n
        if st.cells[st.at.visit_ss + other] >= 0:
            remove_visit(p, st, other)
            c[at.todo + n] = other
            n += 1
    return n


@njit(cache=True, error_model="numpy")
def _any_placed(p, st):  # type: ignore[no-untyped-def]
    for _ in range(20):
        v = below(st, p.at.num_visits)
        if st.cells[st.at.visit_ss + v] >= 0:
            return v
    return -1


@njit(cache=True, error_model="numpy")
def _any_crew(p, st, v):  # type: ignore[no-untyped-def]
    first, end = p.ints[p.at.visit_nodes + v], p.ints[p.at.visit_nodes + v + 1]
    for _ in range(20):
        crew = st.cells[st.at.node_crew + first + below(st, end - first)]
        if crew >= 0:
            return crew
    return -1


@njit(cache=True, error_model="numpy")
def _ruin_near(p, st, n):  # type: ignore[no-untyped-def]
    v = _any_placed(p, st)
    if v < 0:
        return n
    e, count = p.ints[p.at.visit_ent + v], 1 + below(st, 5)
    n = _take(p, st, v, n)
    for k in range(p.at.num_neighbours):
        other = p.ints[p.at.neighbours + e * p.at.num_neighbours + k]
        if count <= 0 or other < 0:
            break
        if random(st) < 0.5:
            n = _take(p, st, p.ints[p.at.ent_visits + other], n)
            count -= 1
    return n


@njit(cache=True, error_model="numpy")
def _ruin_crew(p, st, crew, n):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    stops = c[at.crew_stops + crew]
    for _ in range(stops):
        node = c[at.crew_head + crew]
        if node < 0 or c[at.crew_stops + crew] == 0:
            break
        before = n
        n = _take(p, st, p.ints[p.at.node_visit + node], n)
        if n == before or c[at.node_crew + node] == crew:
            break
    return n


@njit(cache=True, error_model="numpy")
def _ruin_weak_crews(p, st, n):  # type: ignore[no-untyped-def]
    """One or two crews with few stops, the weakest of a few drawn."""
    for _ in range(1 + below(st, 2)):
        weakest, stops = -1, 1 << 30
        for _ in range(4):
            v = _any_placed(p, st)
            if v >= 0:
                crew = _any_crew(p, st, v)
                if crew >= 0 and st.cells[st.at.crew_stops + crew] < stops:
                    weakest, stops = crew, st.cells[st.at.crew_stops + crew]
        if weakest >= 0:
            n = _ruin_crew(p, st, weakest, n)
    return n


@njit(cache=True, error_model="numpy")
def _ruin_authority(p, st, n):  # type: ignore[no-untyped-def]
    v = _any_placed(p, st)
    if v < 0:
        return n
    crew = _any_crew(p, st, v)
    if crew < 0:
        return n
    a = st.cells[st.at.crew_bucket + crew] % p.at.num_authorities
    n = _take(p, st, v, n)
    first, end = p.ints[p.at.auth_nodes + a], p.ints[p.at.auth_nodes + a + 1]
    for _ in range(1 + below(st, 4)):
        node = p.ints[p.at.auth_node + first + below(st, end - first)]
        if st.cells[st.at.node_crew + node] >= 0:
            n = _take(p, st, p.ints[p.at.node_visit + node], n)
    return n


@njit(cache=True, error_model="numpy")
def _ruin_street_shift(p, st, n):  # type: ignore[no-untyped-def]
    """Every visit of a small street shift, or about eight of a large one."""
    v = _any_placed(p, st)
    if v < 0:
        return n
    at, c = st.at, st.cells
    ss = c[at.visit_ss + v]
    share = 8.0 / max(8, c[at.ss_visits + ss])
    there = np.empty(256, dtype=np.int64)
    count = 0
    for a in range(p.at.num_authorities):
        crew = c[at.bucket_head + ss * p.at.num_authorities + a]
        while crew >= 0:
            node = c[at.crew_head + crew]
            while node >= 0 and count < there.size:
                there[count] = p.ints[p.at.node_visit + node]
                count += 1
                node = c[at.node_next + node]
            crew = c[at.crew_next + crew]
    for k in range(count):
        if c[at.visit_ss + there[k]] == ss and random(st) < share:
            n = _take(p, st, there[k], n)
    return n


@njit(cache=True, error_model="numpy")
def _ruin_for(p, st, e, n):  # type: ignore[no-untyped-def]
    """Repair: make room for an enterprise below its best, in one street shift that its best mode could use."""
    at, c = st.at, st.cells
    first, end = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]
    mode = first + below(st, min(3, end - first))
    slots, street = p.at.num_slots, p.ints[p.at.ent_street + e]
    slot = -1
    for _ in range(30):
        k = below(st, slots)
        if p.words[p.at.mode_words + mode * p.at.num_words + (k >> 6)] >> np.uint64(k & 63) & np.uint64(1):
            slot = k
            break
    if slot < 0:
        return n
    n = _take(p, st, p.ints[p.at.ent_visits + e], n)
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        a = p.ints[p.at.part_authority + part]
        where = street
        if random(st) < 0.3 and p.at.num_streets > 1:  # a crew that another street has taken from a shared pool
            where = below(st, p.at.num_streets)
        crew = c[at.bucket_head + (where * slots + slot) * p.at.num_authorities + a]
        crews = c[at.bucket_crews + (where * slots + slot) * p.at.num_authorities + a]
        if crew >= 0:
            for _ in range(below(st, crews)):
                crew = c[at.crew_next + crew]
            n = _ruin_crew(p, st, crew, n)
    return n


@njit(cache=True, error_model="numpy")
def _ruin(p, st, weights):  # type: ignore[no-untyped-def]
    deficient = st.cells[st.at.num_deficient]
    if deficient > 0 and random(st) < weights[RUIN_FOR]:
        return _ruin_for(p, st, st.cells[st.at.deficient + below(st, deficient)], 0)
    draw = random(st)
    if draw < weights[RUIN_NEAR]:
        return _ruin_near(p, st, 0)
    if draw < weights[RUIN_CREW]:
        v = _any_placed(p, st)
        crew = _any_crew(p, st, v) if v >= 0 else -1
        return _ruin_crew(p, st, crew, 0) if crew >= 0 else 0
    if draw < weights[RUIN_WEAK]:
        return _ruin_weak_crews(p, st, 0)
    if draw < weights[RUIN_AUTHORITY]:
        return _ruin_authority(p, st, 0)
    return _ruin_street_shift(p, st, 0)


@njit(cache=True, error_model="numpy")
def _add_deficient(p, st, n):  # type: ignore[no-untyped-def]
    """Put unused visits of up to three enterprises below their best on the list, in every third iteration."""
    at, c = st.at, st.cells
    if n > 0 and random(st) > 0.34:
        return n
    count = c[at.num_deficient]
    for _ in range(min(3, count)):
        e = c[at.deficient + below(st, count)]
        for v in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
            if c[at.visit_ss + v] < 0:
                there = False
                for k in range(n):
                    there = there or c[at.todo + k] == v
                if not there and n < MAX_TODO:
                    c[at.todo + n] = v
                    n += 1
    return n


@njit(cache=True, error_model="numpy")
def _sort_todo(p, st, n):  # type: ignore[no-untyped-def]
    """Order the list by one of: chance, parts, length, choice of slots; pinned visits always come first."""
    at, c = st.at, st.cells
    rule = below(st, 4)
    for k in range(n):
        v = c[at.todo + k]
        mode = p.ints[p.at.ent_modes + p.ints[p.at.visit_ent + v]]
        key = random(st)
        if rule == 1:
            key -= p.ints[p.at.mode_parts + mode + 1] - p.ints[p.at.mode_parts + mode]
        elif rule == 2:
            key -= p.ints[p.at.mode_longest + mode] * 0.05
        elif rule == 3:
            for w in range(p.at.num_words):
                word = p.words[p.at.mode_words + mode * p.at.num_words + w]
                while word:
                    word &= word - np.uint64(1)
                    key += 0.05
        st.floats[MAX_SPANS + k] = key - 1e6 * p.ints[p.at.visit_pinned + v]
    for i in range(1, n):
        v, key = c[at.todo + i], st.floats[MAX_SPANS + i]
        j = i - 1
        while j >= 0 and st.floats[MAX_SPANS + j] > key:
            c[at.todo + j + 1], st.floats[MAX_SPANS + j + 1] = c[at.todo + j], st.floats[MAX_SPANS + j]
            j -= 1
        c[at.todo + j + 1], st.floats[MAX_SPANS + j + 1] = v, key


@njit(cache=True, error_model="numpy")
def _pins_first(p, st, v):  # type: ignore[no-untyped-def]
    """R26: no further visit of an enterprise before its pinned ones stand."""
    if p.ints[p.at.visit_pinned + v]:
        return True
    e = p.ints[p.at.visit_ent + v]
    for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
        if p.ints[p.at.visit_pinned + other] and st.cells[st.at.visit_ss + other] < 0:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def construct(p, st, order, weights, best, best_totals):  # type: ignore[no-untyped-def]
    """Insert every visit that has no place once in the given order; copy the result to `best`."""
    for v in order:
        if st.cells[st.at.visit_ss + v] < 0 and _pins_first(p, st, v):
            insert_visit(p, st, v, weights, 0.0, 0.0)
        st.longs[LOG] = 0
    best[:] = st.cells[: st.at.essential]
    best_totals[:] = st.longs[:NUM_TOTALS]


@njit(cache=True, nogil=True, error_model="numpy")
def anneal(p, st, weights, iterations, hot, cold, best, best_totals):  # type: ignore[no-untyped-def]
    """Run so many iterations, cooling from `hot` to `cold`; `best` keeps the best in the order of tiers."""
    at, c = st.at, st.cells
    before = np.zeros(NUM_TOTALS, dtype=np.int64)
    for k in range(iterations):
        heat = hot * (cold / hot) ** (k / iterations)
        st.longs[LOG] = 0
        before[:] = st.longs[:NUM_TOTALS]
        cost = weighted(p, st, weights)
        n = _ruin(p, st, weights)
        n = _add_deficient(p, st, n)
        _sort_todo(p, st, n)
        for i in range(n):
            if _pins_first(p, st, c[at.todo + i]):
                insert_visit(p, st, c[at.todo + i], weights, weights[BLINK], weights[LATE])
        change = weighted(p, st, weights) - cost
        if change > 0 and random(st) >= np.exp(-change / heat):
            undo(st)
            restore(st, before)
        elif better(st.longs, best_totals):
            best[:] = st.cells[: st.at.essential]
            best_totals[:] = st.longs[:NUM_TOTALS]


@njit(cache=True, nogil=True, error_model="numpy")
def restart_from(p, st, essential):  # type: ignore[no-untyped-def]
    """Continue from another solution."""
    rebuild(p, st, essential)
