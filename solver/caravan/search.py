"""Ruin and recreate over caravans: visits out of their routes, and back where fewest crews join, then least travel."""

from __future__ import annotations

import numpy as np

from solver.caravan.changes import alight, crews_of, detour, fits, ride
from solver.timetable.changes import crews_left
from solver.timetable.insertion import below, caps_allow, items_free, lowest_bit, random, visited
from solver.timetable.jit import entry, inner
from solver.timetable.search import add_deficient, better, cost_of_change, pins_first, sort_todo
from solver.timetable.state import LOG, MAX_CARAVANS, MAX_LOG, MAX_RIDE, MAX_TODO, NUM_TOTALS, clear, undo

INFINITE = 1 << 60
ORDERS = 4
"""Orders in which visits are put back, see ``solver.timetable.search``."""

BLINK, HOME_WORTH = 0.02, 8_000
"""Chance that a caravan is passed over; worth of a visit at home, in minutes of travel."""

RELATED = 5
"""Visits that are taken out beside the first, at most, save where whole street shifts go."""


@inner
def _joining(p, st, mode, ss, car, limit):  # type: ignore[no-untyped-def]
    """Crews that would join a caravan (-1: make a new one) for a mode; as many as the limit when there are too few."""
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    joining = 0
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        a, more = p.ints[p.at.part_authority + part], p.ints[p.at.part_crews + part]
        if car >= 0:
            more = max(0, more - c[at.car_crews + car * p.at.num_authorities + a])
        joining += more
        if joining >= limit or (more > 0 and crews_left(p, st, a, street, slot) < more):
            return limit
    return joining


@inner
def _best_in(p, st, v, mode, ss, crew_cost, blink, best):  # type: ignore[no-untyped-def]
    """Return (cost, caravan, place of its route) of the best way to visit in a street shift, below a limit."""
    at, c = st.at, st.cells
    found, where, place = best, -2, 0
    for k in range(c[at.ss_size + ss]):
        car = c[at.ss_cars + MAX_CARAVANS * ss + k]
        if c[at.car_size + car] >= MAX_RIDE or (blink > 0.0 and random(st) < blink):
            continue
        limit = (found + crew_cost - 1) // crew_cost
        joining = _joining(p, st, mode, ss, car, limit)
        if joining >= limit:
            continue
        crews = crews_of(p, st, car) + joining
        for pos in range(c[at.car_size + car] + 1):
            cost = joining * crew_cost + detour(p, st, car, pos, v, ss) * crews + c[at.car_leg + car] * joining
            if cost < found and fits(p, st, car, pos, v, mode, ss):
                found, where, place = cost, car, pos
    if c[at.ss_size + ss] < MAX_CARAVANS:
        limit = (found + crew_cost - 1) // crew_cost
        joining = _joining(p, st, mode, ss, -1, limit)
        if joining < limit:
            cost = joining * crew_cost + detour(p, st, -1, 0, v, ss) * joining
            if cost < found and fits(p, st, -1, 0, v, mode, ss):
                found, where, place = cost, -1, 0
    return found, where, place


@inner
def _best_of_mode(p, st, v, mode, crew_cost, day_cost, blink, apart, best):  # type: ignore[no-untyped-def]
    """Return (cost, street shift, caravan, place) of the best way to have a mode, below a limit."""
    at, c, e = st.at, st.cells, p.ints[p.at.visit_ent + v]
    street, words = p.ints[p.at.ent_street + e], p.at.num_words
    several = p.ints[p.at.ent_visits + e + 1] - p.ints[p.at.ent_visits + e] > 1
    found, at_ss, car, pos = best, -1, -2, 0
    for w in range(words):
        slots = p.ints[p.at.mode_words + mode * words + w] & p.ints[p.at.visit_words + v * words + w]
        slots &= c[at.open + street * words + w]
        home = p.ints[p.at.home_words + v * words + w]
        while slots != 0:
            slot = 64 * w + lowest_bit(slots)  # type: ignore[call-arg]
            slots &= slots - 1
            ss = street * p.at.num_slots + slot
            if several and ((apart and visited(p, st, e, ss)) or not caps_allow(p, st, e, v, mode, slot)):
                continue
            extra = 0
            if c[at.day_visits + street * p.at.num_days + p.ints[p.at.slot_day + slot]] == 0:
                extra = day_cost
            if home != 0 and (home >> (slot & 63)) & 1 == 0:
                extra += HOME_WORTH
            if extra >= found:
                continue
            cost, where, place = _best_in(p, st, v, mode, ss, crew_cost, blink, found - extra)
            if where > -2 and cost + extra < found:
                found, at_ss, car, pos = cost + extra, ss, where, place
    return found, at_ss, car, pos


@entry
def put_back(p, st, v, weights, blink):  # type: ignore[no-untyped-def]
    """Place a visit where it serves most weight, then costs least; return whether a place was found.

    Where only items without weight are left there is no visit, unless it is pinned (R26).
    """
    e = p.ints[p.at.visit_ent + v]
    crew_cost, day_cost = int(weights[2]), int(weights[3])
    first, end = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]
    several = p.ints[p.at.ent_visits + e + 1] - p.ints[p.at.ent_visits + e] > 1
    for attempt in range(2 if several else 1):
        mode = first
        while mode < end:
            weight = p.ints[p.at.mode_weight + mode]
            if weight == 0 and not p.ints[p.at.visit_pinned + v]:
                break
            best, best_mode, at_ss, car, pos = INFINITE, -1, -1, -2, 0
            while mode < end and p.ints[p.at.mode_weight + mode] == weight:
                if not several or items_free(p, st, mode):
                    cost, ss, with_, place = _best_of_mode(
                        p, st, v, mode, crew_cost, day_cost, blink, attempt == 0, best
                    )
                    if ss >= 0 and cost < best:
                        best, best_mode, at_ss, car, pos = cost, mode, ss, with_, place
                mode += 1
            if at_ss >= 0:
                ride(p, st, v, best_mode, at_ss, car, pos)
                return True
    return False


