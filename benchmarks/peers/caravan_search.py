"""Ruin and recreate on the caravan model, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from benchmarks.peers.caravan_data import MAX_STOPS, MAX_TEAMS
from benchmarks.peers.caravan_state import (
    CREWS,
    DAYS,
    DOORS,
    NUM_DEFICIENT,
    NUM_FREE,
    TRAVEL,
    WEIGHT,
    attach,
    below,
    detach,
    insert_at,
    keep,
    leg,
    random,
    release,
    remove_job,
    time_team,
    undo,
)

W_WEIGHT, W_DOOR, W_CREW, W_DAY = 20_000.0, 2_000.0, 400.0, 20.0
"""Annealing weight of a unit left out, a door, a crew shift, a joint day against a minute ridden; as onevisit's."""

BLINK = 0.02
MAX_TODO = 64


@njit(cache=True, error_model="numpy")
def _best_team(d, st, j, o, blink):  # type: ignore[no-untyped-def]
    """Return (cost, team, position) of the cheapest place in any team; the team is -1 when there is none.

    Arrays are taken out of the tuples first: an access through them in the inner loop costs more than what it reads.
    """
    need, left, stops, members, ride = st.team_need, st.left, st.team_stops, st.team_members, st.team_ride
    team_job, team_start, team_latest, ss_team, ss_teams = (
        st.team_job,
        st.team_start,
        st.team_latest,
        st.ss_team,
        st.ss_teams,
    )
    option_of, option_stay, job_place, legs = st.job_option, d.option_stay, d.job_place, d.legs
    authority, crews, words = d.part_authority, d.part_crews, d.option_words
    lo, hi, slots, buffer = d.slot_lo, d.slot_hi, d.num_slots, d.buffer
    p0, p1, street = d.option_parts[o], d.option_parts[o + 1], d.job_street[j]
    base, places, place, stay = d.street_legs[street], d.street_places[street], job_place[j], option_stay[o]
    opens, closes = d.job_from[j], d.job_to[j]
    from_here, home = base + place * places, legs[base + place * places]
    best, team, where = np.inf, -1, -1
    for slot in range(slots):
        if not words[o, slot >> 6] >> np.uint64(slot & 63) & np.uint64(1):
            continue
        ss = street * slots + slot
        for i in range(ss_teams[ss]):
            if blink > 0.0 and random(st) < blink:
                continue
            t = ss_team[ss, i]
            n, extra, come = stops[t], 0, True
            for p in range(p0, p1):
                more = crews[p] - need[t, authority[p]]
                if more > 0:
                    extra += more
                    come = come and left[ss, authority[p]] >= more
            cost0 = W_DOOR + (W_CREW + ride[t]) * extra
            if not come or cost0 >= best or n >= MAX_STOPS:
                continue
            clock, here = lo[slot], 0
            for k in range(n + 1):
                start = max(clock + legs[from_here + here] + (buffer if k else 0), opens)
                if start + stay > closes:
                    break
                if k < n:
                    after = job_place[team_job[t, k]]
                    fits = start + stay + legs[from_here + after] + buffer <= team_latest[t, k]
                else:
                    after = 0
                    fits = start + stay + home <= hi[slot]
                if fits:
                    way = legs[from_here + here] + legs[from_here + after] - legs[base + here * places + after]
                    cost = cost0 + (members[t] + extra) * way
                    if cost < best:
                        best, team, where = cost, t, k
                if k < n:
                    clock = team_start[t, k] + option_stay[option_of[team_job[t, k]]]
                    here = after
    return best, team, where


