"""The most weight that crews have time for: a bound where there are too few of them.

Every part takes its minutes, the nearest leg to it and the buffer off a crew shift; the first leg and the way home are
taken off before. Give a minute of every authority, street and slot a price. An enterprise serves at most what its best
choice of items and slot brings above its minutes, pools sell at most all their crews' minutes at the dearest streets,
and the sum of both is an upper bound of the weight served for any prices (weak duality; docs/model.md, Bounds).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from solver.bound.tasks import F64, I64, MAX_LISTED, item_weights
from solver.limits import Progress, Watcher
from solver.timetable.problem import U64, TimetableProblem

TOLD_APART = 1e-9
"""Prices bring the same where they differ by less; what is asked for is spread evenly over such choices."""

FIRST_AIM, LAST_AIM = 0.001, 1e-6
"""How far below the best bound the steps aim, as a share of all weight: at first, and when the descent ends."""

PATIENCE = 20
"""Evaluations without a gain after which the aim is halved."""

UNTIL_GAIN = 100
"""Evaluations after which a descent without any gain ends: crews suffice, as far as this relaxation tells."""

ROUNDING = 1e-12
"""Error of a sum of floating point numbers at most, as a share of it; below it a weight is rounded down as if whole."""

ANYHOW, ONE_VISIT, BY_ITEMS = range(3)
"""How an enterprise is bounded: at its best whatever the prices, by its modes, by the cheapest mode of each item."""


class Minutes(NamedTuple):
    """What visits ask of crews and what crews have, in minutes; prices stand by street, authority and slot.

    Parameters
    ----------
    ent_rule, ent_street, ent_best, ent_modes, ent_items : by enterprise, see the rules above and the problem.
    mode_weight, mode_parts, mode_items, mode_item, mode_words, item_weight, part_authority : as in the problem.
    part_need : (parts,) minutes of all its crews, with the nearest leg and the buffer.
    crew_min : (streets, slots) minutes of a crew shift that parts can have.
    own : (streets, authorities, slots) crews of the street.
    district, city : (districts, authorities, slots) and (authorities, slots) crews.
    street_district : (streets,).
    """

    ent_rule: I64
    ent_street: I64
    ent_best: I64
    ent_modes: I64
    ent_items: I64
    mode_weight: I64
    mode_parts: I64
    mode_items: I64
    mode_item: I64
    mode_words: U64
    item_weight: I64
    part_authority: I64
    part_need: F64
    crew_min: F64
    own: F64
    district: F64
    city: F64
    street_district: I64


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightWork:
    """A problem, and how often its prices may be evaluated."""

    problem: TimetableProblem
    evaluations: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PricedWeight:
    """A bound on the weight served, and what one crew more on every date and shift of an area adds to it at most.

    Parameters
    ----------
    most : weight that no timetable serves more than.
    own, district, city : (streets, authorities), (districts, authorities), (authorities,) weight by which one crew more
        raises the bound at these prices; 0 where crews are not what is short.
    """

    most: int
    own: F64
    district: F64
    city: F64


def most_weight(work: WeightWork, watch: Watcher) -> int:
    """Return a weight that no timetable serves more than, at most the sum of what enterprises reach alone."""
    return priced_weight(work, watch).most


def priced_weight(work: WeightWork, watch: Watcher) -> PricedWeight:
    """Return the bound with the worth of crews at its prices (dual prices of the pools).

    A subgradient descent from prices of 0, where the bound is the sum of what enterprises reach alone; it repeats bit
    for bit unless it is stopped.
    """
    p = work.problem
    m = minutes_of(p)
    price = np.zeros(m.own.shape)
    asked, offered = np.zeros(m.own.shape), np.zeros(m.own.shape)
    look = Progress(stage="bound", elapsed_s=0.0, iterations=0, terms=None)
    whole = float(p.ent_best.sum())
    best, top, aim, since = whole, price, FIRST_AIM * whole, 0
    for turn in range(work.evaluations):
        value = _served(m, price, asked) + _sold(m, price, offered)
        if value < best - TOLD_APART * whole:
            since = 0 if value < best - 0.1 * aim else since + 1
            best, top = value, price
        else:
            since += 1
        if (best >= whole and turn >= UNTIL_GAIN) or watch(look):
            break
        move = asked - offered
        move[(price <= 0) & (move < 0)] = 0.0
        norm = float((move * move).sum())
        if norm < TOLD_APART:
            break
        if since > PATIENCE:
            aim, since, price = 0.5 * aim, 0, top
            if aim < LAST_AIM * whole:
                break
        price = np.maximum(0.0, price + (value - best + aim) / norm * move)
    dear = top * m.crew_min[:, None, :]
    by_district = [dear[m.street_district == d].max(axis=0, initial=0.0).sum(axis=1) for d in range(len(m.district))]
    return PricedWeight(
        most=int(np.floor(best + max(1e-6, ROUNDING * whole))),
        own=dear.sum(axis=2),
        district=np.array(by_district).reshape(len(m.district), p.num_authorities),
        city=dear.max(axis=0, initial=0.0).sum(axis=1),
    )


def minutes_of(p: TimetableProblem) -> Minutes:
    """Return what the prices are weighed against."""
    several = np.diff(p.ent_visits) > 1
    listed = np.diff(p.ent_items) <= MAX_LISTED
    near, crew_min = _legs(p, several)
    part_mode = np.repeat(np.arange(len(p.mode_weight)), np.diff(p.mode_parts))
    part_ent = np.repeat(np.arange(p.num_enterprises), np.diff(p.ent_modes))[part_mode]
    shape = p.num_authorities, p.num_streets, p.num_slots
    by_district = p.crews_district.reshape(p.num_authorities, p.num_districts, p.num_slots)
    return Minutes(
        ent_rule=np.where(listed, np.where(several, BY_ITEMS, ONE_VISIT), ANYHOW).astype(np.int64),
        ent_street=p.ent_street.astype(np.int64),
        ent_best=p.ent_best.astype(np.int64),
        ent_modes=p.ent_modes.astype(np.int64),
        ent_items=p.ent_items.astype(np.int64),
        mode_weight=p.mode_weight.astype(np.int64),
        mode_parts=p.mode_parts.astype(np.int64),
        mode_items=p.mode_items.astype(np.int64),
        mode_item=p.mode_item.astype(np.int64),
        mode_words=p.mode_words,
        item_weight=item_weights(p),
        part_authority=p.part_authority.astype(np.int64),
        part_need=p.part_crews * (p.part_min + near[part_ent] + p.buffer),
        crew_min=crew_min,
        own=np.ascontiguousarray(p.crews_street.reshape(shape).swapaxes(0, 1), dtype=np.float64),
        district=np.ascontiguousarray(by_district.swapaxes(0, 1), dtype=np.float64),
        city=p.crews_city.reshape(p.num_authorities, p.num_slots).astype(np.float64),
        street_district=p.street_district.astype(np.int64),
    )


def _legs(p: TimetableProblem, several: npt.NDArray[np.bool_]) -> tuple[F64, F64]:
    """Return the least leg from another enterprise by enterprise, and minutes of a crew shift (streets, slots).

    A crew's first leg comes from the office: what that is longer than the least leg to the same enterprise, at least,
    is taken off its minutes, as is the way home. An enterprise that shares its place, or may be visited twice, may
    be the next one of a crew without any leg.
    """
    near = np.zeros(p.num_enterprises)
    crew_min = np.zeros((p.num_streets, p.num_slots))
    for street in range(p.num_streets):
        base, count = int(p.street_legs[street]), int(p.street_places[street])
        here = np.flatnonzero(p.ent_street == street)
        if not len(here):
            continue
        legs = p.legs[base : base + count * count].reshape(count, count).astype(np.float64)
        places = np.unique(p.ent_place[here])
        between = legs[np.ix_(places, places)]
        np.fill_diagonal(between, np.inf)
        least = legs[0, places] if len(places) == 1 else between.min(axis=0)
        alone = (np.bincount(p.ent_place[here], minlength=count)[p.ent_place[here]] == 1) & ~several[here]
        near[here] = np.where(alone, least[np.searchsorted(places, p.ent_place[here])], 0.0)
        first = (legs[0, p.ent_place[here]] - near[here]).min()
        home = legs[p.ent_place[here], 0].min()
        crew_min[street] = np.maximum(0.0, p.slot_hi - p.slot_lo + p.buffer - home - first)
    return near, crew_min


@njit(cache=True, error_model="numpy")
def _open(m, mode, k):  # type: ignore[no-untyped-def]
    return (m.mode_words[mode, k >> 6] >> np.uint64(k & 63)) & np.uint64(1) != 0


@njit(cache=True, error_model="numpy")
def _costs(m, price, street, mode, cost):  # type: ignore[no-untyped-def]
    """Set the cost of a mode's minutes in every slot; return the least of those where it may be."""
    cost[:] = 0.0
    for j in range(m.mode_parts[mode], m.mode_parts[mode + 1]):
        row, need = price[street, m.part_authority[j]], m.part_need[j]
        for k in range(len(cost)):
            cost[k] += need * row[k]
    least = np.inf
    for k in range(len(cost)):
        if _open(m, mode, k):
            least = min(least, cost[k])
    return least


