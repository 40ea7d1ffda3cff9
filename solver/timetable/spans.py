"""Spans: when each part of a visit could start with which crew, and the cheapest start of a visit in a street shift.

The parts of a visit lie in a window of ``[x, x + W]`` with W the longest part plus stretch (R08),
at most the longest visit (R10). A gap of a crew's
route lets a part of length L start within [a, b]; the window then starts within ``[a - (W - L), b]``. The cost of a
window is piecewise constant in x and is least at the left end of one of these spans, so only those are tried.
"""

from __future__ import annotations

from solver.timetable.changes import crews_left
from solver.timetable.jit import inner
from solver.timetable.state import (
    BEHIND,
    BY,
    COST,
    CREW_CELLS,
    CREW_NEXT,
    END,
    FIT,
    FROM,
    HEAD,
    LEG,
    MAX_SPANS,
    NEXT,
    NODE_CELLS,
    OUT,
    PICK_CELLS,
    PLACE,
    SPAN_CELLS,
    START,
    TO,
)

INFINITE = 1 << 40
AT, WITH, BEFORE, NODE, LAST = range(PICK_CELLS)
"""Cells of a choice, for each node: its start, crew, node before, offset in the visit, latest start."""

MINUTE = 4
"""Cost of a minute of travel; a minute that a crew waits before a part costs ``at.wait``, for work leaves better gaps
where it is packed."""


@inner
def _add_span(st, n, first, last, crew, before, cost):  # type: ignore[no-untyped-def]
    k = st.at.spans + SPAN_CELLS * n
    c = st.cells
    c[k + FROM] = first
    c[k + TO] = last
    c[k + BY] = crew
    c[k + BEHIND] = before
    c[k + COST] = cost


@inner
def _spans_of_route(p, st, crew, row, minutes, slot_lo, slot_hi, lo, hi, n):  # type: ignore[no-untyped-def]
    """List the gaps of a crew's route that hold a part, after the first `n` spans; return (spans, least cost).

    R09 opening hours, R14 legs with the buffer, R15 arrival before the start, R21 back by the shift's end.
    """
    at, c = st.at, st.cells
    back = p.at.legs_back + row
    least = INFINITE
    before, leave, here, after = -1, slot_lo, 0, c[at.crews + CREW_CELLS * crew + HEAD]
    out = slot_hi
    while True:
        come = p.legs[back + here]
        reach = leave + come
        if reach > hi - minutes:
            break
        if after >= 0:
            r = at.nodes + NODE_CELLS * after
            go = p.legs[row + c[r + PLACE]]
            cost = MINUTE * (come + go - c[r + LEG])
            latest = c[r + START] - go - p.at.buffer - minutes
        else:
            go = p.legs[row]
            cost = MINUTE * (come + go - out)
            latest = slot_hi - go - minutes
        first, last = max(reach, lo), min(latest, hi - minutes)
        if first <= last and n < MAX_SPANS:
            _add_span(st, n, first, last, crew, before, cost)
            n += 1
            least = min(least, cost)
        if after < 0:
            break
        before = after
        leave = c[r + END] + p.at.buffer
        here = c[r + PLACE]
        out = c[r + OUT]
        after = c[r + NEXT]
    return n, least


