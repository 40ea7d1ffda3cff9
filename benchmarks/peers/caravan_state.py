"""Compiled bookkeeping of caravans: teams go out and come back as a whole, pools are counted exactly."""

from __future__ import annotations

import numpy as np
from numba import njit

WEIGHT, DOORS, CREWS, DAYS, TRAVEL = range(5)
NUM_FREE, NUM_DEFICIENT, NUM_TOUCHED = range(3)


@njit(cache=True, error_model="numpy")
def random(st):  # type: ignore[no-untyped-def]
    """Uniform number in [0, 1), xorshift64*."""
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
def leg(d, street, i, j):  # type: ignore[no-untyped-def]
    """Minutes between two places of a street."""
    return d.legs[d.street_legs[street] + i * d.street_places[street] + j]


@njit(cache=True, error_model="numpy")
def _crews_left(d, st, a, street, slot):  # type: ignore[no-untyped-def]
    """Further crews of an authority that street, district and city still have."""
    district = d.street_district[street]
    own = d.crews_street[a, street, slot] - st.used[street * d.num_slots + slot, a]
    of_district = d.crews_district[a, district, slot] - st.over_street[a, district, slot]
    of_city = d.crews_city[a, 0, slot] - st.over_district[a, slot]
    return max(0, own) + max(0, of_district) + max(0, of_city)


@njit(cache=True, error_model="numpy")
def _count(d, st, a, street, slot, step):  # type: ignore[no-untyped-def]
    ss, district = street * d.num_slots + slot, d.street_district[street]
    own = d.crews_street[a, street, slot]
    used = st.used[ss, a]
    st.used[ss, a] = used + step
    change = max(0, used + step - own) - max(0, used - own)
    own = d.crews_district[a, district, slot]
    used = st.over_street[a, district, slot]
    st.over_street[a, district, slot] = used + change
    st.over_district[a, slot] += max(0, used + change - own) - max(0, used - own)
    set_left(d, st, a, slot)


@njit(cache=True, error_model="numpy")
def set_left(d, st, a, slot):  # type: ignore[no-untyped-def]
    """Work out again how many more crews of an authority every street could have in a slot."""
    for street in range(d.num_streets):
        st.left[street * d.num_slots + slot, a] = _crews_left(d, st, a, street, slot)


@njit(cache=True, error_model="numpy")
def _set_deficient(d, st, j, short):  # type: ignore[no-untyped-def]
    pos, n = st.deficient_pos[j], st.counts[NUM_DEFICIENT]
    if short and pos < 0:
        st.deficient[n] = j
        st.deficient_pos[j] = n
        st.counts[NUM_DEFICIENT] = n + 1
    elif not short and pos >= 0:
        last = st.deficient[n - 1]
        st.deficient[pos] = last
        st.deficient_pos[last] = pos
        st.deficient_pos[j] = -1
        st.counts[NUM_DEFICIENT] = n - 1


@njit(cache=True, error_model="numpy")
def time_team(d, st, t):  # type: ignore[no-untyped-def]
    """Set earliest and latest starts and the ride of a team's row; say whether the row keeps its shift."""
    ss, n = st.team_ss[t], st.team_stops[t]
    street, slot = ss // d.num_slots, ss % d.num_slots
    clock, here, ride = d.slot_lo[slot], 0, 0
    for k in range(n):
        j = st.team_job[t, k]
        way = leg(d, street, here, d.job_place[j])
        clock = max(clock + way + (d.buffer if k else 0), d.job_from[j])
        st.team_start[t, k] = clock
        clock += d.option_stay[st.job_option[j]]
        ride += way
        here = d.job_place[j]
    st.team_ride[t] = ride + leg(d, street, here, 0)
    end, fits = d.slot_hi[slot] - leg(d, street, here, 0), True
    for k in range(n - 1, -1, -1):
        j = st.team_job[t, k]
        latest = min(end, d.job_to[j]) - d.option_stay[st.job_option[j]]
        st.team_latest[t, k] = latest
        fits = fits and st.team_start[t, k] <= latest
        before = d.job_place[st.team_job[t, k - 1]] if k else 0
        end = latest - leg(d, street, before, d.job_place[j]) - d.buffer
    return fits


@njit(cache=True, error_model="numpy")
def attach(d, st, t):  # type: ignore[no-untyped-def]
    """Send a team whose street shift, stops and options are set; the row must keep its shift and the pools."""
    ss, n = st.team_ss[t], st.team_stops[t]
    street, slot = ss // d.num_slots, ss % d.num_slots
    time_team(d, st, t)
    st.team_need[t, :] = 0
    for k in range(n):
        j = st.team_job[t, k]
        o = st.job_option[j]
        for p in range(d.option_parts[o], d.option_parts[o + 1]):
            a = d.part_authority[p]
            st.team_need[t, a] = max(st.team_need[t, a], d.part_crews[p])
        st.job_team[j] = t
        st.job_pos[j] = k
        st.totals[WEIGHT] += d.option_weight[o]
        _set_deficient(d, st, j, d.option_weight[o] < d.job_best[j])
    members = 0
    for a in range(d.num_authorities):
        if st.team_need[t, a] > 0:
            _count(d, st, a, street, slot, st.team_need[t, a])
            members += st.team_need[t, a]
    st.team_members[t] = members
    st.totals[CREWS] += members
    st.totals[TRAVEL] += members * st.team_ride[t]
    st.totals[DOORS] += n
    day = slot // d.num_shifts
    if st.day_visits[street, day] == 0:
        st.totals[DAYS] += 1
    st.day_visits[street, day] += n
    st.team_place[t] = st.ss_teams[ss]
    st.ss_team[ss, st.ss_teams[ss]] = t
    st.ss_teams[ss] += 1
    pos = st.free_pos[t]
    if pos >= 0:
        last = st.free[st.counts[NUM_FREE] - 1]
        st.free[pos] = last
        st.free_pos[last] = pos
        st.free_pos[t] = -1
        st.counts[NUM_FREE] -= 1