@entry
def board(p, st, v, mode, ss, car, pos):  # type: ignore[no-untyped-def]
    """Put a visit of a given timetable into a caravan (-1: a new one)."""
    ride(p, st, v, mode, ss, car, pos)
    st.cells[LOG] = 0


@inner
def _take(p, st, v, n):  # type: ignore[no-untyped-def]
    """Take a visit out, if it is placed and may be, and put it on the list; return the list's length."""
    if n < MAX_TODO and st.cells[st.at.visit_ss + v] >= 0 and not p.ints[p.at.visit_fixed + v]:
        alight(p, st, v)
        st.cells[st.at.todo + n] = v
        return n + 1
    return n


@inner
def _take_caravan(p, st, car, n):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    k = c[at.car_size + car] - 1
    while k >= 0:
        n = _take(p, st, c[at.car_ride + MAX_RIDE * car + k], n)
        k -= 1
    return n


@inner
def _ruin(p, st):  # type: ignore[no-untyped-def]
    """Take related visits out: neighbours, caravans of one street shift, caravans at random, visits at random."""
    at, c = st.at, st.cells
    n, kind = 0, random(st)
    v = below(st, p.at.num_visits)
    for _ in range(20):
        if c[at.visit_ss + v] >= 0:
            break
        v = below(st, p.at.num_visits)
    if c[at.visit_ss + v] < 0:
        return 0
    if kind < 0.35:
        e = p.ints[p.at.visit_ent + v]
        n = _take(p, st, v, n)
        count, wanted = p.at.num_neighbours, 1 + below(st, RELATED)
        for _ in range(4 * RELATED):
            if n > wanted or count == 0:
                break
            other = p.ints[p.at.neighbours + e * count + below(st, count)]
            if other >= 0:
                for w in range(p.ints[p.at.ent_visits + other], p.ints[p.at.ent_visits + other + 1]):
                    n = _take(p, st, w, n)
    elif kind < 0.75:
        cars = 1 + below(st, 3)
        for _ in range(cars):
            for _ in range(20):
                w = below(st, p.at.num_visits)
                if c[at.visit_ss + w] >= 0:
                    n = _take_caravan(p, st, c[at.visit_car + w], n)
                    break
    elif kind < 0.85:
        ss, cars = c[at.visit_ss + v], 2 + below(st, 3)
        if random(st) < 0.1:
            cars = MAX_CARAVANS  # the whole street shift
        while cars > 0 and n < MAX_TODO // 2:
            size = c[at.ss_size + ss]
            before = n
            if size > 0:
                n = _take_caravan(p, st, c[at.ss_cars + MAX_CARAVANS * ss + below(st, size)], n)
            cars = 0 if n == before else cars - 1
    else:
        n = _take(p, st, v, n)
        for _ in range(below(st, RELATED)):
            n = _take(p, st, below(st, p.at.num_visits), n)
    return n


@entry
def save(st, best, best_totals):  # type: ignore[no-untyped-def]
    """Copy the solution."""
    for k in range(len(best)):
        best[k] = st.cells[k]
    for k in range(NUM_TOTALS):
        best_totals[k] = st.cells[k]


@entry
def load(p, st, best):  # type: ignore[no-untyped-def]
    """Go on from a saved solution."""
    clear(p, st)
    for k in range(len(best)):
        st.cells[k] = best[k]
    st.cells[LOG] = 0


@entry
def fill(p, st, order, weights, best, best_totals):  # type: ignore[no-untyped-def]
    """Insert every visit that has no place once in the given order; copy the result to `best`."""
    for v in order:
        if st.cells[st.at.visit_ss + v] < 0 and pins_first(p, st, v):
            put_back(p, st, v, weights, 0.0)
        st.cells[LOG] = 0
    save(st, best, best_totals)


@entry
def anneal(p, st, weights, iterations, hot, cold, best, best_totals):  # type: ignore[no-untyped-def]
    """Run so many iterations, cooling from `hot` to `cold`; `best` keeps the best in the order of tiers."""
    at, c = st.at, st.cells
    for k in range(iterations):
        heat = hot * (cold / hot) ** (k / iterations)
        c[LOG] = 0
        for i in range(NUM_TOTALS):
            c[at.before + i] = c[i]
        n = add_deficient(p, st, _ruin(p, st))
        sort_todo(p, st, n, ORDERS)
        for i in range(n):
            if c[LOG] < MAX_LOG // 2 and pins_first(p, st, c[at.todo + i]):
                put_back(p, st, c[at.todo + i], weights, BLINK)
        change = cost_of_change(c, at.before, weights)
        if change > 0 and random(st) >= np.exp(-change / heat):
            undo(st)
            for i in range(NUM_TOTALS):
                c[i] = c[at.before + i]
            continue
        if better(p, c, best_totals):
            save(st, best, best_totals)
