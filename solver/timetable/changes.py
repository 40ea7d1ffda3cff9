"""Changes of the state: crews out of pools and back, nodes into routes and out, visits placed and removed."""

from __future__ import annotations

import numpy as np

from solver.timetable.jit import allocating, entry, inner
from solver.timetable.problem import ANY_CREW
from solver.timetable.state import (
    BUCKET,
    CREW,
    CREW_CELLS,
    CREW_NEXT,
    CREW_PREV,
    CREWS,
    DAYS,
    DOORS,
    END,
    FIT,
    HEAD,
    HOME,
    LEG,
    LOG,
    NEXT,
    NODE_CELLS,
    ON_TIME,
    OUT,
    PINNED,
    PLACE,
    PREV,
    START,
    STOPS,
    TRAVEL,
    UNEVEN,
    WEIGHT,
    clear,
    put,
    set_bit,
    stamp,
)


@inner
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


@inner
def _count_shared(p, st, i, pool, bits, slot, step, d):  # type: ignore[no-untyped-def]
    """Count a crew of a shared pool; where that matters to streets, of district d or (-1) all, stamp them."""
    over = st.cells[i] + step
    put(st, i, over)
    set_bit(st, bits, slot, pool > over)
    left, before = max(0, pool - over), max(0, pool - over + step)
    if min(left, p.at.most_crews) != min(before, p.at.most_crews):
        for street in range(p.at.num_streets):
            if d < 0 or p.ints[p.at.street_district + street] == d:
                stamp(st, street * p.at.num_slots + slot)


@inner
def count_crew(p, st, a, street, slot, step):  # type: ignore[no-untyped-def]
    """Count one crew more (step 1) or less (step -1) in the pools, street's own first."""
    at, c, words = st.at, st.cells, p.at.num_words
    b = at.bucket_crews + (street * p.at.num_slots + slot) * p.at.num_authorities + a
    used = c[b]
    put(st, b, used + step)
    bits = (street * p.at.num_authorities + a) * words
    own = p.ints[p.at.crews_street + (a * p.at.num_streets + street) * p.at.num_slots + slot]
    set_bit(st, at.room_street + bits, slot, own > used + step)
    if max(used, used + step) > own:
        d = p.ints[p.at.street_district + street]
        k = (a * p.at.num_districts + d) * p.at.num_slots + slot
        over, pool = c[at.over_street + k], p.ints[p.at.crews_district + k]
        _count_shared(
            p, st, at.over_street + k, pool, at.room_district + (d * p.at.num_authorities + a) * words, slot, step, d
        )
        if max(over, over + step) > pool:
            k = a * p.at.num_slots + slot
            pool = p.ints[p.at.crews_city + k]
            _count_shared(p, st, at.over_district + k, pool, at.room_city + a * words, slot, step, -1)


@inner
def new_crew(p, st, a, street, slot):  # type: ignore[no-untyped-def]
    """Take a free crew into a street shift and return it (R13: it stays there)."""
    at, c = st.at, st.cells
    top = c[at.free_top] - 1
    crew = c[at.free_crew + top]
    put(st, at.free_top, top)
    bucket = (street * p.at.num_slots + slot) * p.at.num_authorities + a
    head = c[at.bucket_head + bucket]
    k = at.crews + CREW_CELLS * crew
    put(st, k + BUCKET, bucket)
    put(st, k + HEAD, -1)
    put(st, k + STOPS, 0)
    put(st, k + CREW_NEXT, head)
    put(st, k + CREW_PREV, -1)
    put(st, k + FIT, 0)
    if head >= 0:
        put(st, at.crews + CREW_CELLS * head + CREW_PREV, crew)
    put(st, at.bucket_head + bucket, crew)
    count_crew(p, st, a, street, slot, 1)
    c[CREWS] += 1
    return crew


