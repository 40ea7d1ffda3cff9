"""Insertion: the cheapest place of a visit, evaluated exactly against crews' free times, and carrying it out.

The parts of a visit lie in a window of ``[x, x + W]`` with W the longest part plus stretch (R08),
at most the longest visit (R10). A gap of a crew's
route lets a part of length L start within [a, b]; the window then starts within ``[a - (W - L), b]``. The cost of a
window is piecewise constant in x and is least at the left end of one of these spans, so only those are tried.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from solver.timetable.state import MAX_SPANS, crews_left, leg, link_node, new_crew, use_visit

INFINITE = 1e300
MERGED = 0.5
"""Chance that a visit of an enterprise with several is first tried as one of those that the exact merge chose."""
START, CREW, BEFORE, NODE, LAST = range(5)
"""Rows of a choice, a column for each node: its start, crew, node before, offset in the visit, latest start."""


@njit(cache=True, error_model="numpy")
def random(st):  # type: ignore[no-untyped-def]
    """Uniform number in [0, 1) from the state's own generator (xorshift64*)."""
    x = st.rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    st.rng[0] = x
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True, error_model="numpy")
def below(st, n):  # type: ignore[no-untyped-def]
    """Uniform integer from 0 to n - 1."""
    return min(n - 1, int(random(st) * n))


@njit(cache=True, error_model="numpy")
def _spans_of_part(p, st, e, ss, part, width, crew_cost, n):  # type: ignore[no-untyped-def]
    """List the spans of a part after the first `n`; return (spans, crews that can come, least cost of one).

    R09 opening hours, R14 legs with the buffer, R15 arrival before the start, R21 back by the shift's end.
    """
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    place, a, minutes = p.ints[p.at.ent_place + e], p.ints[p.at.part_authority + part], p.ints[p.at.part_min + part]
    lo, hi = (
        max(p.ints[p.at.slot_lo + slot], p.ints[p.at.ent_from + e]),
        min(p.ints[p.at.slot_hi + slot], p.ints[p.at.ent_to + e]),
    )
    out = leg(p, street, 0, place)
    cheapest, coming = INFINITE, 0
    crew = c[at.bucket_head + ss * p.at.num_authorities + a]
    while crew >= 0:
        before, after = -1, c[at.crew_head + crew]
        leave, here = p.ints[p.at.slot_lo + slot], 0
        found = False
        while True:
            reach = leave + leg(p, street, here, place)
            if before >= 0:
                reach += p.at.buffer
            if reach > hi - minutes:
                break
            if after >= 0:
                there = p.ints[p.at.ent_place + p.ints[p.at.visit_ent + p.ints[p.at.node_visit + after]]]
                latest = c[at.node_start + after] - leg(p, street, place, there) - p.at.buffer - minutes
            else:
                there = 0
                latest = p.ints[p.at.slot_hi + slot] - out - minutes
            first, last = max(reach, lo), min(latest, hi - minutes)
            if first <= last and n < MAX_SPANS:
                cost = float(leg(p, street, here, place) + leg(p, street, place, there) - leg(p, street, here, there))
                c[at.span_from + n] = first
                c[at.span_to + n] = last
                c[at.span_crew + n] = crew
                c[at.span_before + n] = before
                c[at.span_part + n] = part
                st.floats[n] = cost
                n += 1
                found = True
                cheapest = min(cheapest, cost)
            if after < 0:
                break
            before = after
            leave = c[at.node_start + after] + c[at.node_min + after]
            here = there
            after = c[at.node_next + after]
        if found:
            coming += 1
        crew = c[at.crew_next + crew]
    left = crews_left(p, st, a, street, slot)
    first, last = max(p.ints[p.at.slot_lo + slot] + out, lo), min(p.ints[p.at.slot_hi + slot] - out, hi) - minutes
    if left > 0 and first <= last:
        for _ in range(min(left, p.ints[p.at.part_crews + part])):
            if n < MAX_SPANS:
                c[at.span_from + n] = first
                c[at.span_to + n] = last
                c[at.span_crew + n] = -1
                c[at.span_before + n] = -1
                c[at.span_part + n] = part
                st.floats[n] = crew_cost + 2.0 * out
                n += 1
                coming += 1
        cheapest = min(cheapest, crew_cost + 2.0 * out)
    return n, coming, cheapest


