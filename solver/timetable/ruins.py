"""Ruins: which related visits are taken out together, so that putting them back can find something better."""

from __future__ import annotations

from solver.timetable.changes import remove_visit
from solver.timetable.insertion import below, random
from solver.timetable.jit import inner
from solver.timetable.state import (
    BUCKET,
    CREW,
    CREW_CELLS,
    CREW_NEXT,
    HEAD,
    LOG,
    MAX_LOG,
    NEXT,
    NODE_CELLS,
    PREV,
    STOPS,
)

MAX_RUINED = 40
RUIN_FOR, RUIN_NEAR, RUIN_CREW, RUIN_WEAK, RUIN_AUTHORITY, RUIN_STRINGS, RUIN_SEVERAL = range(5, 12)
BLINK, LATE, WHOLE, EACH, THIRD, RULES = range(12, 18)
"""Cells of the weights behind those of the terms and of waiting: share of repairs, the ruins' shares added up (the rest
goes to single street shifts); chances of blinks and delays, visits wanted from a single street shift and from each of
several, share of thirds among these, number of rules of order."""


@inner
def _take(p, st, v, n):  # type: ignore[no-untyped-def]
    """Take the visit's whole enterprise out if it is the worker's, save what is fixed; return how many are listed."""
    at, c = st.at, st.cells
    e = p.ints[p.at.visit_ent + v]
    if c[at.owned + e] == 0:
        return n
    for other in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
        if n >= MAX_RUINED or c[LOG] > MAX_LOG // 4:
            return n
        if c[at.visit_ss + other] >= 0 and not p.ints[p.at.visit_fixed + other]:
            remove_visit(p, st, other)
            c[at.todo + n] = other
            n += 1
    return n


@inner
def _any_placed(p, st):  # type: ignore[no-untyped-def]
    for _ in range(20):
        v = below(st, p.at.num_visits)
        if st.cells[st.at.visit_ss + v] >= 0 and st.cells[st.at.owned + p.ints[p.at.visit_ent + v]] != 0:
            return v
    return -1


@inner
def _any_node(p, st, v):  # type: ignore[no-untyped-def]
    """Any node of a placed visit that is in use."""
    first, end = p.ints[p.at.visit_nodes + v], p.ints[p.at.visit_nodes + v + 1]
    for _ in range(20):
        node = first + below(st, end - first)
        if st.cells[st.at.nodes + NODE_CELLS * node + CREW] >= 0:
            return node
    return -1


@inner
def _any_crew(p, st, v):  # type: ignore[no-untyped-def]
    node = _any_node(p, st, v) if v >= 0 else -1
    return st.cells[st.at.nodes + NODE_CELLS * node + CREW] if node >= 0 else -1


@inner
def _placed_near(p, st, e, k):  # type: ignore[no-untyped-def]
    """The k-th neighbour's first visit if it is placed and the worker's, -1 if not, -2 beyond the last neighbour."""
    other = p.ints[p.at.neighbours + e * p.at.num_neighbours + k] if k < p.at.num_neighbours else -1
    if other < 0:
        return -2
    v = p.ints[p.at.ent_visits + other]
    if (
        v == p.ints[p.at.ent_visits + other + 1]
        or st.cells[st.at.visit_ss + v] < 0
        or st.cells[st.at.owned + other] == 0
    ):
        return -1
    return v


@inner
def _ruin_near(p, st, n):  # type: ignore[no-untyped-def]
    v = _any_placed(p, st)
    if v < 0:
        return n
    e, count = p.ints[p.at.visit_ent + v], 1 + below(st, 5)
    n = _take(p, st, v, n)
    k = 0
    while count > 0:
        other = _placed_near(p, st, e, k)
        if other == -2:
            break
        if other >= 0 and random(st) < 0.5:
            n = _take(p, st, other, n)
            count -= 1
        k += 1
    return n