@inner
def _free_crew(p, st, crew, a, street, slot):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    k = at.crews + CREW_CELLS * crew
    before, after = c[k + CREW_PREV], c[k + CREW_NEXT]
    if before >= 0:
        put(st, at.crews + CREW_CELLS * before + CREW_NEXT, after)
    else:
        put(st, at.bucket_head + c[k + BUCKET], after)
    if after >= 0:
        put(st, at.crews + CREW_CELLS * after + CREW_PREV, before)
    top = c[at.free_top]
    put(st, at.free_crew + top, crew)
    put(st, at.free_top, top + 1)
    count_crew(p, st, a, street, slot, -1)
    c[CREWS] -= 1
    _fit_bucket(p, st, c[k + BUCKET])


@inner
def _longest_part(p, st, crew, slot):  # type: ignore[no-untyped-def]
    """Minutes of the longest part that a gap of a crew's route may hold, wherever its enterprise is (R14, R21)."""
    c = st.cells
    leave, out, longest = p.ints[p.at.slot_lo + slot], 0, 0
    node = c[st.at.crews + CREW_CELLS * crew + HEAD]
    while node >= 0:
        r = st.at.nodes + NODE_CELLS * node
        longest = max(longest, c[r + START] - c[r + LEG] - p.at.buffer - leave)
        leave, out = c[r + END] + p.at.buffer, c[r + OUT]
        node = c[r + NEXT]
    return max(longest, p.ints[p.at.slot_hi + slot] - out - leave) + UNEVEN


@inner
def _fit_bucket(p, st, bucket):  # type: ignore[no-untyped-def]
    """Say anew for which classes of parts a crew of a bucket has room."""
    at, c = st.at, st.cells
    longest = ANY_CREW - 1
    crew = c[at.bucket_head + bucket]
    while crew >= 0:
        longest = max(longest, c[at.crews + CREW_CELLS * crew + FIT])
        crew = c[at.crews + CREW_CELLS * crew + CREW_NEXT]
    fitting, before = 0, c[at.bucket_fit + bucket]
    while fitting < p.at.num_classes and p.ints[p.at.class_min + fitting] <= longest:
        fitting += 1
    if fitting == before:
        return
    put(st, at.bucket_fit + bucket, fitting)
    a, ss = bucket % p.at.num_authorities, bucket // p.at.num_authorities
    bits = ss // p.at.num_slots * p.at.num_authorities + a
    for k in range(min(before, fitting), max(before, fitting)):
        row = at.fits + (bits * p.at.num_classes + k) * p.at.num_words
        set_bit(st, row, ss % p.at.num_slots, fitting > before)


