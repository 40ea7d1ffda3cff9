"""The best that one enterprise can do at given prices of crew minutes: which visit in which period, and who comes."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, error_model="numpy")
def _keeps(chosen, first, last, sets, left):  # type: ignore[no-untyped-def]
    """Say whether a set of periods keeps the caps from `first` to `last` - 1."""
    for c in range(first, last):
        inside, count = chosen & sets[c], 0
        while inside:
            inside &= inside - 1
            count += 1
        if count > left[c]:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _low(chosen):  # type: ignore[no-untyped-def]
    """Return the number of the lowest bit of a set."""
    k = 0
    while not chosen >> k & 1:
        k += 1
    return k


@njit(cache=True, nogil=True, error_model="numpy")
def _group(p, g, visited, price, allowed, own, best):  # type: ignore[no-untyped-def]
    """Return the periods, of those visited, in which group g comes, and what its items that count are then worth.

    Parameters
    ----------
    allowed : set of periods in which each item could be served, within those visited.
    own, best : scratch, of 2^num_periods values.
    """
    source, size = p.group_source[g], 1 << p.num_periods
    own[0] = 0.0
    for chosen in range(1, size):
        if chosen & ~visited == 0:
            own[chosen] = own[chosen & (chosen - 1)] - price[source, _low(chosen)] * p.group_fixed[g]
    for i in range(p.group_items[g], p.group_items[g + 1]):
        if p.item_exempt[i] or not allowed[i]:
            continue
        best[0] = 0.0
        for chosen in range(1, size):
            if chosen & ~visited == 0:
                q, value = _low(chosen), 0.0
                if allowed[i] >> q & 1:
                    value = p.item_weight[i] - price[source, q] * p.item_minutes[i]
                best[chosen] = max(best[chosen & (chosen - 1)], value)
                own[chosen] += best[chosen]
    come = 0
    for chosen in range(1, size):
        if (
            chosen & ~visited == 0
            and own[chosen] > own[come]
            and _keeps(chosen, p.group_caps[g], p.group_caps[g + 1], p.gcap_set, p.gcap_left)
        ):
            come = chosen
    return come, own[come]


@njit(cache=True, nogil=True, error_model="numpy")
def _value(p, e, choice, price, door_price, banned, allowed, own, best):  # type: ignore[no-untyped-def]
    """Return what enterprise e's chosen visits are worth, -inf where they break a cap or the gap; sets `allowed`."""
    first = p.group_items[p.ent_groups[e]]
    last = p.group_items[p.ent_groups[e + 1]]
    allowed[first:last] = 0
    visited, doors = 0, 0
    for q in range(p.num_periods):
        option = choice[e, q]
        if option >= 0:
            visited |= 1 << q
            doors += 1
            for k in range(p.option_items[option], p.option_items[option + 1]):
                i = p.option_item[k]
                if not banned[i] >> q & 1:
                    allowed[i] |= 1 << q
    if not p.sets[visited] or not _keeps(visited, p.ent_caps[e], p.ent_caps[e + 1], p.cap_set, p.cap_left):
        return -np.inf
    worth = -door_price * doors
    for g in range(p.ent_groups[e], p.ent_groups[e + 1]):
        _, value = _group(p, g, visited, price, allowed, own, best)
        worth += value
        source = p.group_source[g]
        for i in range(p.group_items[g], p.group_items[g + 1]):
            if p.item_exempt[i]:
                most = 0.0
                for q in range(p.num_periods):
                    if allowed[i] >> q & 1:
                        most = max(most, p.item_weight[i] - price[source, q] * p.item_minutes[i])
                worth += most
    return worth