@inner
def _ruin_crew(p, st, crew, n):  # type: ignore[no-untyped-def]
    c, k = st.cells, st.at.crews + CREW_CELLS * crew
    for _ in range(c[k + STOPS]):
        node = c[k + HEAD]
        if node < 0 or c[k + STOPS] == 0:
            break
        before = n
        n = _take(p, st, p.ints[p.at.node_visit + node], n)
        if n == before or c[st.at.nodes + NODE_CELLS * node + CREW] == crew:
            break
    return n


@inner
def _ruin_weak_crews(p, st, n):  # type: ignore[no-untyped-def]
    """One or two crews with few stops, the weakest of a few drawn."""
    for _ in range(1 + below(st, 2)):
        weakest, stops = -1, 1 << 30
        for _ in range(4):
            crew = _any_crew(p, st, _any_placed(p, st))
            if crew >= 0 and st.cells[st.at.crews + CREW_CELLS * crew + STOPS] < stops:
                weakest, stops = crew, st.cells[st.at.crews + CREW_CELLS * crew + STOPS]
        if weakest >= 0:
            n = _ruin_crew(p, st, weakest, n)
    return n


@inner
def _ruin_authority(p, st, n):  # type: ignore[no-untyped-def]
    v = _any_placed(p, st)
    crew = _any_crew(p, st, v)
    if crew < 0:
        return n
    a = st.cells[st.at.crews + CREW_CELLS * crew + BUCKET] % p.at.num_authorities
    n = _take(p, st, v, n)
    first, end = p.ints[p.at.auth_nodes + a], p.ints[p.at.auth_nodes + a + 1]
    for _ in range(1 + below(st, 4)):
        node = p.ints[p.at.auth_node + first + below(st, end - first)]
        if st.cells[st.at.nodes + NODE_CELLS * node + CREW] >= 0:
            n = _take(p, st, p.ints[p.at.node_visit + node], n)
    return n


@inner
def _ruin_string(p, st, v, longest, n):  # type: ignore[no-untyped-def]
    """A visit and up to `longest - 1` others next to it on the route of one of its crews."""
    c, nodes = st.cells, st.at.nodes
    node = _any_node(p, st, v)
    if node < 0:
        return n
    for _ in range(below(st, longest)):
        before = c[nodes + NODE_CELLS * node + PREV]
        if before < 0:
            break
        node = before
    for _ in range(longest):
        if node < 0 or c[nodes + NODE_CELLS * node + CREW] < 0:
            break
        after = c[nodes + NODE_CELLS * node + NEXT]
        n = _take(p, st, p.ints[p.at.node_visit + node], n)
        node = after
    return n


@inner
def _ruin_strings(p, st, n):  # type: ignore[no-untyped-def]
    """Strings of stops on routes of neighbouring visits."""
    v = _any_placed(p, st)
    if v < 0:
        return n
    e, longest, count = p.ints[p.at.visit_ent + v], 1 + below(st, 5), 1 + below(st, 3)
    n = _ruin_string(p, st, v, longest, n)
    k = 0
    while count > 0:
        other = _placed_near(p, st, e, k)
        if other == -2:
            break
        if other >= 0:
            n = _ruin_string(p, st, other, longest, n)
            count -= 1
        k += 1
    return n


@inner
def _list_visits(p, st, ss):  # type: ignore[no-untyped-def]
    """List the visits of a street shift, each once; return their number."""
    at, c = st.at, st.cells
    n = 0
    for a in range(p.at.num_authorities):
        crew = c[at.bucket_head + ss * p.at.num_authorities + a]
        while crew >= 0:
            node = c[at.crews + CREW_CELLS * crew + HEAD]
            while node >= 0:
                v = p.ints[p.at.node_visit + node]
                first = True
                for other in range(p.ints[p.at.visit_nodes + v], node):
                    first = first and c[at.nodes + NODE_CELLS * other + CREW] < 0
                if first:
                    c[at.listed + n] = v
                    n += 1
                node = c[at.nodes + NODE_CELLS * node + NEXT]
            crew = c[at.crews + CREW_CELLS * crew + CREW_NEXT]
    return n


