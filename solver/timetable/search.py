"""Ruin and recreate: take a few related visits out, put them back where they cost least, keep or undo."""

from __future__ import annotations

import numpy as np

from solver.timetable.insertion import below, insert_visit, random
from solver.timetable.jit import entry, inner
from solver.timetable.ruins import BLINK, LATE, RULES, ruin
from solver.timetable.state import (
    CREWS,
    DAYS,
    DOORS,
    HOME,
    LOG,
    MAX_DIRTY,
    MAX_LOG,
    MAX_TODO,
    NODE_CELLS,
    NUM_TOTALS,
    ON_TIME,
    PINNED,
    START,
    TRAVEL,
    WEIGHT,
    undo,
)

NUM_TIERS = 5

PIN_WORTH = 1e30
"""Worth of keeping a pin, above any change of the other terms."""

AT_HOME = 20
"""Cell of the weights behind those of insertion: worth of a visit at home, between a unit of weight and the next."""

ON_TIME_WORTH = 60.0
"""Worth of a part on time, in minutes of travel."""


@inner
def cost_of_change(now, before, weights):  # type: ignore[no-untyped-def]
    """What the annealing compares: changes of the terms with weights that keep the tiers nearly apart."""
    change = weights[1] * (now[DOORS] - now[before + DOORS]) + weights[2] * (now[CREWS] - now[before + CREWS])
    change += weights[3] * (now[DAYS] - now[before + DAYS]) + float(now[TRAVEL] - now[before + TRAVEL])
    change -= weights[0] * (now[WEIGHT] - now[before + WEIGHT])
    home = weights[AT_HOME] * (now[HOME] - now[before + HOME])
    change -= home + ON_TIME_WORTH * (now[ON_TIME] - now[before + ON_TIME])
    return change - PIN_WORTH * (now[PINNED] - now[before + PINNED])


@entry
def better(p, a, b):  # type: ignore[no-untyped-def]
    """Say whether totals a come before b: pins, weight, visits at home, parts on time, the other tiers in order."""
    if a[PINNED] != b[PINNED]:
        return a[PINNED] > b[PINNED]
    if a[WEIGHT] != b[WEIGHT]:
        return a[WEIGHT] > b[WEIGHT]
    for k in (HOME, ON_TIME):
        if a[k] != b[k]:
            return a[k] > b[k]
    for tier in range(p.at.tiers + 1, p.at.tiers + NUM_TIERS):
        k = p.ints[tier]
        if a[k] != b[k]:
            return a[k] < b[k]
    return False


@inner
def add_deficient(p, st, n):  # type: ignore[no-untyped-def]
    """Put unused visits of up to three enterprises below their best on the list, in every third iteration."""
    at, c = st.at, st.cells
    if n > 0 and random(st) > 0.34:
        return n
    count = c[at.num_deficient]
    for _ in range(min(3, count)):
        e = c[at.deficient + below(st, count)]
        if c[at.owned + e] == 0:
            continue
        for v in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
            if c[at.visit_ss + v] < 0:
                there = False
                for k in range(n):
                    there = there or c[at.todo + k] == v
                if not there and n < MAX_TODO:
                    c[at.todo + n] = v
                    n += 1
    return n


@inner
def _key(p, st, v, rule):  # type: ignore[no-untyped-def]
    """Place of a visit in the order, in thousandths: chance, and by the rule its parts, length or choice of slots."""
    at, c = st.at, st.cells
    mode = p.ints[p.at.ent_modes + p.ints[p.at.visit_ent + v]]
    key = below(st, 1000) - 1_000_000_000 * p.ints[p.at.visit_pinned + v]
    if rule == 1:
        key -= 1000 * (p.ints[p.at.mode_parts + mode + 1] - p.ints[p.at.mode_parts + mode])
    elif rule == 2:
        key -= 50 * p.ints[p.at.mode_longest + mode]
    elif rule == 3:
        for w in range(p.at.num_words):
            word = p.ints[p.at.mode_words + mode * p.at.num_words + w]
            while word != 0:
                word &= word - 1
                key += 50
    elif rule == 4:
        key = 1000 * c[at.nodes + NODE_CELLS * p.ints[p.at.visit_nodes + v] + START] + key
    return key