@njit(cache=True, nogil=True, error_model="numpy")
def respond(p, e, choice, price, door_price, banned, allowed, own, best):  # type: ignore[no-untyped-def]
    """Improve enterprise e's `choice` of visits until no other visit in one or two periods is worth more."""
    now = _value(p, e, choice, price, door_price, banned, allowed, own, best)
    if now == -np.inf:
        choice[e, :] = -1
        now = 0.0
    first, last = p.ent_options[e], p.ent_options[e + 1]
    better = True
    while better:
        better = False
        for q in range(p.num_periods):  # another visit in this period, or none
            kept, top = choice[e, q], choice[e, q]
            for option in range(first - 1, last):
                new = -1 if option < first else option
                if new == kept or (new >= 0 and p.option_period[new] != q):
                    continue
                choice[e, q] = new
                value = _value(p, e, choice, price, door_price, banned, allowed, own, best)
                if value > now + 1e-9:
                    now, top, better = value, new, True
            choice[e, q] = top
        if better:
            continue
        for q in range(p.num_periods):  # other visits in two periods at once
            for r in range(q):
                kept_q, kept_r = choice[e, q], choice[e, r]
                top_q, top_r = kept_q, kept_r
                for one in range(first - 1, last):
                    new_q = -1 if one < first else one
                    if new_q == kept_q or (new_q >= 0 and p.option_period[new_q] != q):
                        continue
                    choice[e, q] = new_q
                    for other in range(first - 1, last):
                        new_r = -1 if other < first else other
                        if new_r == kept_r or (new_r >= 0 and p.option_period[new_r] != r):
                            continue
                        choice[e, r] = new_r
                        value = _value(p, e, choice, price, door_price, banned, allowed, own, best)
                        if value > now + 1e-9:
                            now, top_q, top_r, better = value, new_q, new_r, True
                choice[e, q], choice[e, r] = top_q, top_r
    return now


@njit(cache=True, nogil=True, error_model="numpy")
def place(p, e, choice, price, banned, period, allowed, own, best):  # type: ignore[no-untyped-def]
    """Set the periods of enterprise e's items to where they are worth most among its chosen visits."""
    _value(p, e, choice, price, 0.0, banned, allowed, own, best)
    visited = 0
    for q in range(p.num_periods):
        if choice[e, q] >= 0:
            visited |= 1 << q
    for g in range(p.ent_groups[e], p.ent_groups[e + 1]):
        come, _ = _group(p, g, visited, price, allowed, own, best)
        source = p.group_source[g]
        for i in range(p.group_items[g], p.group_items[g + 1]):
            period[i], most = -1, 0.0
            for q in range(p.num_periods):
                if allowed[i] >> q & 1 and (p.item_exempt[i] or come >> q & 1):
                    worth = p.item_weight[i] - price[source, q] * p.item_minutes[i]
                    if worth > most:
                        period[i], most = q, worth


@njit(cache=True, nogil=True, error_model="numpy")
def _asked(p, g, q, period):  # type: ignore[no-untyped-def]
    """Return the crew minutes that group g asks for in a period."""
    need = 0
    for i in range(p.group_items[g], p.group_items[g + 1]):
        if period[i] == q:
            need += p.item_minutes[i]
    return need + p.group_fixed[g] if need else 0


@njit(cache=True, nogil=True, error_model="numpy")
def respond_all(p, choice, price, door_price, period, load):  # type: ignore[no-untyped-def]
    """Let every enterprise respond, and set `load` to the minutes asked of each source."""
    size = 1 << p.num_periods
    own, best = np.empty(size), np.empty(size)
    allowed = np.zeros(len(p.item_weight), dtype=np.int32)
    banned = np.zeros(len(p.item_weight), dtype=np.int32)
    load[:] = 0.0
    for e in range(len(p.ent_groups) - 1):
        respond(p, e, choice, price, door_price, banned, allowed, own, best)
        place(p, e, choice, price, banned, period, allowed, own, best)
        for g in range(p.ent_groups[e], p.ent_groups[e + 1]):
            for q in range(p.num_periods):
                load[p.group_source[g], q] += _asked(p, g, q, period)


@njit(cache=True, nogil=True, error_model="numpy")
def _room(p, source, q, left):  # type: ignore[no-untyped-def]
    room = 0.0
    for k in range(3):
        if p.source_pools[source, k] >= 0:
            room += left[p.source_pools[source, k], q]
    return room


