"""Street shifts as a whole: which visits of a street shift are worth most together beyond the crews that they take.

Prices of tasks alone let every authority choose its own visits, in part. Here a street shift takes whole visits with
all their authorities and whole crews, each crew a route that can be done; only the meeting at the door is left out.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from solver.bound.routes import NOTHING

MAX_TASKS = 8
"""Tasks of one authority in one street shift that are searched exactly; beyond, the relaxed value stands."""

MAX_VISITS = 24
MAX_CREWS = 3
"""Crews of one authority that the tables have room for; a street shift that could have more must not be searched."""

NEVER = 1 << 30


@njit(cache=True, error_model="numpy")
def _could_bring(worth, used, crews, most_crews, room, table, row):  # type: ignore[no-untyped-def]
    """Most that an authority brings above its crews when tasks from `row` on may join those it has."""
    best = -1e300
    for c in range(crews, most_crews + 1):
        left = c * room - used
        if left >= 0:
            best = max(best, worth + table[row, left] - c)
    return best


@njit(cache=True, error_model="numpy")
def _add_task(k, place, minutes, lo, hi, legs, base, places, begin, end, buffer, list_, n, done, feasible, crews_of):  # type: ignore[no-untyped-def]
    """Add task k as bit n to the sets of an authority; fill which sets one crew can do, and the crews that a set takes.

    R09 opening hours, R14 legs with the buffer, R21 back by the shift's end.
    """
    bit = 1 << n
    list_[n] = k
    for earlier in range(bit):
        whole = earlier | bit
        feasible[whole] = False
        for last in range(n + 1):
            if not whole >> last & 1:
                continue
            i, before = list_[last], whole & ~(1 << last)
            start = NEVER
            if before == 0:
                start = begin + legs[base + place[i]]
            else:
                for other in range(n + 1):
                    if before >> other & 1 and done[before, other] < NEVER:
                        leg = legs[base + place[list_[other]] * places + place[i]]
                        start = min(start, done[before, other] + leg + buffer)
            start = max(start, lo[i])
            leave = start + minutes[i]
            if start >= NEVER or leave > hi[i] or leave + legs[base + place[i] * places] > end:
                leave = NEVER
            done[whole, last] = leave
            feasible[whole] = feasible[whole] or leave < NEVER
        crews_of[whole] = NEVER
        part = whole
        while part > 0:
            if part & bit and feasible[part] and crews_of[whole ^ part] + 1 < crews_of[whole]:
                crews_of[whole] = crews_of[whole ^ part] + 1
            part = (part - 1) & whole


@njit(cache=True, nogil=True, error_model="numpy")
def fullest_shifts(  # type: ignore[no-untyped-def]
    t, price, slot_options, options, group_crews, first, last, legs, detours, places, slot_lo, slot_hi, buffer, slack,
    budget, num_authorities, option_ent, value, taken, num_chosen, chosen,
):  # fmt: skip
    """Find for the slots `first` to `last` - 1 of a single street the visits that bring most; set value and choice.

    ``value`` is never below the truth: sets that cannot be worth `slack` more than the best found, or beyond `budget`
    steps, count with their relaxed value. ``taken`` are the crews of the choice.
    """
    num_tasks = len(t.task_min)
    longest = 0
    for s in range(first, last):
        longest = max(longest, slot_hi[s] - slot_lo[s])
    most_list = 0
    for s in range(first, last):
        most_list = max(most_list, slot_options[s + 1] - slot_options[s])
    height = most_list + 1
    width = MAX_CREWS * (longest + buffer) + 1
    own = np.zeros(num_tasks, dtype=np.int64)
    group_of = np.zeros(num_tasks, dtype=np.int64)
    for g in range(len(t.group_street)):
        for i in range(t.group_tasks[g], t.group_tasks[g + 1]):
            group_of[i] = g
    table = np.zeros((num_authorities, height, width))
    rows = np.zeros((num_authorities, height + 1), dtype=np.int64)
    room, limit = np.zeros(num_authorities, dtype=np.int64), np.zeros(num_authorities, dtype=np.int64)
    done = np.zeros((num_authorities, 1 << MAX_TASKS, MAX_TASKS), dtype=np.int64)
    feasible = np.zeros((num_authorities, 1 << MAX_TASKS), dtype=np.bool_)
    crews_of = np.zeros((num_authorities, 1 << MAX_TASKS), dtype=np.int64)
    tasks_in = np.zeros((num_authorities, MAX_TASKS), dtype=np.int64)
    worth = np.zeros((MAX_VISITS + 1, num_authorities))
    used, crews, count = (
        np.zeros((MAX_VISITS + 1, num_authorities), dtype=np.int64),
        np.zeros((MAX_VISITS + 1, num_authorities), dtype=np.int64),
        np.zeros((MAX_VISITS + 1, num_authorities), dtype=np.int64),
    )
    at, picked = np.zeros(MAX_VISITS + 1, dtype=np.int64), np.zeros(MAX_VISITS + 1, dtype=np.int64)
    rate, worth_of = np.zeros(most_list), np.zeros(most_list)
    for s in range(first, last):
        begin, end, n = slot_lo[s], slot_hi[s], slot_options[s + 1] - slot_options[s]
        here = options[slot_options[s] : slot_options[s + 1]]
        for a in range(num_authorities):
            room[a], limit[a] = 0, 0
        for q in range(n):
            o, need, worth_of[q] = here[q], 0.0, 0.0
            for k in range(t.option_tasks[o], t.option_tasks[o + 1]):
                i = t.option_task[k]
                g = group_of[i]
                a = t.group_authority[g]
                own[i] = t.task_min[i] + detours[t.task_place[i]] + buffer
                alone = 2 * legs[t.task_place[i] * places] + t.task_min[i] - own[i]
                room[a] = max(room[a], end - begin - alone)
                limit[a] = group_crews[g]
                need += own[i] * t.option_crews[k]
                worth_of[q] += price[i] * t.option_crews[k]
            rate[q] = -worth_of[q] / max(1.0, need)
        order = np.argsort(rate[:n])
        for a in range(num_authorities):
            limit[a] = min(limit[a], (width - 1) // max(1, room[a]))
            capacity = limit[a] * room[a]
            for r in range(capacity + 1):
                table[a, 0, r] = 0.0
            filled = 0
            rows[a, n] = 0
            for q in range(n - 1, -1, -1):
                o = here[order[q]]
                for k in range(t.option_tasks[o], t.option_tasks[o + 1]):
                    i = t.option_task[k]
                    if t.group_authority[group_of[i]] == a and filled < height - 1:
                        w, x = own[i] * t.option_crews[k], price[i] * t.option_crews[k]
                        for r in range(capacity + 1):
                            table[a, filled + 1, r] = table[a, filled, r]
                            if r >= w and table[a, filled, r - w] + x > table[a, filled + 1, r]:
                                table[a, filled + 1, r] = table[a, filled, r - w] + x
                        filled += 1
                rows[a, q] = filled
        best, most, best_num = 0.0, 0.0, 0
        for a in range(num_authorities):
            worth[0, a], used[0, a], crews[0, a], count[0, a] = 0.0, 0, 0, 0
            crews_of[a, 0] = 0
        depth, steps = 0, 0
        at[0] = 0
        while depth >= 0:
            q = at[depth]
            bound = 0.0
            for a in range(num_authorities):
                if limit[a] > 0 and room[a] > 0:
                    bound += _could_bring(
                        worth[depth, a],
                        used[depth, a],
                        crews[depth, a],
                        limit[a],
                        room[a],
                        table[a],
                        rows[a, min(q, n)],
                    )
            if q >= n or bound <= best + slack + NOTHING or steps > budget:
                if q < n:
                    most = max(most, bound)
                depth -= 1
                continue
            at[depth] = q + 1
            o = here[order[q]]
            twice = False
            for d in range(depth):
                other = here[order[picked[d]]]
                if option_ent[other] == option_ent[o] and not t.ent_several[option_ent[o]]:
                    twice = True
            if twice:
                continue
            steps += 1
            for a in range(num_authorities):
                worth[depth + 1, a], used[depth + 1, a] = worth[depth, a], used[depth, a]
                crews[depth + 1, a], count[depth + 1, a] = crews[depth, a], count[depth, a]
            possible, too_many = True, False
            for k in range(t.option_tasks[o], t.option_tasks[o + 1]):
                i = t.option_task[k]
                a = t.group_authority[group_of[i]]
                for _ in range(t.option_crews[k]):
                    m = count[depth + 1, a]
                    if m >= MAX_TASKS:
                        too_many = True
                        break
                    _add_task(
                        i, t.task_place, t.task_min, t.task_from, t.task_to, legs, 0, places, begin, end, buffer,
                        tasks_in[a], m, done[a], feasible[a], crews_of[a],
                    )  # fmt: skip
                    count[depth + 1, a] = m + 1
                    worth[depth + 1, a] += price[i]
                    used[depth + 1, a] += own[i]
                    crews[depth + 1, a] = crews_of[a, (1 << (m + 1)) - 1]
                    if crews[depth + 1, a] > limit[a]:
                        possible = False
                        break
                if too_many or not possible:
                    break
            if too_many:
                most = max(most, bound)
                continue
            if not possible:
                continue
            total = 0.0
            for a in range(num_authorities):
                total += worth[depth + 1, a] - crews[depth + 1, a]
            picked[depth] = q
            if total > best:
                best, best_num = total, depth + 1
                taken[s] = crews[depth + 1].sum()
                for d in range(depth + 1):
                    chosen[s, d] = here[order[picked[d]]]
            if depth + 1 >= MAX_VISITS:
                most = max(most, bound)
                continue
            depth += 1
            at[depth] = q + 1
        value[s] = max(best, most)
        num_chosen[s] = best_num


@njit(cache=True, nogil=True, error_model="numpy")
def known_shifts(t, price, known, known_num, known_taken, num_known, value, num_chosen, chosen):  # type: ignore[no-untyped-def]
    """The same among the known choices of every slot, ``known[slot, k, visit]``."""
    for s in range(len(num_known)):
        value[s], num_chosen[s] = 0.0, 0
        for k in range(num_known[s]):
            total = -float(known_taken[s, k])
            for d in range(known_num[s, k]):
                o = known[s, k, d]
                for j in range(t.option_tasks[o], t.option_tasks[o + 1]):
                    total += price[t.option_task[j]] * t.option_crews[j]
            if total > value[s]:
                value[s], num_chosen[s] = total, known_num[s, k]
                for d in range(known_num[s, k]):
                    chosen[s, d] = known[s, k, d]


@njit(cache=True, nogil=True, error_model="numpy")
def take_back(t, num_chosen, chosen, asked):  # type: ignore[no-untyped-def]
    """Take from the crews asked for what the chosen visits have: the direction in which prices rise."""
    for s in range(len(num_chosen)):
        for d in range(num_chosen[s]):
            o = chosen[s, d]
            for j in range(t.option_tasks[o], t.option_tasks[o + 1]):
                asked[t.option_task[j]] -= t.option_crews[j]
