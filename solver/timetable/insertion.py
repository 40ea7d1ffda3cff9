"""Insertion: the mode and street shift where a visit serves most, then costs least, and carrying it out."""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import intrinsic

from solver.timetable.changes import link_node, new_crew, use_visit
from solver.timetable.jit import entry, inner
from solver.timetable.spans import AT, BEFORE, INFINITE, LAST, MINUTE, NODE, WITH, try_minutes, try_street_shift
from solver.timetable.state import PICK_CELLS

MERGED = 0.3
"""Chance that a visit of an enterprise with several is first tried as one of those that the exact merge chose."""

SKIPPED = 0.2
"""Chance that such a visit passes over a weight, whenever street shifts are passed over too."""

AWAY = 0.1
"""Chance that a visit with a home is not tried there first."""

WAIT = 4
"""Cell of the weights behind those of the terms: cost of a minute that a crew waits before a part."""

NEW_CREW, NEW_DAY = 18, 19
"""Cells of the weights behind those of the ruins: cost of a new crew and of a joint day more against travel alone; a
visit that is put in opens its door anyhow."""

COST_BITS = 24
NOWHERE = (1 << COST_BITS) - 1
"""Remembered where no start is possible; a remembered cost has so many bits below the stamp."""


@intrinsic
def lowest_bit(typingctx, word):  # type: ignore[no-untyped-def]
    """Return the number of the lowest bit set of a word that is not 0."""

    def generate(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.cttz(args[0], context.get_constant(types.boolean, 1))

    return types.int64(types.int64), generate


@inner
def random(st):  # type: ignore[no-untyped-def]
    """Uniform number in [0, 1) from the state's own generator (xorshift64*)."""
    x = np.uint64(st.cells[st.at.rng])
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    st.cells[st.at.rng] = np.int64(x)
    return float((x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inner
def below(st, n):  # type: ignore[no-untyped-def]
    """Uniform integer from 0 to n - 1."""
    return min(n - 1, int(random(st) * n))


@inner
def caps_allow(p, st, e, v, mode, slot):  # type: ignore[no-untyped-def]
    """R24, R25, R31: caps and least gap of the enterprise with its other visits as they stand."""
    at, c = st.at, st.cells
    counted = False
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        if p.ints[p.at.part_counted + part]:
            counted = True
    if not counted:
        return True
    if p.at.min_gap > 0:
        date = p.ints[p.at.slot_date + slot]
        for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
            ss = c[at.visit_ss + other]
            near = ss >= 0 and abs(p.ints[p.at.slot_date + ss % p.at.num_slots] - date) < p.at.min_gap
            if near and other != v and _counts(p, c[at.visit_mode + other], -1):
                return False
    for row in range(p.ints[p.at.ent_caps + e], p.ints[p.at.ent_caps + e + 1]):
        who, kind = p.ints[p.at.cap_who + row], p.ints[p.at.cap_kind + row]
        if not _counts(p, mode, who):
            continue
        period = p.ints[p.at.slot_period + kind * p.at.num_slots + slot]
        used = 1
        for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
            ss = c[at.visit_ss + other]
            if other == v or ss < 0:
                continue
            same = p.ints[p.at.slot_period + kind * p.at.num_slots + ss % p.at.num_slots] == period
            if same and _counts(p, c[at.visit_mode + other], who):
                used += 1
        if used > p.ints[p.at.cap_left + row * p.at.num_periods + period]:
            return False
    return True


@inner
def _counts(p, mode, who):  # type: ignore[no-untyped-def]
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        if p.ints[p.at.part_counted + part] and (who < 0 or p.ints[p.at.part_authority + part] == who):
            return True
    return False


@inner
def items_free(p, st, mode):  # type: ignore[no-untyped-def]
    """R02: an item is served once."""
    for k in range(p.ints[p.at.mode_items + mode], p.ints[p.at.mode_items + mode + 1]):
        if st.cells[st.at.item_visit + p.ints[p.at.mode_item + k]] >= 0:
            return False
    return True


@inner
def visited(p, st, e, ss):  # type: ignore[no-untyped-def]
    """Say whether an enterprise has a visit in a street shift."""
    for v in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
        if st.cells[st.at.visit_ss + v] == ss:
            return True
    return False


@inner
def mark_slots(p, st, v, mode, street):  # type: ignore[no-untyped-def]
    """Mark the slots where crews with room and pools could serve a mode, with the new crews that it would need counted.

    The count is kept as three planes of bits behind the slots themselves, 4 standing for more as well. A last plane
    holds the slots where an authority has no crew yet: those with crews come first, so that equal costs gather crews.
    """
    c, words, marks = st.cells, p.at.num_words, st.at.planes
    first, end = p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]
    district = p.ints[p.at.street_district + street]
    any_slot = False
    for w in range(words):
        slots = p.ints[p.at.mode_words + mode * words + w] & p.ints[p.at.visit_words + v * words + w]
        slots &= c[st.at.open + street * words + w] & c[st.at.mine + w]
        ones, twos, fours, lonely = 0, 0, 0, 0
        part = first
        while part < end and slots != 0:
            a = p.ints[p.at.part_authority + part]
            bits = street * p.at.num_authorities + a
            k = bits * words + w
            fits = c[st.at.fits + (bits * p.at.num_classes + p.ints[p.at.part_class + part]) * words + w]
            lonely |= ~c[st.at.fits + bits * p.at.num_classes * words + w]
            room = c[st.at.room_street + k] | c[st.at.room_city + a * words + w]
            room |= c[st.at.room_district + (district * p.at.num_authorities + a) * words + w]
            slots &= fits | room
            short = ~fits
            carry = ones & short
            ones ^= short
            fours |= twos & carry
            twos ^= carry
            part += 1
        c[marks + w] = slots
        c[marks + words + w] = ones
        c[marks + 2 * words + w] = twos
        c[marks + 3 * words + w] = fours
        c[marks + 4 * words + w] = lonely
        any_slot = any_slot or slots != 0
    return any_slot


@inner
def _marked(p, st, w, level):  # type: ignore[no-untyped-def]
    """Slots of a word that are marked with a number of new crews, the last level being 4 or more."""
    c, words, marks = st.cells, p.at.num_words, st.at.planes
    fours = c[marks + 3 * words + w]
    if level == 4:
        return c[marks + w] & fours
    ones, twos = c[marks + words + w], c[marks + 2 * words + w]
    return c[marks + w] & ~fours & (ones if level & 1 else ~ones) & (twos if level & 2 else ~twos)


@inner
def _try(p, st, e, mode, ss, crew_cost, limit):  # type: ignore[no-untyped-def]
    """As :func:`try_street_shift`, but a street shift that was too dear as it stands is not tried again."""
    row = p.ints[p.at.mode_row + mode]
    if row < 0:
        return try_street_shift(p, st, e, mode, ss, crew_cost, limit)
    c = st.cells
    k = st.at.remembered + row * p.at.num_slots + ss % p.at.num_slots
    stamp, known = c[st.at.stamp + ss], 0
    if c[k] >> COST_BITS == stamp:
        known = c[k] & NOWHERE
        if known >= min(limit, NOWHERE):
            return INFINITE
    cost = try_street_shift(p, st, e, mode, ss, crew_cost, limit)
    c[k] = stamp << COST_BITS | max(known, min(NOWHERE, limit if cost == INFINITE else cost))
    return cost


@inner
def _best_of_mode(p, st, v, mode, crew_cost, day_cost, blink, apart, limit):  # type: ignore[no-untyped-def]
    """Return (cost, street shift) of the best place of a mode below `limit`, (INFINITE, -1) when there is none."""
    c, e, slots, words = st.cells, p.ints[p.at.visit_ent + v], p.at.num_slots, p.at.num_words
    street = p.ints[p.at.ent_street + e]
    best, where = limit, -1
    if not mark_slots(p, st, v, mode, street):
        return INFINITE, -1
    several = p.ints[p.at.ent_visits + e + 1] - p.ints[p.at.ent_visits + e] > 1
    offset = below(st, slots)
    for turn in range(10):
        level = turn >> 1
        if level * crew_cost >= best:
            break
        for step in range(words + 1):
            w = (offset >> 6) + step
            w -= words if w >= words else 0
            lonely = c[st.at.planes + 4 * words + w]
            marked = _marked(p, st, w, level) & (lonely if turn & 1 else ~lonely)
            if step == 0:
                marked &= np.int64(-1) << (offset & 63)
            elif step == words:
                marked &= ~(np.int64(-1) << (offset & 63))
            while marked != 0:
                slot = 64 * w + lowest_bit(marked)  # type: ignore[call-arg]
                marked &= marked - 1
                ss = street * slots + slot
                day = c[st.at.day_visits + street * p.at.num_days + p.ints[p.at.slot_day + slot]]
                extra = day_cost if day == 0 else 0
                if level * crew_cost + extra >= best or (blink > 0.0 and random(st) < blink):
                    continue
                if several and ((apart and visited(p, st, e, ss)) or not caps_allow(p, st, e, v, mode, slot)):
                    continue
                cost = _try(p, st, e, mode, ss, crew_cost, best - extra)
                if cost < INFINITE:
                    best, where = cost + extra, ss
    return (best, where) if where >= 0 else (INFINITE, -1)


@inner
def _insert_merged(p, st, v, crew_cost, day_cost, blink, late):  # type: ignore[no-untyped-def]
    """Place a visit as one of those that the exact merge chose, any one that is free; return whether it was."""
    e = p.ints[p.at.visit_ent + v]
    first, end = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]
    mode = first + below(st, end - first)
    for _ in range(end - first):
        mode = mode + 1 if mode + 1 < end else first
        if p.ints[p.at.mode_merged + mode] and items_free(p, st, mode):
            _, where = _best_of_mode(p, st, v, mode, crew_cost, day_cost, blink, True, INFINITE)
            if where >= 0:
                _carry_out(p, st, v, mode, where, late)
                return True
    return False


@inner
def _insert_home(p, st, v, crew_cost):  # type: ignore[no-untyped-def]
    """Place a visit at home, at its minutes if crews can come then, where as much weight is served as anywhere."""
    c, e, words = st.cells, p.ints[p.at.visit_ent + v], p.at.num_words
    street = p.ints[p.at.ent_street + e]
    first, end, weight = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1], -1
    for mode in range(first, end):
        if weight >= 0 and p.ints[p.at.mode_weight + mode] < weight:
            return False
        if not items_free(p, st, mode):
            continue
        weight = p.ints[p.at.mode_weight + mode]
        for w in range(words):
            slots = p.ints[p.at.home_words + v * words + w] & p.ints[p.at.visit_words + v * words + w]
            slots &= p.ints[p.at.mode_words + mode * words + w] & c[st.at.open + street * words + w] & c[st.at.mine + w]
            while slots != 0:
                slot = 64 * w + lowest_bit(slots)  # type: ignore[call-arg]
                slots &= slots - 1
                ss = street * p.at.num_slots + slot
                if visited(p, st, e, ss) or not caps_allow(p, st, e, v, mode, slot):
                    continue
                if try_minutes(p, st, e, v, mode, ss, crew_cost) or (
                    try_street_shift(p, st, e, mode, ss, crew_cost, INFINITE) < INFINITE
                ):
                    _carry_out(p, st, v, mode, ss, 0.0)
                    return True
    return False