@njit(cache=True, error_model="numpy")
def _pick_at(p, st, lo, hi, start, crews, node, k):  # type: ignore[no-untyped-def]
    """Choose the cheapest spans of one part that hold a start; write them as trial nodes; INFINITE if too few."""
    at, c = st.at, st.cells
    total = 0.0
    for q in range(crews):
        best, cost = -1, INFINITE
        for i in range(lo, hi):
            if c[at.span_from + i] <= start <= c[at.span_to + i] and st.floats[i] < cost:
                taken = False
                for r in range(k, k + q):
                    if c[at.trial + NODE * at.width + r] == i:
                        taken = True
                if not taken:
                    best, cost = i, st.floats[i]
        if best < 0:
            return INFINITE
        total += cost
        c[at.trial + NODE * at.width + k + q] = best
    for q in range(crews):
        i = c[at.trial + NODE * at.width + k + q]
        c[at.trial + START * at.width + k + q] = start
        c[at.trial + CREW * at.width + k + q] = c[at.span_crew + i]
        c[at.trial + BEFORE * at.width + k + q] = c[at.span_before + i]
        c[at.trial + LAST * at.width + k + q] = c[at.span_to + i]
        c[at.trial + NODE * at.width + k + q] = node + q
    return total


@njit(cache=True, error_model="numpy")
def _part_at(p, st, lo, hi, part, x, slack, k):  # type: ignore[no-untyped-def]
    """Cheapest way for a part whose window starts at x, its own start at most `slack` later (R17, R19, R20)."""
    at, c = st.at, st.cells
    crews, node = p.ints[p.at.part_crews + part], p.ints[p.at.part_node + part]
    if crews == 1:
        best, cost = -1, INFINITE
        for i in range(lo, hi):
            if st.floats[i] < cost and c[at.span_from + i] - slack <= x <= c[at.span_to + i]:
                best, cost = i, st.floats[i]
        if best >= 0:
            c[at.trial + START * at.width + k] = max(x, c[at.span_from + best])
            c[at.trial + CREW * at.width + k] = c[at.span_crew + best]
            c[at.trial + BEFORE * at.width + k] = c[at.span_before + best]
            c[at.trial + LAST * at.width + k] = c[at.span_to + best]
            c[at.trial + NODE * at.width + k] = node
        return cost
    # R18: all crews of an authority come at one minute: x itself, or when a further crew becomes free.
    start, cost = x, _pick_at(p, st, lo, hi, x, crews, node, k)
    for i in range(lo, hi):
        s = c[at.span_from + i]
        if x < s <= x + slack:
            other = _pick_at(p, st, lo, hi, s, crews, node, k)
            if other < cost:
                start, cost = s, other
    if cost < INFINITE:
        _pick_at(p, st, lo, hi, start, crews, node, k)
    return cost


@njit(cache=True, error_model="numpy")
def try_street_shift(p, st, e, mode, ss, crew_cost, limit):  # type: ignore[no-untyped-def]
    """Return the least cost (crews and travel) of a mode in a street shift if below `limit`, else INFINITE.

    On success the choice is copied to the best pick. R16: where parts start together there is no slack.
    """
    at, c = st.at, st.cells
    first, end = p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]
    width = p.ints[p.at.mode_longest + mode] + p.at.stretch
    if p.at.max_part > 0:
        width = min(width, p.at.max_part)
    n, least = 0, 0.0
    for part in range(first, end):
        n, coming, cheapest = _spans_of_part(p, st, e, ss, part, width, crew_cost, n)
        least += cheapest * p.ints[p.at.part_crews + part]
        if coming < p.ints[p.at.part_crews + part] or least >= limit:
            return INFINITE
    best = limit
    x_before = -1
    for i in range(n):
        slack = 0 if p.at.together else width - p.ints[p.at.part_min + c[at.span_part + i]]
        x = c[at.span_from + i] - slack
        if x == x_before:
            continue
        x_before = x
        total, lo, k = 0.0, 0, 0
        for part in range(first, end):
            hi = lo
            while hi < n and c[at.span_part + hi] == part:
                hi += 1
            room = 0 if p.at.together else width - p.ints[p.at.part_min + part]
            total += _part_at(p, st, lo, hi, part, x, room, k)
            if total >= best:
                break
            k += p.ints[p.at.part_crews + part]
            lo = hi
        if total < best:
            best = total
            for r in range(k):
                for f in range(5):
                    c[at.best_pick + f * at.width + r] = c[at.trial + f * at.width + r]
    return best if best < limit else INFINITE