@inner
def _spans_of_part(p, st, e, ss, part, crew_cost, limit, n):  # type: ignore[no-untyped-def]
    """List the spans of a part after the first `n`; return (spans, crews that can come, least cost of one).

    A crew with no gap for so long a part is passed over. New crews that cost `limit` are left out.
    """
    at, c = st.at, st.cells
    street, slot = ss // p.at.num_slots, ss % p.at.num_slots
    row, a, minutes = p.ints[p.at.ent_row + e], p.ints[p.at.part_authority + part], p.ints[p.at.part_min + part]
    slot_lo, slot_hi = p.ints[p.at.slot_lo + slot], p.ints[p.at.slot_hi + slot]
    lo, hi = max(slot_lo, p.ints[p.at.ent_from + e]), min(slot_hi, p.ints[p.at.ent_to + e])
    least, coming = INFINITE, 0
    crew = c[at.bucket_head + ss * p.at.num_authorities + a]
    while crew >= 0:
        k = at.crews + CREW_CELLS * crew
        if c[k + FIT] >= minutes:
            begun = n
            n, cheapest = _spans_of_route(p, st, crew, row, minutes, slot_lo, slot_hi, lo, hi, n)
            if n > begun:
                coming += 1
                least = min(least, cheapest)
        crew = c[k + CREW_NEXT]
    cost = crew_cost + MINUTE * (p.ints[p.at.ent_in + e] + p.ints[p.at.ent_out + e])
    if cost < limit:
        left = crews_left(p, st, a, street, slot)
        first = max(slot_lo + p.ints[p.at.ent_in + e], lo)
        last = min(slot_hi - p.ints[p.at.ent_out + e], hi) - minutes
        if left > 0 and first <= last:
            for _ in range(min(left, p.ints[p.at.part_crews + part])):
                if n < MAX_SPANS:
                    _add_span(st, n, first, last, -1, -1, cost)
                    n += 1
                    coming += 1
            least = min(least, cost)
    return n, coming, least


@inner
def _choose(st, k, i, start, node):  # type: ignore[no-untyped-def]
    """Write span i as the trial's choice k."""
    c, t, s = st.cells, st.at.trial + PICK_CELLS * k, st.at.spans + SPAN_CELLS * i
    c[t + AT] = start
    c[t + WITH] = c[s + BY]
    c[t + BEFORE] = c[s + BEHIND]
    c[t + LAST] = c[s + TO]
    c[t + NODE] = node


@inner
def _pick_at(st, lo, hi, start, crews, node, k):  # type: ignore[no-untyped-def]
    """Choose the cheapest spans of one part that hold a start; write them as trial nodes; INFINITE if too few."""
    c, spans, trial = st.cells, st.at.spans, st.at.trial
    wait, total = c[st.at.wait], 0
    for q in range(crews):
        best, cost = -1, INFINITE
        for i in range(lo, hi):
            s = spans + SPAN_CELLS * i
            if c[s + FROM] <= start <= c[s + TO] and c[s + COST] + wait * (start - c[s + FROM]) < cost:
                taken = False
                for r in range(k, k + q):  # a crew comes once; new ones are one another's equals
                    taken = taken or c[trial + PICK_CELLS * r + NODE] == i
                if not taken:
                    best, cost = i, c[s + COST] + wait * (start - c[s + FROM])
        if best < 0:
            return INFINITE
        total += cost
        c[trial + PICK_CELLS * (k + q) + NODE] = best
    for q in range(crews):
        _choose(st, k + q, c[trial + PICK_CELLS * (k + q) + NODE], start, node + q)
    return total


@inner
def _part_at(p, st, lo, hi, part, x, slack, k):  # type: ignore[no-untyped-def]
    """Cheapest way for a part whose window starts at x, its own start at most `slack` later (R17, R19, R20)."""
    c, spans = st.cells, st.at.spans
    crews, node = p.ints[p.at.part_crews + part], p.ints[p.at.part_node + part]
    if crews == 1:
        wait, best, cost = c[st.at.wait], -1, INFINITE
        for i in range(lo, hi):
            s = spans + SPAN_CELLS * i
            if c[s + COST] < cost and c[s + FROM] - slack <= x <= c[s + TO]:
                this = c[s + COST] + wait * max(0, x - c[s + FROM])
                if this < cost:
                    best, cost = i, this
        if best >= 0:
            _choose(st, k, best, max(x, c[spans + SPAN_CELLS * best + FROM]), node)
        return cost
    # R18: all crews of an authority come at one minute: x itself, or when a further crew becomes free.
    start, cost = x, _pick_at(st, lo, hi, x, crews, node, k)
    for i in range(lo, hi):
        s = c[spans + SPAN_CELLS * i + FROM]
        if x < s <= x + slack:
            other = _pick_at(st, lo, hi, s, crews, node, k)
            if other < cost:
                start, cost = s, other
    if cost < INFINITE:
        _pick_at(st, lo, hi, start, crews, node, k)
    return cost


