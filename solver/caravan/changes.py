"""Changes of the state: visits into the routes of caravans and out; pools, doors and days are counted as ever."""

from __future__ import annotations

from solver.timetable.changes import count_crew, forget_visit, use_visit
from solver.timetable.jit import inner
from solver.timetable.state import CREWS, MAX_CARAVANS, MAX_RIDE, TRAVEL, put


@inner
def duration(p, mode):  # type: ignore[no-untyped-def]
    """Minutes that everybody waits at a visit: those of its longest part."""
    return p.ints[p.at.mode_longest + mode]


@inner
def leg(p, street, a, b):  # type: ignore[no-untyped-def]
    """Minutes from one place of a street to another; place 0 is the office."""
    row = p.ints[p.at.street_legs + street] + a * p.ints[p.at.street_places + street]
    return p.legs[row + b]


@inner
def place_of(p, v):  # type: ignore[no-untyped-def]
    """Place of a visit in its street."""
    return p.ints[p.at.ent_place + p.ints[p.at.visit_ent + v]]


@inner
def start_after(p, e, leave):  # type: ignore[no-untyped-def]
    """Begin of a visit that is reached at a minute."""
    return max(leave, p.ints[p.at.ent_from + e])


@inner
def needs(p, mode, a):  # type: ignore[no-untyped-def]
    """Crews of an authority that a mode asks for."""
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        if p.ints[p.at.part_authority + part] == a:
            return p.ints[p.at.part_crews + part]
    return 0


@inner
def fits(p, st, car, pos, v, mode, ss):  # type: ignore[no-untyped-def]
    """R32: say whether a caravan (-1: a new one) can have a visit at a place of its route.

    Each visit begins no earlier than the one before ended plus leg and buffer, within its opening hours (R09), the
    first one leg after the shift begins, and all are back in time (R21).
    """
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    size = c[at.car_size + car] if car >= 0 else 0
    now, here = p.ints[p.at.slot_lo + slot], 0
    for k in range(size + 1):
        if k == pos:
            w, m = v, mode
        else:
            w = c[at.car_ride + MAX_RIDE * car + (k if k < pos else k - 1)]
            m = c[at.visit_mode + w]
        e, there = p.ints[p.at.visit_ent + w], place_of(p, w)
        now = start_after(p, e, now + leg(p, street, here, there)) + duration(p, m)
        if now > p.ints[p.at.ent_to + e]:
            return False
        now, here = now + p.at.buffer, there
    return now - p.at.buffer + leg(p, street, here, 0) <= p.ints[p.at.slot_hi + slot]


@inner
def detour(p, st, car, pos, v, ss):  # type: ignore[no-untyped-def]
    """Minutes by which the legs of a caravan (-1: a new one) grow with a visit at a place of its route."""
    at, c = st.at, st.cells
    street, there = ss // p.at.num_slots, place_of(p, v)
    size = c[at.car_size + car] if car >= 0 else 0
    before = place_of(p, c[at.car_ride + MAX_RIDE * car + pos - 1]) if pos > 0 else 0
    after = place_of(p, c[at.car_ride + MAX_RIDE * car + pos]) if pos < size else 0
    straight = leg(p, street, before, after) if size > 0 else 0
    return leg(p, street, before, there) + leg(p, street, there, after) - straight


@inner
def _open_caravan(st, ss):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    top = c[at.car_top] - 1
    car = c[at.free_car + top]
    put(st, at.car_top, top)
    put(st, at.car_ss + car, ss)
    n = c[at.ss_size + ss]
    put(st, at.ss_cars + MAX_CARAVANS * ss + n, car)
    put(st, at.ss_size + ss, n + 1)
    return car


@inner
def _close_caravan(st, car):  # type: ignore[no-untyped-def]
    at, c = st.at, st.cells
    ss = c[at.car_ss + car]
    n = c[at.ss_size + ss] - 1
    for k in range(n + 1):
        if c[at.ss_cars + MAX_CARAVANS * ss + k] == car:
            put(st, at.ss_cars + MAX_CARAVANS * ss + k, c[at.ss_cars + MAX_CARAVANS * ss + n])
            break
    put(st, at.ss_size + ss, n)
    put(st, at.car_ss + car, -1)
    put(st, at.free_car + c[at.car_top], car)
    put(st, at.car_top, c[at.car_top] + 1)


@inner
def _recount(p, st, car, ss, mode):  # type: ignore[no-untyped-def]
    """Let a caravan have just the crews that its visits ask for, as far as a mode that came or left matters."""
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    for part in range(p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]):
        a = p.ints[p.at.part_authority + part]
        most = 0
        for k in range(c[at.car_size + car]):
            w = c[at.car_ride + MAX_RIDE * car + k]
            most = max(most, needs(p, c[at.visit_mode + w], a))
        i = at.car_crews + car * p.at.num_authorities + a
        while c[i] != most:
            step = 1 if c[i] < most else -1
            put(st, i, c[i] + step)
            count_crew(p, st, a, street, slot, step)
            c[CREWS] += step


@inner
def crews_of(p, st, car):  # type: ignore[no-untyped-def]
    """Crews of a caravan, of all authorities together."""
    total = 0
    for a in range(p.at.num_authorities):
        total += st.cells[st.at.car_crews + car * p.at.num_authorities + a]
    return total


@inner
def ride(p, st, v, mode, ss, car, pos):  # type: ignore[no-untyped-def]
    """Put a visit into a caravan (-1: a new one) at a place of its route."""
    at, c = st.at, st.cells
    longer = detour(p, st, car, pos, v, ss)
    if car < 0:
        car = _open_caravan(st, ss)
    use_visit(p, st, v, mode, ss)
    put(st, at.visit_car + v, car)
    size, base = c[at.car_size + car], at.car_ride + MAX_RIDE * car
    for k in range(size, pos, -1):
        put(st, base + k, c[base + k - 1])
    put(st, base + pos, v)
    put(st, at.car_size + car, size + 1)
    c[TRAVEL] -= c[at.car_leg + car] * crews_of(p, st, car)
    put(st, at.car_leg + car, c[at.car_leg + car] + longer)
    _recount(p, st, car, ss, mode)
    c[TRAVEL] += c[at.car_leg + car] * crews_of(p, st, car)


@inner
def alight(p, st, v):  # type: ignore[no-untyped-def]
    """Take a visit out of its caravan, which ends with its last one."""
    at, c = st.at, st.cells
    ss, mode, car = c[at.visit_ss + v], c[at.visit_mode + v], c[at.visit_car + v]
    size, base, pos = c[at.car_size + car] - 1, at.car_ride + MAX_RIDE * car, 0
    while c[base + pos] != v:
        pos += 1
    c[TRAVEL] -= c[at.car_leg + car] * crews_of(p, st, car)
    for k in range(pos, size):
        put(st, base + k, c[base + k + 1])
    put(st, at.car_size + car, size)
    put(st, at.car_leg + car, c[at.car_leg + car] - detour(p, st, car, pos, v, ss))
    put(st, at.visit_car + v, -1)
    _recount(p, st, car, ss, mode)
    c[TRAVEL] += c[at.car_leg + car] * crews_of(p, st, car)
    if size == 0:
        _close_caravan(st, car)
    forget_visit(p, st, v)