@njit(cache=True, error_model="numpy")
def _caps_allow(p, st, e, v, mode, slot):  # type: ignore[no-untyped-def]
    """R24, R25: caps of the enterprise with its other visits as they stand."""
    at, c = st.at, st.cells
    counted = False
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        if p.ints[p.at.part_counted + part]:
            counted = True
    if not counted:
        return True
    for row in range(p.ints[p.at.ent_caps + e], p.ints[p.at.ent_caps + e + 1]):
        who, period = (
            p.ints[p.at.cap_who + row],
            p.ints[p.at.slot_period + p.ints[p.at.cap_kind + row] * p.at.num_slots + slot],
        )
        if not _counts(p, mode, who):
            continue
        used = 1
        for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
            ss = c[at.visit_ss + other]
            if (
                other != v
                and ss >= 0
                and p.ints[p.at.slot_period + p.ints[p.at.cap_kind + row] * p.at.num_slots + ss % p.at.num_slots]
                == period
            ) and _counts(p, c[at.visit_mode + other], who):
                used += 1
        if used > p.ints[p.at.cap_left + row * p.at.num_periods + period]:
            return False
    return True


@njit(cache=True, error_model="numpy")
def _counts(p, mode, who):  # type: ignore[no-untyped-def]
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        if p.ints[p.at.part_counted + part] and (who < 0 or p.ints[p.at.part_authority + part] == who):
            return True
    return False


@njit(cache=True, error_model="numpy")
def _items_free(p, st, mode):  # type: ignore[no-untyped-def]
    """R02: an item is served once."""
    for k in range(p.ints[p.at.mode_items + mode], p.ints[p.at.mode_items + mode + 1]):
        if st.cells[st.at.item_visit + p.ints[p.at.mode_item + k]] >= 0:
            return False
    return True


@njit(cache=True, error_model="numpy")
def _lower_crews(p, st, mode, ss):  # type: ignore[no-untyped-def]
    """New crews that a mode needs at least in a street shift; -1 when the pools cannot give them."""
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    total = 0
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        a = p.ints[p.at.part_authority + part]
        short = p.ints[p.at.part_crews + part] - st.cells[st.at.bucket_crews + ss * p.at.num_authorities + a]
        if short > 0:
            if crews_left(p, st, a, street, slot) < short:
                return -1
            total += short
    return total


@njit(cache=True, error_model="numpy")
def _best_of_mode(p, st, v, mode, weights, blink, apart, limit):  # type: ignore[no-untyped-def]
    """Return (cost, street shift) of the best place of a mode below `limit`, (INFINITE, -1) when there is none."""
    at, c = st.at, st.cells
    e = p.ints[p.at.visit_ent + v]
    street, slots = p.ints[p.at.ent_street + e], p.at.num_slots
    several = p.ints[p.at.ent_visits + e + 1] - p.ints[p.at.ent_visits + e] > 1
    most = 0
    for slot in range(slots):
        c[at.lower + slot] = -1
        word, bit = slot >> 6, np.uint64(slot & 63)
        if not (
            p.words[p.at.mode_words + mode * p.at.num_words + word]
            & p.words[p.at.visit_words + v * p.at.num_words + word]
        ) >> bit & np.uint64(1):
            continue
        if several:
            if apart and _visited(p, st, e, street * slots + slot):
                continue
            if not _caps_allow(p, st, e, v, mode, slot):
                continue
        if random(st) < blink:
            continue
        c[at.lower + slot] = _lower_crews(p, st, mode, street * slots + slot)
        most = max(most, c[at.lower + slot])
    best, where = limit, -1
    offset = below(st, slots)
    for level in range(most + 1):
        if level * weights[2] >= best:
            break
        for k in range(slots):
            slot = k + offset if k + offset < slots else k + offset - slots
            if c[at.lower + slot] != level:
                continue
            extra = 0.0
            if c[at.day_visits + street * p.at.num_days + p.ints[p.at.slot_day + slot]] == 0:
                extra = weights[3]
            if level * weights[2] + extra >= best:
                continue
            cost = try_street_shift(p, st, e, mode, street * slots + slot, weights[2], best - extra)
            if cost < INFINITE:
                best, where = cost + extra, street * slots + slot
    return (best, where) if where >= 0 else (INFINITE, -1)