@inner
def _fit_anew(p, st, crew):  # type: ignore[no-untyped-def]
    """Say anew how long a part a crew could still take on."""
    c, k = st.cells, st.at.crews + CREW_CELLS * crew
    bucket, before = c[k + BUCKET], c[k + FIT]
    longest = _longest_part(p, st, crew, bucket // p.at.num_authorities % p.at.num_slots)
    if longest != before:
        put(st, k + FIT, longest)
        _fit_bucket(p, st, bucket)


@inner
def _is_home(p, v, slot):  # type: ignore[no-untyped-def]
    return (p.ints[p.at.home_words + v * p.at.num_words + (slot >> 6)] >> (slot & 63)) & 1


@inner
def _on_time(p, node, start, slot):  # type: ignore[no-untyped-def]
    """Say (1 or 0) whether a part begins when it is wanted, in the slot that is its visit's home."""
    if p.ints[p.at.node_home + node] != start:
        return 0
    return _is_home(p, p.ints[p.at.node_visit + node], slot)


@inner
def link_node(p, st, e, node, crew, before, start, minutes):  # type: ignore[no-untyped-def]
    """Put a node of an enterprise into a crew's route behind another (or first, -1) and count its travel (R22)."""
    at, c = st.at, st.cells
    k, r, row = at.crews + CREW_CELLS * crew, at.nodes + NODE_CELLS * node, p.ints[p.at.ent_row + e]
    b = at.nodes + NODE_CELLS * before
    after = c[b + NEXT] if before >= 0 else c[k + HEAD]
    come = p.legs[p.at.legs_back + row + (c[b + PLACE] if before >= 0 else 0)]
    put(st, r + START, start)
    put(st, r + END, start + minutes)
    put(st, r + CREW, crew)
    put(st, r + PREV, before)
    put(st, r + NEXT, after)
    put(st, r + LEG, come)
    put(st, (b + NEXT) if before >= 0 else (k + HEAD), node)
    detour = come
    if after >= 0:
        f = at.nodes + NODE_CELLS * after
        go = p.legs[row + c[f + PLACE]]
        detour += go - c[f + LEG]
        put(st, f + PREV, node)
        put(st, f + LEG, go)
    else:
        detour += c[r + OUT]
        if before >= 0:
            detour -= c[b + OUT]
    put(st, k + STOPS, c[k + STOPS] + 1)
    c[TRAVEL] += detour
    if p.at.num_homes > 0:
        c[ON_TIME] += _on_time(p, node, start, c[k + BUCKET] // p.at.num_authorities % p.at.num_slots)
    _fit_anew(p, st, crew)


@inner
def _unlink_node(p, st, node, street, slot):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    r = at.nodes + NODE_CELLS * node
    crew, before, after = c[r + CREW], c[r + PREV], c[r + NEXT]
    k, b = at.crews + CREW_CELLS * crew, at.nodes + NODE_CELLS * before
    put(st, (b + NEXT) if before >= 0 else (k + HEAD), after)
    put(st, r + CREW, -1)
    detour = c[r + LEG]
    if after >= 0:
        f = at.nodes + NODE_CELLS * after
        here = c[b + PLACE] if before >= 0 else 0
        base = p.ints[p.at.street_legs + street]
        straight = p.legs[base + here * p.ints[p.at.street_places + street] + c[f + PLACE]]
        detour += c[f + LEG] - straight
        put(st, f + PREV, before)
        put(st, f + LEG, straight)
    else:
        detour += c[r + OUT]
        if before >= 0:
            detour -= c[b + OUT]
    stops = c[k + STOPS] - 1
    put(st, k + STOPS, stops)
    c[TRAVEL] -= detour
    if p.at.num_homes > 0:
        c[ON_TIME] -= _on_time(p, node, c[r + START], slot)
    if stops == 0:
        _free_crew(p, st, crew, p.ints[p.at.node_authority + node], street, slot)
    else:
        _fit_anew(p, st, crew)


@inner
def _count_weight(p, st, e, change):  # type: ignore[no-untyped-def]
    """Change the served weight of an enterprise and keep the list of those below their best."""
    at, c = st.at, st.cells
    weight = c[at.ent_weight + e] + change
    put(st, at.ent_weight + e, weight)
    c[WEIGHT] += change
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


@inner
def _open_slots(p, st, street):  # type: ignore[no-untyped-def]
    """Say anew which slots of a street are open to a further visit.

    R29: a street shift has at most `max_shift_visits`. R30: a street has at most `max_street_days` joint days in a
    month, so that with these all taken only they stay open.
    """
    at, c, slots = st.at, st.cells, p.at.num_slots
    for slot in range(slots):
        full = 0 < p.at.max_shift_visits <= c[at.ss_visits + street * slots + slot]
        day = c[at.day_visits + street * p.at.num_days + p.ints[p.at.slot_day + slot]]
        days = c[at.month_days + street * p.at.num_months + p.ints[p.at.slot_month + slot]]
        spent = day == 0 and 0 < p.at.max_street_days <= days
        set_bit(st, at.open + street * p.at.num_words, slot, not (full or spent))


@inner
def _count_visit(p, st, e, ss, mode, v, step):  # type: ignore[no-untyped-def]
    """Count a visit (step 1) or take it back (-1): weight, door, joint day, what is open."""
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    put(st, at.ss_visits + ss, c[at.ss_visits + ss] + step)
    day = at.day_visits + street * p.at.num_days + p.ints[p.at.slot_day + slot]
    before = c[day]
    put(st, day, before + step)
    if before == 0 or before + step == 0:
        month = at.month_days + street * p.at.num_months + p.ints[p.at.slot_month + slot]
        put(st, month, c[month] + step)
        c[DAYS] += step
    if p.at.max_shift_visits > 0 or p.at.max_street_days > 0:
        _open_slots(p, st, street)
    c[DOORS] += step
    c[PINNED] += step * p.ints[p.at.visit_pinned + v]
    c[HOME] += step * _is_home(p, v, slot)
    _count_weight(p, st, e, step * p.ints[p.at.mode_weight + mode])
    stamp(st, ss)


@inner
def use_visit(p, st, v, mode, ss):  # type: ignore[no-untyped-def]
    """Mark a visit as placed: its items, weight, door and joint day; its nodes are linked by the caller."""
    at = st.at
    put(st, at.visit_ss + v, ss)
    put(st, at.visit_mode + v, mode)
    for k in range(p.ints[p.at.mode_items + mode], p.ints[p.at.mode_items + mode + 1]):
        put(st, at.item_visit + p.ints[p.at.mode_item + k], v)
    _count_visit(p, st, p.ints[p.at.visit_ent + v], ss, mode, v, 1)


@inner
def forget_visit(p, st, v):  # type: ignore[no-untyped-def]
    """Mark a visit as not placed, the reverse of :func:`use_visit`."""
    at, c = st.at, st.cells
    ss, mode = c[at.visit_ss + v], c[at.visit_mode + v]
    put(st, at.visit_ss + v, -1)
    put(st, at.visit_mode + v, -1)
    for k in range(p.ints[p.at.mode_items + mode], p.ints[p.at.mode_items + mode + 1]):
        put(st, at.item_visit + p.ints[p.at.mode_item + k], -1)
    _count_visit(p, st, p.ints[p.at.visit_ent + v], ss, mode, v, -1)


@entry
def remove_visit(p, st, v):  # type: ignore[no-untyped-def]
    """Take a placed visit out with all its nodes; crews left without a stop become free."""
    at, c = st.at, st.cells
    ss = c[at.visit_ss + v]
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    for node in range(p.ints[p.at.visit_nodes + v], p.ints[p.at.visit_nodes + v + 1]):
        if c[at.nodes + NODE_CELLS * node + CREW] >= 0:
            _unlink_node(p, st, node, street, slot)
    forget_visit(p, st, v)


@allocating
def rebuild(p, st, essential):  # type: ignore[no-untyped-def]
    """Load a solution (a copy of the essential cells) into the state."""
    clear(p, st)
    at, c = st.at, st.cells
    crews = 0
    for node in range(p.at.num_nodes):
        crews = max(crews, essential[at.nodes + NODE_CELLS * node + CREW] + 1)
    crew_of = np.full(crews, -1, dtype=np.int64)
    last = np.full(crews, -1, dtype=np.int64)
    starts = np.empty(p.at.num_nodes, dtype=np.int64)
    for node in range(p.at.num_nodes):
        starts[node] = essential[at.nodes + NODE_CELLS * node + START]
    for v in range(p.at.num_visits):
        if essential[at.visit_ss + v] >= 0:
            use_visit(p, st, v, essential[at.visit_mode + v], essential[at.visit_ss + v])
            c[LOG] = 0
    for node in np.argsort(starts, kind="mergesort"):
        r = at.nodes + NODE_CELLS * node
        old = essential[r + CREW]
        if old < 0:
            continue
        v = p.ints[p.at.node_visit + node]
        ss = c[at.visit_ss + v]
        if crew_of[old] < 0:
            street, slot = ss // p.at.num_slots, ss % p.at.num_slots
            crew_of[old] = new_crew(p, st, p.ints[p.at.node_authority + node], street, slot)
        minutes = essential[r + END] - essential[r + START]
        link_node(p, st, p.ints[p.at.visit_ent + v], node, crew_of[old], last[old], essential[r + START], minutes)
        last[old] = node
        c[LOG] = 0