@entry
def insert_visit(p, st, v, weights, blink, late):  # type: ignore[no-untyped-def]
    """Place a visit where it serves most weight, then costs least; return whether a place was found.

    A visit begins as early as its place allows, with a chance of `late` at some later minute that costs the same.
    Where only items without weight are left there is no visit, unless it is pinned (R26).
    Visits of one enterprise keep to different street shifts unless nothing else is possible.
    """
    e = p.ints[p.at.visit_ent + v]
    crew_cost, day_cost, wait = int(MINUTE * weights[NEW_CREW]), int(MINUTE * weights[NEW_DAY]), int(weights[WAIT])
    if st.cells[st.at.crew_cost] != crew_cost or st.cells[st.at.wait] != wait:  # what is remembered holds for these
        st.cells[st.at.remembered : st.at.log] = 0
        st.cells[st.at.crew_cost], st.cells[st.at.wait] = crew_cost, wait
    first, end = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]
    several = p.ints[p.at.ent_visits + e + 1] - p.ints[p.at.ent_visits + e] > 1
    if several and random(st) < MERGED and _insert_merged(p, st, v, crew_cost, day_cost, blink, late):
        return True
    if p.at.num_homes > 0 and random(st) >= AWAY and _insert_home(p, st, v, crew_cost):
        return True
    for attempt in range(2 if several else 1):
        mode = first
        while mode < end:
            weight = p.ints[p.at.mode_weight + mode]
            if weight == 0 and not p.ints[p.at.visit_pinned + v]:  # nothing served is worth a door
                break
            skip = several and blink > 0.0 and random(st) < SKIPPED
            best, best_mode, where = INFINITE, -1, -1
            while mode < end and p.ints[p.at.mode_weight + mode] == weight:
                if not skip and (not several or items_free(p, st, mode)):
                    cost, ss = _best_of_mode(p, st, v, mode, crew_cost, day_cost, blink, attempt == 0, best)
                    if cost < best:
                        best, best_mode, where = cost, mode, ss
                mode += 1
            if where >= 0:
                _carry_out(p, st, v, best_mode, where, late)
                return True
    return False


