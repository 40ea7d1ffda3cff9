"""Prices of tasks that prove a bound on crew shifts, and the ascent that finds good ones.

Give every task a price. An enterprise costs at least its cheapest option; a crew shift is worth at most one crew shift
plus what its dearest route brings above one, and pools say how many crew shifts there can be. For any prices the
enterprises' costs less what pools can bring is a lower bound (weak duality; docs/model.md, Bounds).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from solver.bound.routes import MAX_STOPS, dearest_route


@njit(cache=True, nogil=True, error_model="numpy")
def price_groups(  # type: ignore[no-untyped-def]
    t,
    price,
    first,
    last,
    legs,
    street_legs,
    street_places,
    detours,
    slot_lo,
    slot_hi,
    buffer,
    slack,
    profit,
    stops,
    route,
):
    """Find for groups `first` to `last` - 1 the dearest route; set its profit above 1 (0 if less), stops and tasks.

    The route of the call before, where it is worth more than 1 again, saves most of the search.
    """
    most, longest = 0, 0
    for g in range(first, last):
        most = max(most, t.group_tasks[g + 1] - t.group_tasks[g])
        longest = max(longest, slot_hi[t.group_slot[g]] - slot_lo[t.group_slot[g]])
    ints = np.zeros((6, most), dtype=np.int64)
    done = np.zeros((1 << MAX_STOPS, MAX_STOPS), dtype=np.int64)
    done_any = np.zeros((1 << MAX_STOPS, MAX_STOPS), dtype=np.int64)
    work = (np.zeros((most + 1, longest + buffer + 1)), done, done_any, np.zeros(MAX_STOPS, dtype=np.int64))
    found = np.zeros(MAX_STOPS, dtype=np.int64)
    needs = np.zeros(most, dtype=np.int64)
    prices, rate = np.zeros(most), np.zeros(most)
    for g in range(first, last):
        slot, street = t.group_slot[g], t.group_street[g]
        begin, end = slot_lo[slot], slot_hi[slot]
        count, waits = 0, False
        for i in range(t.group_tasks[g], t.group_tasks[g + 1]):
            waits = waits or t.task_from[i] > begin or t.task_to[i] < end
        for i in range(t.group_tasks[g], t.group_tasks[g + 1]):
            if price[i] > 1e-7:
                need = t.task_min[i] + detours[street, t.task_place[i]] + buffer
                rate[count] = -price[i] / need
                ints[4, count], ints[5, count] = i, need
                count += 1
        order = np.argsort(rate[:count])
        for k in range(count):
            i = ints[4, order[k]]
            ints[0, k], ints[1, k] = t.task_place[i], t.task_min[i]
            needs[k] = ints[5, order[k]]
            ints[2, k], ints[3, k] = t.task_from[i], t.task_to[i]
            prices[k] = price[i]
        floor = 0.0
        for q in range(stops[g]):
            floor += price[route[g, q]]
        _, most_worth, num = dearest_route(
            prices, ints[0], ints[1], needs, ints[2], ints[3], count, legs, street_legs[street], street_places[street],
            begin, end, buffer, waits, max(1.0, floor), slack, work, found,
        )  # fmt: skip
        profit[g] = most_worth - 1.0
        if num == 0 and floor <= 1.0:
            stops[g] = 0
        if num > 0:
            stops[g] = num
            for q in range(num):
                route[g, q] = ints[4, order[found[q]]]


@njit(cache=True, nogil=True, error_model="numpy")
def price_known(price, known, known_stops, num_known, profit, stops, route):  # type: ignore[no-untyped-def]
    """The same among the known routes of every group, ``known[g, k, stop]``: less than the dearest, and quick."""
    for g in range(len(num_known)):
        best, which = 1.0, -1
        for k in range(num_known[g]):
            worth = 0.0
            for q in range(known_stops[g, k]):
                worth += price[known[g, k, q]]
            if worth > best:
                best, which = worth, k
        profit[g] = best - 1.0
        if which >= 0:
            stops[g] = known_stops[g, which]
            for q in range(stops[g]):
                route[g, q] = known[g, which, q]


@njit(cache=True, nogil=True, error_model="numpy")
def learn(profit, stops, route, known, known_stops, num_known, oldest):  # type: ignore[no-untyped-def]
    """Add each group's paying route to its known ones, in place of the oldest when there are many; return how many."""
    added, room = 0, known.shape[1]
    for g in range(len(num_known)):
        if profit[g] <= 1e-6 or stops[g] == 0:
            continue
        k = num_known[g]
        if k < room:
            num_known[g] = k + 1
        else:
            k = oldest[g]
            oldest[g] = (k + 1) % room
        known_stops[g, k] = stops[g]
        for q in range(stops[g]):
            known[g, k, q] = route[g, q]
        added += 1
    return added