@njit(cache=True, error_model="numpy")
def _own_slot(d, st, j, o, limit):  # type: ignore[no-untyped-def]
    """Return a slot for a team of its own that costs less than the limit, from a random one on; -1 when there is none.

    It costs the same everywhere, a new joint day aside.
    """
    left, ss_teams, words = st.left, st.ss_teams, d.option_words
    authority, crews, day_visits = d.part_authority, d.part_crews, st.day_visits
    street, home, stay = d.job_street[j], leg(d, d.job_street[j], 0, d.job_place[j]), d.option_stay[o]
    p0, p1, coming = d.option_parts[o], d.option_parts[o + 1], 0
    for p in range(p0, p1):
        coming += crews[p]
    cost = W_DOOR + (W_CREW + 2.0 * home) * coming
    best, found, slots, first = limit, -1, d.num_slots, below(st, d.num_slots)
    if cost >= limit:
        return found
    for k in range(slots):
        slot = first + k if first + k < slots else first + k - slots
        if not words[o, slot >> 6] >> np.uint64(slot & 63) & np.uint64(1):
            continue
        fresh = day_visits[street, slot // d.num_shifts] == 0
        if fresh and cost + W_DAY >= best:
            continue
        start = max(d.slot_lo[slot] + home, d.job_from[j])
        come = start + stay <= min(d.slot_hi[slot] - home, d.job_to[j])
        come = come and ss_teams[street * slots + slot] < MAX_TEAMS
        for p in range(p0, p1):
            come = come and left[street * slots + slot, authority[p]] >= crews[p]
        if come:
            best, found = cost + (W_DAY if fresh else 0.0), slot
            if not fresh:
                break
    return found


@njit(cache=True, error_model="numpy")
def insert_job(d, st, j, blink):  # type: ignore[no-untyped-def]
    """Place a job where it costs least, with the heaviest option that fits anywhere; say whether it was placed."""
    for o in range(d.job_options[j], d.job_options[j + 1]):
        best, team, where = _best_team(d, st, j, o, blink)
        slot = _own_slot(d, st, j, o, best)
        if slot >= 0:
            insert_at(d, st, j, o, -1, d.job_street[j] * d.num_slots + slot, 0)
            return True
        if team >= 0:
            insert_at(d, st, j, o, team, st.team_ss[team], where)
            return True
    return False


@njit(cache=True, error_model="numpy")
def better(a, b):  # type: ignore[no-untyped-def]
    """Say whether totals a come before b in the order of tiers."""
    if a[WEIGHT] != b[WEIGHT]:
        return a[WEIGHT] > b[WEIGHT]
    for k in range(DOORS, TRAVEL + 1):
        if a[k] != b[k]:
            return a[k] < b[k]
    return False


@njit(cache=True, error_model="numpy")
def _cost(st, price):  # type: ignore[no-untyped-def]
    t = st.totals
    return W_DOOR * t[DOORS] + W_CREW * t[CREWS] + W_DAY * t[DAYS] + t[TRAVEL] - price * t[WEIGHT]


@njit(cache=True, error_model="numpy")
def _take(d, st, j, todo, n):  # type: ignore[no-untyped-def]
    for k in range(n):
        if todo[k] == j:
            return n
    if n >= MAX_TODO:
        return n
    if st.job_team[j] >= 0:
        remove_job(d, st, j)
    todo[n] = j
    return n + 1


@njit(cache=True, error_model="numpy")
def _take_team(d, st, t, todo, n):  # type: ignore[no-untyped-def]
    while st.team_ss[t] >= 0 and st.team_stops[t] > 0 and n < MAX_TODO:
        n = _take(d, st, st.team_job[t, st.team_stops[t] - 1], todo, n)
    return n


@njit(cache=True, error_model="numpy")
def _any_placed(st):  # type: ignore[no-untyped-def]
    for _ in range(20):
        j = below(st, len(st.job_team))
        if st.job_team[j] >= 0:
            return j
    return -1


@njit(cache=True, error_model="numpy")
def _ruin_for(d, st, j, todo):  # type: ignore[no-untyped-def]
    """Make room for a job below its best: take back teams of its authorities in one slot that its option allows."""
    n = _take(d, st, j, todo, 0)
    o = d.job_options[j] + below(st, min(3, d.job_options[j + 1] - d.job_options[j]))
    slot = -1
    for _ in range(60):
        k = below(st, d.num_slots)
        if d.option_words[o, k >> 6] >> np.uint64(k & 63) & np.uint64(1):
            slot = k
            break
    if slot < 0:
        return n
    for p in range(d.option_parts[o], d.option_parts[o + 1]):
        a = d.part_authority[p]
        if st.left[d.job_street[j] * d.num_slots + slot, a] >= d.part_crews[p]:
            continue
        first = d.job_street[j] if random(st) < 0.5 else below(st, d.num_streets)
        for s in range(d.num_streets):
            ss = (first + s) % d.num_streets * d.num_slots + slot
            hit = -1
            for k in range(st.ss_teams[ss]):
                if st.team_need[st.ss_team[ss, k], a] > 0:
                    hit = st.ss_team[ss, k]
            if hit >= 0:
                n = _take_team(d, st, hit, todo, n)
                break
    return n


@njit(cache=True, error_model="numpy")
def _ruin(d, st, todo):  # type: ignore[no-untyped-def]
    short = st.counts[NUM_DEFICIENT]
    if short > 0 and random(st) < 0.15:
        return _ruin_for(d, st, st.deficient[below(st, short)], todo)
    j, n, draw = _any_placed(st), 0, random(st)
    if j < 0:
        return 0
    if draw < 0.45:
        n = _take(d, st, j, todo, n)
        count = 1 + below(st, 6)
        for k in range(d.near.shape[1]):
            if count <= 0 or d.near[j, k] < 0:
                break
            if random(st) < 0.5:
                n = _take(d, st, d.near[j, k], todo, n)
                count -= 1
    elif draw < 0.75:  # one or two teams, the smaller of two drawn
        for _ in range(1 + below(st, 2)):
            j, other = _any_placed(st), _any_placed(st)
            if j >= 0 and other >= 0:
                t, u = st.job_team[j], st.job_team[other]
                n = _take_team(d, st, t if st.team_stops[t] <= st.team_stops[u] else u, todo, n)
    elif draw < 0.85:  # one team and the teams of its near jobs
        n = _take_team(d, st, st.job_team[j], todo, n)
        k = below(st, d.near.shape[1])
        if d.near[j, k] >= 0 and st.job_team[d.near[j, k]] >= 0:
            n = _take_team(d, st, st.job_team[d.near[j, k]], todo, n)
    elif draw < 0.93:  # a street shift
        ss = st.team_ss[st.job_team[j]]
        while st.ss_teams[ss] > 0 and n < 24:
            n = _take_team(d, st, st.ss_team[ss, st.ss_teams[ss] - 1], todo, n)
    else:
        for _ in range(1 + below(st, 5)):
            j = _any_placed(st)
            if j >= 0:
                n = _take(d, st, j, todo, n)
    return n


@njit(cache=True, error_model="numpy")
def _sort(d, st, todo, keys, n):  # type: ignore[no-untyped-def]
    rule = below(st, 4)
    for k in range(n):
        j = todo[k]
        o = d.job_options[j]
        key = random(st)
        if rule == 1:
            key -= d.option_parts[o + 1] - d.option_parts[o]
        elif rule == 2:
            key -= 0.05 * d.option_stay[o]
        elif rule == 3:
            for w in range(d.option_words.shape[1]):
                word = d.option_words[o, w]
                while word:
                    word &= word - np.uint64(1)
                    key += 0.05
        i = k - 1
        while i >= 0 and keys[i] > key:
            keys[i + 1], todo[i + 1] = keys[i], todo[i]
            i -= 1
        keys[i + 1], todo[i + 1] = key, j


@njit(cache=True, error_model="numpy")
def store(st, best):  # type: ignore[no-untyped-def]
    """Copy the state's solution."""
    best.job_team[:] = st.job_team
    best.job_pos[:] = st.job_pos
    best.job_option[:] = st.job_option
    best.team_ss[:] = st.team_ss
    best.totals[:] = st.totals


@njit(cache=True, nogil=True, error_model="numpy")
def anneal(d, st, best, iterations, heat, price):  # type: ignore[no-untyped-def]
    """Run so many iterations at a temperature and a price of weight; `best` keeps the best in the order of tiers."""
    todo, keys = np.zeros(MAX_TODO + 1, dtype=np.int64), np.zeros(MAX_TODO + 1)
    for _ in range(iterations):
        before = _cost(st, price)
        n = _ruin(d, st, todo)
        if st.counts[NUM_DEFICIENT] > n and random(st) < 0.3:
            n = _take(d, st, st.deficient[below(st, st.counts[NUM_DEFICIENT])], todo, n)
        _sort(d, st, todo, keys, n)
        for k in range(n):
            insert_job(d, st, todo[k], BLINK)
        change = _cost(st, price) - before
        if change > 0 and random(st) >= np.exp(-change / heat):
            undo(d, st)
        else:
            keep(st)
            if better(st.totals, best.totals):
                store(st, best)


@njit(cache=True, nogil=True, error_model="numpy")
def insert_all(d, st, order, best):  # type: ignore[no-untyped-def]
    """Place every job of the order that is not placed, where it costs least."""
    for j in order:
        if st.job_team[j] < 0:
            insert_job(d, st, j, 0.0)
        keep(st)
    store(st, best)


@njit(cache=True, nogil=True, error_model="numpy")
def load(d, st, source):  # type: ignore[no-untyped-def]
    """Continue from another solution, which must be one."""
    _clear(d, st)
    for j in range(len(st.job_team)):
        t = source.job_team[j]
        if t >= 0:
            st.team_ss[t] = source.team_ss[t]
            st.team_job[t, source.job_pos[j]] = j
            st.team_stops[t] += 1
            st.job_option[j] = source.job_option[j]
    for t in range(len(st.team_ss)):
        if st.team_ss[t] >= 0:
            attach(d, st, t)


@njit(cache=True, error_model="numpy")
def _clear(d, st):  # type: ignore[no-untyped-def]
    for t in range(len(st.team_ss)):
        if st.team_ss[t] >= 0:
            detach(d, st, t)
            release(st, t)
    keep(st)


@njit(cache=True, error_model="numpy")
def try_team(d, st, ss, jobs, options):  # type: ignore[no-untyped-def]
    """Send a team with these stops in this order if shift, dates and pools allow it; say whether they did."""
    slot = ss % d.num_slots
    if len(jobs) > MAX_STOPS or st.ss_teams[ss] >= MAX_TEAMS:
        return False
    t = st.free[st.counts[NUM_FREE] - 1]
    need = np.zeros(d.num_authorities, dtype=np.int64)
    for k in range(len(jobs)):
        o = options[k]
        if not d.option_words[o, slot >> 6] >> np.uint64(slot & 63) & np.uint64(1):
            return False
        for p in range(d.option_parts[o], d.option_parts[o + 1]):
            need[d.part_authority[p]] = max(need[d.part_authority[p]], d.part_crews[p])
    for a in range(d.num_authorities):
        if need[a] > 0 and st.left[ss, a] < need[a]:
            return False
    st.team_ss[t] = ss
    st.team_stops[t] = len(jobs)
    for k in range(len(jobs)):
        st.team_job[t, k] = jobs[k]
        st.job_option[jobs[k]] = options[k]
    if not time_team(d, st, t):
        release(st, t)
        return False
    attach(d, st, t)
    return True