@njit(cache=True, error_model="numpy")
def detach(d, st, t):  # type: ignore[no-untyped-def]
    """Take a team back: its jobs are unplaced, its row and their options stay as they were."""
    ss, n = st.team_ss[t], st.team_stops[t]
    street, slot = ss // d.num_slots, ss % d.num_slots
    members = st.team_members[t]
    for a in range(d.num_authorities):
        if st.team_need[t, a] > 0:
            _count(d, st, a, street, slot, -st.team_need[t, a])
    for k in range(n):
        j = st.team_job[t, k]
        st.totals[WEIGHT] -= d.option_weight[st.job_option[j]]
        st.job_team[j] = -1
        _set_deficient(d, st, j, True)
    st.totals[CREWS] -= members
    st.totals[TRAVEL] -= members * st.team_ride[t]
    st.totals[DOORS] -= n
    day = slot // d.num_shifts
    st.day_visits[street, day] -= n
    if st.day_visits[street, day] == 0:
        st.totals[DAYS] -= 1
    last = st.ss_team[ss, st.ss_teams[ss] - 1]
    st.ss_team[ss, st.team_place[t]] = last
    st.team_place[last] = st.team_place[t]
    st.ss_teams[ss] -= 1


@njit(cache=True, error_model="numpy")
def release(st, t):  # type: ignore[no-untyped-def]
    """Make a team that is taken back free for another street shift."""
    st.team_ss[t] = -1
    st.team_stops[t] = 0
    if st.free_pos[t] < 0:
        st.free[st.counts[NUM_FREE]] = t
        st.free_pos[t] = st.counts[NUM_FREE]
        st.counts[NUM_FREE] += 1


@njit(cache=True, error_model="numpy")
def touch(st, t):  # type: ignore[no-untyped-def]
    """Remember a team's row before its first change since the last decision."""
    if st.touched[t]:
        return
    n = st.counts[NUM_TOUCHED]
    st.touched[t] = 1
    st.saved_team[n] = t
    st.saved_ss[n] = st.team_ss[t]
    st.saved_stops[n] = st.team_stops[t]
    for k in range(st.team_stops[t]):
        st.saved_job[n, k] = st.team_job[t, k]
        st.saved_option[n, k] = st.job_option[st.team_job[t, k]]
    st.counts[NUM_TOUCHED] = n + 1


@njit(cache=True, error_model="numpy")
def keep(st):  # type: ignore[no-untyped-def]
    """Accept the changes."""
    for k in range(st.counts[NUM_TOUCHED]):
        st.touched[st.saved_team[k]] = 0
    st.counts[NUM_TOUCHED] = 0


@njit(cache=True, error_model="numpy")
def undo(d, st):  # type: ignore[no-untyped-def]
    """Take the changes back."""
    for k in range(st.counts[NUM_TOUCHED]):
        t = st.saved_team[k]
        if st.team_ss[t] >= 0:
            detach(d, st, t)
            release(st, t)
    for k in range(st.counts[NUM_TOUCHED]):
        t = st.saved_team[k]
        if st.saved_ss[k] >= 0:
            st.team_ss[t] = st.saved_ss[k]
            st.team_stops[t] = st.saved_stops[k]
            for i in range(st.saved_stops[k]):
                st.team_job[t, i] = st.saved_job[k, i]
                st.job_option[st.saved_job[k, i]] = st.saved_option[k, i]
            attach(d, st, t)
    keep(st)


@njit(cache=True, error_model="numpy")
def remove_job(d, st, j):  # type: ignore[no-untyped-def]
    """Take a placed job out of its team."""
    t = st.job_team[j]
    touch(st, t)
    detach(d, st, t)
    for k in range(st.job_pos[j], st.team_stops[t] - 1):
        st.team_job[t, k] = st.team_job[t, k + 1]
    st.team_stops[t] -= 1
    if st.team_stops[t]:
        attach(d, st, t)
    else:
        release(st, t)


@njit(cache=True, error_model="numpy")
def insert_at(d, st, j, o, t, ss, pos):  # type: ignore[no-untyped-def]
    """Put a job into a team (a free one when t is -1) of a street shift before its stop `pos`."""
    if t < 0:
        t = st.free[st.counts[NUM_FREE] - 1]
        touch(st, t)
        st.team_ss[t] = ss
        st.team_stops[t] = 0
    else:
        touch(st, t)
        detach(d, st, t)
    for k in range(st.team_stops[t], pos, -1):
        st.team_job[t, k] = st.team_job[t, k - 1]
    st.team_job[t, pos] = j
    st.team_stops[t] += 1
    st.job_option[j] = o
    attach(d, st, t)