@njit(cache=True, nogil=True, error_model="numpy")
def ask(t, price, mode_items, mode_item, ent_items, item_weight, dearest, paid, asked):  # type: ignore[no-untyped-def]
    """Let every enterprise reach its best weight as cheaply as prices allow; set what it pays, return the sum.

    None pays more than its `dearest`; it asks for nothing then. So prices stay finite where pools can't serve all.

    ``asked`` counts the crews that the tasks are asked for. An enterprise that may get several visits pays for each
    item its share of the cheapest option with it, which is at most what its visits cost.
    """
    asked[:] = 0.0
    total = 0.0
    for e in range(len(t.ent_best)):
        first, end = t.ent_options[e], t.ent_options[e + 1]
        paid[e] = 0.0
        if first == end:
            continue
        if t.ent_several[e]:
            paid[e] = _ask_by_items(
                t, price, first, end, mode_items, mode_item, ent_items[e], ent_items[e + 1], item_weight, t.ent_best[e],
                dearest[e], asked,
            )  # fmt: skip
        else:
            least, chosen = 1e300, -1
            for o in range(first, end):
                cost = _cost(t, price, o)
                if cost < least:
                    least, chosen = cost, o
            paid[e] = min(least, dearest[e])
            if least <= dearest[e]:
                _count(t, chosen, 1.0, asked)
        total += paid[e]
    return total


@njit(cache=True, error_model="numpy")
def _cost(t, price, o):  # type: ignore[no-untyped-def]
    cost = 0.0
    for k in range(t.option_tasks[o], t.option_tasks[o + 1]):
        cost += price[t.option_task[k]] * t.option_crews[k]
    return cost


@njit(cache=True, error_model="numpy")
def _count(t, o, share, asked):  # type: ignore[no-untyped-def]
    for k in range(t.option_tasks[o], t.option_tasks[o + 1]):
        asked[t.option_task[k]] += share * t.option_crews[k]


@njit(cache=True, error_model="numpy")
def _ask_by_items(  # type: ignore[no-untyped-def]
    t, price, first, end, mode_items, mode_item, item_first, item_end, item_weight, best, dearest, asked
):
    """Cost of the cheapest items, the last one in part, that reach the enterprise's best weight, at most `dearest`."""
    num = item_end - item_first
    share = np.full(num, 1e300)
    option = np.full(num, -1, dtype=np.int64)
    for o in range(first, end):
        m = t.option_mode[o]
        cost = _cost(t, price, o) / (mode_items[m + 1] - mode_items[m])
        for k in range(mode_items[m], mode_items[m + 1]):
            i = mode_item[k] - item_first
            if cost < share[i]:
                share[i], option[i] = cost, o
    rate = np.empty(num)
    for i in range(num):
        w = item_weight[item_first + i]
        rate[i] = 1e300 if w <= 0 or option[i] < 0 else share[i] / w
    order, part = np.argsort(rate), np.zeros(num)
    total, missing = 0.0, float(best)
    for i in order:
        if missing <= 0 or rate[i] >= 1e300:
            break
        w = item_weight[item_first + i]
        part[i] = min(1.0, missing / w)
        missing -= w
        total += part[i] * share[i]
    if total > dearest:
        return dearest
    for i in order:
        if part[i] > 0:
            m = t.option_mode[option[i]]
            _count(t, option[i], part[i] / (mode_items[m + 1] - mode_items[m]), asked)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def offer(  # type: ignore[no-untyped-def]
    group_street, profit, most, pool_groups, pools, crews_street, crews_district, crews_city, street_district,
    num_slots, num_streets, num_districts, use
):  # fmt: skip
    """Let the pools send as many crews as pay; return what they bring above their cost (R23).

    Pools are nested, so taking the dearest groups first, each from its street's own crews, then its district's, then
    the city's, brings most. ``pools`` are ranges of `pool_groups` with one authority and slot: (first, end, both).
    """
    use[:] = 0.0
    total = 0.0
    district_left = np.zeros(num_districts)
    for k in range(len(pools)):
        first, end, a, slot = pools[k, 0], pools[k, 1], pools[k, 2], pools[k, 3]
        paying = 0
        for i in range(first, end):
            if profit[pool_groups[i]] > 0:
                paying += 1
        if paying == 0:
            continue
        for d in range(num_districts):
            district_left[d] = crews_district[(a * num_districts + d) * num_slots + slot]
        city_left = float(crews_city[a * num_slots + slot])
        order = np.argsort(-profit[pool_groups[first:end]])
        for i in order[:paying]:
            g = pool_groups[first + i]
            street = group_street[g]
            d = street_district[street]
            own = min(float(crews_street[(a * num_streets + street) * num_slots + slot]), most[g])
            of_district = min(district_left[d], most[g] - own)
            of_city = min(city_left, most[g] - own - of_district)
            district_left[d] -= of_district
            city_left -= of_city
            use[g] = own + of_district + of_city
            total += use[g] * profit[g]
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def scaled(t, price, profit):  # type: ignore[no-untyped-def]
    """Return the prices lowered in groups with a route above 1 until none is, so that pools bring nothing."""
    out = np.empty_like(price)
    for g in range(len(profit)):
        factor = 1.0 / (1.0 + max(0.0, profit[g]))
        for i in range(t.group_tasks[g], t.group_tasks[g + 1]):
            out[i] = price[i] * factor
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def deduct(use, stops, route, asked):  # type: ignore[no-untyped-def]
    """Take from the crews asked for what the routes would do: the direction in which prices rise."""
    for g in range(len(use)):
        if use[g] > 0:
            for q in range(stops[g]):
                asked[route[g, q]] -= use[g]
