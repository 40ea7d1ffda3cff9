"""The dearest crew shift: which tasks of a group one crew can do whose prices add up to most."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

MAX_STOPS = 10
"""Longest crew shift that is searched exactly; where more tasks would fit the relaxed value stands."""

NOTHING = 1e-9


def shortest_legs(legs: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.int16]:
    """Return the legs (places, places) of a street closed under detours: leaving a stop out never takes longer (R14).

    Where parking takes no time, rounding may break the triangle inequality; shorter legs only lower a bound.
    """
    out = legs.astype(np.int16)
    for k in range(len(out)):
        np.minimum(out, out[:, k, None] + out[k], out=out)
    return out


def least_detour(stop: float) -> int:
    """Return the least minutes by which a stop lengthens a way between two other places, all three apart.

    With legs of ``stop`` minutes and a metric d, rounded up: the two new legs are at least 2 stop + d(i, j), the leg
    that they replace is less than stop + d(i, j) + 1.
    """
    return max(0, math.ceil(stop - 1 - 1e-6))


@njit(cache=True, error_model="numpy")
def _relaxed(price, need, count, room, value):  # type: ignore[no-untyped-def]
    """Fill ``value[k, r]``: most price of tasks k, k + 1, ... whose needs add up to at most r minutes."""
    for r in range(room + 1):
        value[count, r] = 0.0
    for k in range(count - 1, -1, -1):
        w, x = need[k], price[k]
        for r in range(min(w, room + 1)):
            value[k, r] = value[k + 1, r]
        for r in range(w, room + 1):
            with_it = value[k + 1, r - w] + x
            value[k, r] = with_it if with_it > value[k + 1, r] else value[k + 1, r]


@njit(cache=True, error_model="numpy")
def _in_part(price, need, count, room):  # type: ignore[no-untyped-def]
    """Most price within so many minutes when the last task may be done in part; tasks are sorted by price a minute."""
    total = 0.0
    for k in range(count):
        if need[k] >= room:
            return total + price[k] * room / need[k]
        total += price[k]
        room -= need[k]
    return total


@njit(cache=True, error_model="numpy")
def dearest_route(  # type: ignore[no-untyped-def]
    price, place, minutes, need, lo, hi, count, legs, base, places, begin, end, buffer, waits, floor, slack, work, found
):
    """Return (value, most, stops): the dearest set of tasks for one crew above `floor`, or (floor, floor, 0).

    No set is worth more than `most`, which is the value when `slack` is 0; otherwise sets that cannot be worth `slack`
    more than the best are passed over, which takes a fraction of the time.

    Tasks are sorted by price a minute of ``need``: what a task adds at least to the minutes on the way and on site of
    any crew shift, its minutes, least detour and buffer. Sets grow in that order; ``done[set, last]`` is the earliest
    minute at which the tasks of a set are done when `last` comes last, so any order of stops counts. What can be added
    to a set is at most what fits beyond its shortest round: that without opening hours where crews may wait for them,
    as more tasks may fill the waiting (``done_any``).
    """
    value, done, done_any, stack = work
    any_lo, any_hi = np.full(count, begin), np.full(count, end)
    alone = np.int64(1 << 30)
    for i in range(count):
        alone = min(alone, 2 * legs[base + place[i] * places] + minutes[i] - need[i])
    room = end - begin - alone  # the first stop costs its way out and home, but no buffer
    best, best_stops, most = floor, 0, floor
    if count == 0 or room <= 0 or _in_part(price, need, count, room) <= best + NOTHING:
        return best, best, 0
    _relaxed(price, need, count, room, value)
    depth = 0
    at = np.zeros(MAX_STOPS + 1, dtype=np.int64)
    worth = np.zeros(MAX_STOPS + 1)
    spare = np.zeros(MAX_STOPS + 1, dtype=np.int64)
    spare[0] = room
    while depth >= 0:
        k = at[depth]
        if k >= count:
            depth -= 1
            continue
        wanted = best + slack + NOTHING - worth[depth]
        if value[k, spare[depth]] <= wanted:
            most = max(most, worth[depth] + value[k, spare[depth]])
            depth -= 1
            continue
        at[depth] = k + 1
        rest = spare[depth] - need[k]
        if rest < 0:
            continue
        if price[k] + value[k + 1, rest] <= wanted:
            most = max(most, worth[depth] + price[k] + value[k + 1, rest])
            continue
        home = _round(place, minutes, lo, hi, legs, base, places, begin, end, buffer, done, stack, depth, k)
        if home > end:
            continue
        if waits:
            home = _round(
                place, minutes, any_lo, any_hi, legs, base, places, begin, end, buffer, done_any, stack, depth, k
            )
        total = worth[depth] + price[k]
        stack[depth] = k
        if total > best:
            best, best_stops = total, depth + 1
            for q in range(depth + 1):
                found[q] = stack[q]
        if depth + 1 >= MAX_STOPS:
            # too long to search on: what is left counts in full, which only lowers a bound
            most = max(most, total + value[k + 1, rest])
            continue
        depth += 1
        at[depth] = k + 1
        worth[depth] = total
        spare[depth] = min(rest, end - home)
    return best, max(best, most) if slack > 0 or most > best + NOTHING else best, best_stops


@njit(cache=True, error_model="numpy")
def _round(place, minutes, lo, hi, legs, base, places, begin, end, buffer, done, stack, depth, k):  # type: ignore[no-untyped-def]
    """Extend the table of sets by task k as bit `depth`; return when one crew is home at the earliest.

    Later than `end` when no order of stops is possible.

    R09 opening hours, R14 legs with the buffer, R21 back by the shift's end.
    """
    never = np.int64(1 << 30)
    bit = 1 << depth
    home = never
    for earlier in range(bit):
        for last in range(depth + 1):
            if last < depth and not earlier >> last & 1:
                continue
            i = k if last == depth else stack[last]
            before = earlier if last == depth else (earlier & ~(1 << last)) | bit
            start = never
            if before == 0:
                start = begin + legs[base + place[i]]
            else:
                for other in range(depth + 1):
                    if before >> other & 1 and done[before, other] < never:
                        j = k if other == depth else stack[other]
                        start = min(start, done[before, other] + legs[base + place[j] * places + place[i]] + buffer)
            start = max(start, lo[i])
            leave = start + minutes[i]
            if start >= never or leave > hi[i] or leave + legs[base + place[i] * places] > end:
                leave = never
            done[earlier | bit, last] = leave
            if earlier == bit - 1 and leave < never:
                home = min(home, leave + legs[base + place[i] * places])
    return home