@inner
def sort_todo(p, st, n, rules):  # type: ignore[no-untyped-def]
    """Order the list by one of: chance, parts, length, choice of slots; pinned visits always come first."""
    at, c = st.at, st.cells
    rule = below(st, rules)
    for i in range(n):
        v = c[at.todo + i]
        key = _key(p, st, v, rule)
        j = i - 1
        while j >= 0 and c[at.keys + j] > key:
            c[at.todo + j + 1], c[at.keys + j + 1] = c[at.todo + j], c[at.keys + j]
            j -= 1
        c[at.todo + j + 1], c[at.keys + j + 1] = v, key


@inner
def pins_first(p, st, v):  # type: ignore[no-untyped-def]
    """R26: no further visit of an enterprise before its pinned ones stand."""
    if p.ints[p.at.visit_pinned + v]:
        return True
    e = p.ints[p.at.visit_ent + v]
    for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
        if p.ints[p.at.visit_pinned + other] and st.cells[st.at.visit_ss + other] < 0:
            return False
    return True


@inner
def _note_changes(st):  # type: ignore[no-untyped-def]
    """Add what was written to the cells in which the best may differ; beyond MAX_DIRTY of them all may."""
    at, c = st.at, st.cells
    n = c[at.num_dirty]
    if n < 0:
        return
    for k in range(at.log, at.log + 2 * c[LOG], 2):
        if c[k] < at.essential:
            if n == MAX_DIRTY:
                n = -1
                break
            c[at.dirty + n] = c[k]
            n += 1
    c[at.num_dirty] = n


@inner
def _save(st, best, best_totals):  # type: ignore[no-untyped-def]
    """Copy the solution to `best`: only what may differ, for a copy of all would cost more than an iteration."""
    at, c = st.at, st.cells
    n = c[at.num_dirty]
    if n < 0:
        for k in range(at.essential):
            best[k] = c[k]
    else:
        for k in range(at.dirty, at.dirty + n):
            best[c[k]] = c[c[k]]
    for k in range(NUM_TOTALS):
        best_totals[k] = c[k]
    c[at.num_dirty] = 0


@entry
def save_all(st, best, best_totals):  # type: ignore[no-untyped-def]
    """Copy the solution to `best`, whatever that was."""
    st.cells[st.at.num_dirty] = -1
    _save(st, best, best_totals)


@entry
def construct(p, st, order, weights, best, best_totals):  # type: ignore[no-untyped-def]
    """Insert every visit that has no place once in the given order; copy the result to `best`."""
    for v in order:
        if st.cells[st.at.visit_ss + v] < 0 and pins_first(p, st, v):
            insert_visit(p, st, v, weights, 0.0, 0.0)
        st.cells[LOG] = 0
    save_all(st, best, best_totals)


@entry
def anneal(p, st, weights, iterations, hot, cold, best, best_totals):  # type: ignore[no-untyped-def]
    """Run so many iterations, cooling from `hot` to `cold`; `best` keeps the best in the order of tiers."""
    at, c = st.at, st.cells
    for k in range(iterations):
        heat = hot * (cold / hot) ** (k / iterations)
        c[LOG] = 0
        for i in range(NUM_TOTALS):
            c[at.before + i] = c[i]
        n = add_deficient(p, st, ruin(p, st, weights))
        sort_todo(p, st, n, int(weights[RULES]))
        for i in range(n):
            if c[LOG] < MAX_LOG // 2 and pins_first(p, st, c[at.todo + i]):
                insert_visit(p, st, c[at.todo + i], weights, weights[BLINK], weights[LATE])
        change = cost_of_change(c, at.before, weights)
        if change > 0 and random(st) >= np.exp(-change / heat):
            undo(st)
            for i in range(NUM_TOTALS):
                c[i] = c[at.before + i]
            continue
        _note_changes(st)
        if better(p, c, best_totals):
            _save(st, best, best_totals)