@njit(cache=True, error_model="numpy")
def _ask(m, price, street, mode, share, cost, asked):  # type: ignore[no-untyped-def]
    """Spread a share of a mode's minutes over the slots where they cost least."""
    least = _costs(m, price, street, mode, cost) + TOLD_APART
    count = 0
    for k in range(len(cost)):
        count += 1 if _open(m, mode, k) and cost[k] <= least else 0
    for k in range(len(cost)):
        if _open(m, mode, k) and cost[k] <= least:
            for j in range(m.mode_parts[mode], m.mode_parts[mode + 1]):
                asked[street, m.part_authority[j], k] += share * m.part_need[j] / count


@njit(cache=True, error_model="numpy")
def _by_modes(m, price, e, cost, asked):  # type: ignore[no-untyped-def]
    """Most that one visit of an enterprise brings above its minutes."""
    best, chosen, street = 0.0, -1, m.ent_street[e]
    for mode in range(m.ent_modes[e], m.ent_modes[e + 1]):
        if m.mode_weight[mode] > best:
            least = _costs(m, price, street, mode, cost)
            if m.mode_weight[mode] - least > best:
                best, chosen = m.mode_weight[mode] - least, mode
    if chosen >= 0:
        _ask(m, price, street, chosen, 1.0, cost, asked)
    return best