@inner
def _ruin_street_shift(p, st, ss, wanted, n):  # type: ignore[no-untyped-def]
    """Every visit of a small street shift, or about so many of a large one."""
    at, c = st.at, st.cells
    count = _list_visits(p, st, ss)
    share = wanted / max(wanted, count)
    for k in range(count):
        if c[at.visit_ss + c[at.listed + k]] == ss and random(st) < share:
            n = _take(p, st, c[at.listed + k], n)
    return n


@inner
def _slot_near(p, st, e):  # type: ignore[no-untyped-def]
    """The street shift of a visit near an enterprise, -1 when none is found soon."""
    for _ in range(5):
        u = _placed_near(p, st, e, below(st, p.at.num_neighbours))
        if u >= 0:
            return st.cells[st.at.visit_ss + u]
    return -1


@inner
def _ruin_several(p, st, wanted, third, n):  # type: ignore[no-untyped-def]
    """Visits of two or three street shifts of one street, near one another, that could change places."""
    at, c, slots, words = st.at, st.cells, p.at.num_slots, p.at.num_words
    v = _any_placed(p, st)
    if v < 0:
        return n
    e, ss = p.ints[p.at.visit_ent + v], c[at.visit_ss + v]
    one = _slot_near(p, st, e)
    two = _slot_near(p, st, e) if random(st) < third else -1
    for turn in range(3):
        here = ss if turn == 0 else one if turn == 1 else two
        if here < 0 or (turn > 0 and here == ss) or (turn == 2 and here == one):
            continue
        count = _list_visits(p, st, here)
        share = wanted / max(wanted, count)
        for k in range(count):
            u = c[at.listed + k]
            if c[at.visit_ss + u] != here or random(st) >= share:
                continue
            mode = p.at.mode_words + c[at.visit_mode + u] * words
            for other in (ss, one, two):
                slot = other % slots
                if other >= 0 and other != here and (p.ints[mode + (slot >> 6)] >> (slot & 63)) & 1:
                    n = _take(p, st, u, n)
                    break
    return n


@inner
def _ruin_for(p, st, e, n):  # type: ignore[no-untyped-def]
    """Repair: make room for an enterprise below its best, in one street shift that its best mode could use."""
    at, c = st.at, st.cells
    first, end = p.ints[p.at.ent_modes + e], p.ints[p.at.ent_modes + e + 1]
    mode = first + below(st, min(3, end - first))
    slots, street = p.at.num_slots, p.ints[p.at.ent_street + e]
    slot = -1
    for _ in range(30):
        k = below(st, slots)
        if (p.ints[p.at.mode_words + mode * p.at.num_words + (k >> 6)] & c[at.mine + (k >> 6)]) >> (k & 63) & 1:
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
                crew = c[at.crews + CREW_CELLS * crew + CREW_NEXT]
            n = _ruin_crew(p, st, crew, n)
    return n


@inner
def ruin(p, st, weights):  # type: ignore[no-untyped-def]
    """Take visits out by one of the ruins; return how many are on the list."""
    c = st.cells
    deficient = c[st.at.num_deficient]
    if deficient > 0 and random(st) < weights[RUIN_FOR]:
        return _ruin_for(p, st, c[st.at.deficient + below(st, deficient)], 0)
    draw = random(st)
    if draw < weights[RUIN_NEAR]:
        return _ruin_near(p, st, 0)
    if draw < weights[RUIN_CREW]:
        crew = _any_crew(p, st, _any_placed(p, st))
        return _ruin_crew(p, st, crew, 0) if crew >= 0 else 0
    if draw < weights[RUIN_WEAK]:
        return _ruin_weak_crews(p, st, 0)
    if draw < weights[RUIN_AUTHORITY]:
        return _ruin_authority(p, st, 0)
    if draw < weights[RUIN_STRINGS]:
        return _ruin_strings(p, st, 0)
    if draw < weights[RUIN_SEVERAL]:
        return _ruin_several(p, st, weights[EACH], weights[THIRD], 0)
    v = _any_placed(p, st)
    return _ruin_street_shift(p, st, c[st.at.visit_ss + v], weights[WHOLE], 0) if v >= 0 else 0