@inner
def _delay(p, st, nodes, late):  # type: ignore[no-untyped-def]
    """Minutes by which all parts of the choice start later: mostly none, else up to what every crew allows."""
    if late <= 0.0 or random(st) >= late:
        return 0
    room = 1 << 30
    for k in range(st.at.best_pick, st.at.best_pick + PICK_CELLS * nodes, PICK_CELLS):
        room = min(room, st.cells[k + LAST] - st.cells[k + AT])
    return room if random(st) < 0.5 else below(st, room + 1)


@inner
def _carry_out(p, st, v, mode, ss, late):  # type: ignore[no-untyped-def]
    c, e = st.cells, p.ints[p.at.visit_ent + v]
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    first, end = p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]
    nodes = 0
    for part in range(first, end):
        nodes += p.ints[p.at.part_crews + part]
    delay = _delay(p, st, nodes, late)
    use_visit(p, st, v, mode, ss)
    k = st.at.best_pick
    for part in range(first, end):
        for _ in range(p.ints[p.at.part_crews + part]):
            crew = c[k + WITH]
            if crew < 0:
                crew = new_crew(p, st, p.ints[p.at.part_authority + part], street, slot)
            node = p.ints[p.at.visit_nodes + v] + c[k + NODE]
            link_node(p, st, e, node, crew, c[k + BEFORE], c[k + AT] + delay, p.ints[p.at.part_min + part])
            k += PICK_CELLS