@njit(cache=True, error_model="numpy")
def _visited(p, st, e, ss):  # type: ignore[no-untyped-def]
    for v in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
        if st.cells[st.at.visit_ss + v] == ss:
            return True
    return False


@njit(cache=True, error_model="numpy")
def _insert_merged(p, st, v, weights, blink, late):  # type: ignore[no-untyped-def]
    """Place a visit as one of those that the exact merge chose, the heaviest that is free; return whether it was."""
    e = p.ints[p.at.visit_ent + v]
    for mode in range(p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]):
        if p.ints[p.at.mode_merged + mode] and _items_free(p, st, mode):
            _, where = _best_of_mode(p, st, v, mode, weights, blink, True, INFINITE)
            if where >= 0:
                _carry_out(p, st, v, mode, where, late)
                return True
    return False


@njit(cache=True, error_model="numpy")
def insert_visit(p, st, v, weights, blink, late):  # type: ignore[no-untyped-def]
    """Place a visit where it serves most weight, then costs least; return whether a place was found.

    A visit begins as early as its place allows, with a chance of `late` at some later minute that costs the same.
    Where only items without weight are left there is no visit, unless it is pinned (R26).
    Visits of one enterprise keep to different street shifts unless nothing else is possible.
    """
    e = p.ints[p.at.visit_ent + v]
    first, end = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]
    several = p.ints[p.at.ent_visits + e + 1] - p.ints[p.at.ent_visits + e] > 1
    if several and random(st) < MERGED and _insert_merged(p, st, v, weights, blink, late):
        return True
    for attempt in range(2 if several else 1):
        mode = first
        while mode < end:
            weight = p.ints[p.at.mode_weight + mode]
            if weight == 0 and not p.ints[p.at.visit_pinned + v]:  # nothing served is worth a door
                break
            skip = several and random(st) < 5.0 * blink
            best, best_mode, where = INFINITE, -1, -1
            while mode < end and p.ints[p.at.mode_weight + mode] == weight:
                if not skip and (not several or _items_free(p, st, mode)):
                    cost, ss = _best_of_mode(p, st, v, mode, weights, blink, attempt == 0, best)
                    if cost < best:
                        best, best_mode, where = cost, mode, ss
                mode += 1
            if where >= 0:
                _carry_out(p, st, v, best_mode, where, late)
                return True
    return False


@njit(cache=True, error_model="numpy")
def _delay(p, st, mode, late):  # type: ignore[no-untyped-def]
    """Minutes by which all parts of the choice start later: mostly none, else up to what every crew allows."""
    at, c = st.at, st.cells
    if late <= 0.0 or random(st) >= late:
        return 0
    room = 1 << 30
    k = 0
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        for _ in range(p.ints[p.at.part_crews + part]):
            room = min(room, c[at.best_pick + LAST * at.width + k] - c[at.best_pick + START * at.width + k])
            k += 1
    return room if random(st) < 0.5 else below(st, room + 1)


@njit(cache=True, error_model="numpy")
def _carry_out(p, st, v, mode, ss, late):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    delay = _delay(p, st, mode, late)
    use_visit(p, st, v, mode, ss)
    k = 0
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        for _ in range(p.ints[p.at.part_crews + part]):
            crew = c[at.best_pick + CREW * at.width + k]
            if crew < 0:
                crew = new_crew(p, st, p.ints[p.at.part_authority + part], street, slot)
            node = p.ints[p.at.visit_nodes + v] + c[at.best_pick + NODE * at.width + k]
            link_node(
                p,
                st,
                node,
                crew,
                c[at.best_pick + BEFORE * at.width + k],
                c[at.best_pick + START * at.width + k] + delay,
                p.ints[p.at.part_min + part],
                street,
            )
            k += 1