@njit(cache=True, nogil=True, error_model="numpy")
def _draw(p, source, q, minutes, left, drawn):  # type: ignore[no-untyped-def]
    for k in range(3):
        pool = p.source_pools[source, k]
        if pool >= 0:
            taken = min(minutes, left[pool, q])
            left[pool, q] -= taken
            drawn[source, k, q] += taken
            minutes -= taken


@njit(cache=True, nogil=True, error_model="numpy")
def _give_back(p, source, q, minutes, left, drawn):  # type: ignore[no-untyped-def]
    for k in range(2, -1, -1):
        pool = p.source_pools[source, k]
        if pool >= 0:
            given = min(minutes, drawn[source, k, q])
            left[pool, q] += given
            drawn[source, k, q] -= given
            minutes -= given


@njit(cache=True, nogil=True, error_model="numpy")
def _least_worth(p, g, q, period):  # type: ignore[no-untyped-def]
    """Return the item of group g in a period that is worth least a minute."""
    worst = -1
    for i in range(p.group_items[g], p.group_items[g + 1]):
        if period[i] == q and (
            worst < 0 or p.item_weight[i] * p.item_minutes[worst] < p.item_weight[worst] * p.item_minutes[i]
        ):
            worst = i
    return worst


@njit(cache=True, nogil=True, error_model="numpy")
def settle(p, order, choice, price, spread, door_price, tries, period, left, drawn):  # type: ignore[no-untyped-def]
    """Let enterprises respond one after the other, each with what the others have left; capacity is kept.

    Parameters
    ----------
    order : enterprises; what they had so far is given back first, and kept where the response is worth no more.
    spread : what a minute costs more in a period whose crews are busy, by the share that is drawn already.
    tries : responses of an enterprise; what the crews left no room for is forbidden in the next.
    left : capacity on entry, what is left of it afterwards.
    drawn : minutes of each source from each of its pools in each period.
    """
    size, n = 1 << p.num_periods, p.num_periods
    own, best = np.empty(size), np.empty(size)
    allowed = np.zeros(len(p.item_weight), dtype=np.int32)
    banned = np.zeros(len(p.item_weight), dtype=np.int32)
    former = np.full(len(p.item_weight), -1, dtype=np.int8)
    at = price.copy()
    for e in order:
        groups = range(p.ent_groups[e], p.ent_groups[e + 1])
        before = 0
        for g in groups:
            source = p.group_source[g]
            for i in range(p.group_items[g], p.group_items[g + 1]):
                former[i] = period[i]
                before += p.item_weight[i] if period[i] >= 0 else 0
            for q in range(n):
                _give_back(p, source, q, float(_asked(p, g, q, period)), left, drawn)
                whole, here = _room(p, source, q, p.capacity), _room(p, source, q, left)
                at[source, q] = price[source, q] + (spread * (1.0 - here / whole) if whole > 0 else 0.0)
                for i in range(p.group_items[g], p.group_items[g + 1]):
                    if here < p.item_minutes[i] + p.group_fixed[g]:
                        banned[i] |= 1 << q
        for _ in range(tries):
            respond(p, e, choice, at, door_price, banned, allowed, own, best)
            place(p, e, choice, at, banned, period, allowed, own, best)
            fits = True
            for g in groups:
                for q in range(n):
                    while _asked(p, g, q, period) > _room(p, p.group_source[g], q, left):
                        worst = _least_worth(p, g, q, period)  # gives way
                        period[worst], fits = -1, False
                        banned[worst] |= 1 << q
            if fits:
                break
        after = 0
        for g in groups:
            for i in range(p.group_items[g], p.group_items[g + 1]):
                after += p.item_weight[i] if period[i] >= 0 else 0
        for g in groups:
            for i in range(p.group_items[g], p.group_items[g + 1]):
                if after < before:
                    period[i] = former[i]
            for q in range(n):
                _draw(p, p.group_source[g], q, float(_asked(p, g, q, period)), left, drawn)