@njit(cache=True, error_model="numpy")
def _by_items(m, price, e, cost, asked):  # type: ignore[no-untyped-def]
    """Most that several visits bring: each item above its share of the cheapest mode with it, no more than the best."""
    first, street = m.ent_items[e], m.ent_street[e]
    share = np.full(m.ent_items[e + 1] - first, np.inf)
    chosen = np.full(len(share), -1, dtype=np.int64)
    for mode in range(m.ent_modes[e], m.ent_modes[e + 1]):
        each = _costs(m, price, street, mode, cost) / (m.mode_items[mode + 1] - m.mode_items[mode])
        for k in range(m.mode_items[mode], m.mode_items[mode + 1]):
            i = m.mode_item[k] - first
            if each < share[i]:
                share[i], chosen[i] = each, mode
    total = 0.0
    for i in range(len(share)):
        if chosen[i] >= 0:
            total += max(0.0, m.item_weight[first + i] - share[i])
    if total > m.ent_best[e]:
        return float(m.ent_best[e])
    for i in range(len(share)):
        if chosen[i] >= 0 and m.item_weight[first + i] > share[i]:
            mode = chosen[i]
            _ask(m, price, street, mode, 1.0 / (m.mode_items[mode + 1] - m.mode_items[mode]), cost, asked)
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def _served(m, price, asked):  # type: ignore[no-untyped-def]
    """Return the most that enterprises bring above their minutes; fill the minutes that they ask for."""
    asked[:] = 0.0
    cost = np.zeros(price.shape[2])
    total = 0.0
    for e in range(len(m.ent_best)):
        if m.ent_rule[e] == ANYHOW:
            total += m.ent_best[e]
        elif m.ent_rule[e] == ONE_VISIT:
            total += _by_modes(m, price, e, cost, asked)
        else:
            total += _by_items(m, price, e, cost, asked)
    return total


@njit(cache=True, error_model="numpy")
def _sell(m, price, streets, crews, a, k, offered):  # type: ignore[no-untyped-def]
    """Send crews to the dearest of the streets, evenly to those as dear as it; return what they bring (R23)."""
    best, count = 0.0, 0
    for s in streets:
        best = max(best, price[s, a, k] * m.crew_min[s, k])
    for s in streets:
        count += 1 if price[s, a, k] * m.crew_min[s, k] >= best - TOLD_APART else 0
    for s in streets:
        if price[s, a, k] * m.crew_min[s, k] >= best - TOLD_APART:
            offered[s, a, k] += crews / count * m.crew_min[s, k]
    return crews * best


@njit(cache=True, nogil=True, error_model="numpy")
def _sold(m, price, offered):  # type: ignore[no-untyped-def]
    """Return what pools bring when every crew is where its minutes are dearest; fill the minutes on offer there."""
    streets, authorities, slots = price.shape
    every = np.arange(streets)
    total = 0.0
    for s in range(streets):
        for a in range(authorities):
            for k in range(slots):
                offered[s, a, k] = m.own[s, a, k] * m.crew_min[s, k]
                total += offered[s, a, k] * price[s, a, k]
    for d in range(len(m.district)):
        here = every[m.street_district == d]
        for a in range(authorities):
            for k in range(slots):
                if m.district[d, a, k] > 0 and len(here):
                    total += _sell(m, price, here, m.district[d, a, k], a, k, offered)
    for a in range(authorities):
        for k in range(slots):
            if m.city[a, k] > 0:
                total += _sell(m, price, every, m.city[a, k], a, k, offered)
    return total