@inner
def _cost_at(p, st, first, end, width, x, limit):  # type: ignore[no-untyped-def]
    """Least cost of all parts with their window from x, at least `limit` when that is not undercut; the trial."""
    c, begins, least = st.cells, st.at.part_spans, st.at.part_least
    total, k = 0, 0
    for j in range(end - first):
        part = first + j
        slack = 0 if p.at.together else width - p.ints[p.at.part_min + part]
        total += _part_at(p, st, c[begins + j], c[begins + j + 1], part, x, slack, k)
        if total + c[least + j + 1] >= limit:
            return limit
        k += p.ints[p.at.part_crews + part]
    return total


@inner
def try_street_shift(p, st, e, mode, ss, crew_cost, limit):  # type: ignore[no-untyped-def]
    """Return the least cost (crews and travel) of a mode in a street shift if below `limit`, else INFINITE.

    On success the choice is copied to the best pick. R16: where parts start together there is no slack.
    """
    at, c = st.at, st.cells
    first, end = p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]
    width = p.ints[p.at.mode_longest + mode] + p.at.stretch
    if p.at.max_part > 0:
        width = min(width, p.at.max_part)
    parts = end - first
    n, least, nodes = 0, 0, 0
    for j in range(parts):
        crews = p.ints[p.at.part_crews + first + j]
        c[at.part_spans + j] = n
        n, coming, cheapest = _spans_of_part(p, st, e, ss, first + j, crew_cost, limit - least, n)
        c[at.part_least + j] = cheapest * crews
        least += cheapest * crews
        nodes += crews
        if coming < crews or least >= limit:
            return INFINITE
    c[at.part_spans + parts] = n
    c[at.part_least + parts] = 0
    for j in range(parts - 1, -1, -1):  # from here on: the least of this part and all behind it
        c[at.part_least + j] += c[at.part_least + j + 1]
    best = limit
    j = 0
    x_before = -INFINITE
    for i in range(n):
        while i >= c[at.part_spans + j + 1]:
            j += 1
        s = at.spans + SPAN_CELLS * i
        slack = 0 if p.at.together else width - p.ints[p.at.part_min + first + j]
        x = c[s + FROM] - slack
        others = least - (c[at.part_least + j] - c[at.part_least + j + 1]) // p.ints[p.at.part_crews + first + j]
        if x == x_before or c[s + COST] + others >= best:  # a start that only this span opens would use it
            continue
        x_before = x
        total = _cost_at(p, st, first, end, width, x, best)
        if total < best:
            best = total
            for r in range(PICK_CELLS * nodes):
                c[at.best_pick + r] = c[at.trial + r]
    return best if best < limit else INFINITE


@inner
def try_minutes(p, st, e, v, mode, ss, crew_cost):  # type: ignore[no-untyped-def]
    """Choose for every part crews that can come at the minute of its node's home; return whether there are such crews.

    The choice is written to the best pick. Minutes that the visit's rules do not allow together (R08, R16) are refused.
    """
    at, c = st.at, st.cells
    first, end = p.ints[p.at.mode_parts + mode], p.ints[p.at.mode_parts + mode + 1]
    width = p.ints[p.at.mode_longest + mode] + p.at.stretch
    if p.at.max_part > 0:
        width = min(width, p.at.max_part)
    begin, last, latest, k = INFINITE, 0, 0, 0
    for part in range(first, end):
        node, crews = p.ints[p.at.part_node + part], p.ints[p.at.part_crews + part]
        start = p.ints[p.at.node_home + p.ints[p.at.visit_nodes + v] + node]
        if start < 0:
            return False
        n, coming, _ = _spans_of_part(p, st, e, ss, part, crew_cost, INFINITE, 0)
        if coming < crews or _pick_at(st, 0, n, start, crews, node, k) >= INFINITE:
            return False
        begin, latest = min(begin, start), max(latest, start)
        last = max(last, start + p.ints[p.at.part_min + part])
        k += crews
    if last - begin > width or (p.at.together and latest > begin):
        return False
    for r in range(PICK_CELLS * k):
        c[at.best_pick + r] = c[at.trial + r]
    return True
