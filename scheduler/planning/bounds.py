"""Proven lower bounds of the terms; ``docs/model.md`` proves each in a paragraph."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scheduler.availability import Availability
from scheduler.domain.schedule import Score
from scheduler.planning.prepare import Reach
from scheduler.travel import distance_km


def proven_bounds(availability: Availability, reach: Sequence[Reach], achieved: Score) -> dict[str, int | None]:
    """Return a lower bound of every term, given what the schedule achieved in the tiers before it.

    ``None`` where nothing is proven: crew shifts, joint days and travel of a schedule that leaves out more than
    the enterprises must lose one by one.
    """
    weights = dict(availability.snapshot.policy.priority_weights)
    everything = sum(weights[i.priority] for i in availability.snapshot.items)
    unserved = everything - sum(r.weight for r in reach)
    loss = achieved.unserved_weight - unserved
    full = loss == 0
    enterprises = availability.enterprises
    return {
        "unserved_weight": unserved,
        "doors": doors_bound(reach, loss),
        "crew_shifts": _crew_shifts(availability, reach) if full else None,
        "joint_days": len({enterprises[r.enterprise_id].street_id for r in reach if r.doors}) if full else None,
        "travel_min": _travel(availability, reach) if full else None,
    }


def doors_bound(reach: Sequence[Reach], loss: int) -> int:
    """Return the doors that remain when at most `loss` more weight is left out than must be.

    With k visits enterprise e serves at most f_e(k); giving up a visit costs at least the least loss per visit given
    up. Taking the cheapest visits first, also in part, bounds how many can be given up.
    """
    doors = sum(r.doors for r in reach)
    prices: list[tuple[float, int]] = []
    for r in reach:
        by_doors, most = r.weight_by_doors, r.doors
        if most:
            price = min((by_doors[most] - by_doors[k]) / (most - k) for k in range(most))
            prices.append((price, most))
    given_up = 0.0
    left = float(loss)
    for price, count in sorted(prices):
        n = count if price <= 0 else min(float(count), left / price)
        given_up += n
        left -= n * price
        if n < count:
            break
    return doors - int(given_up + 1e-9)


def _crew_shifts(availability: Availability, reach: Sequence[Reach]) -> int:
    """Sum over streets and authorities of the minutes on site by the longest useful minutes of one crew shift.

    A crew shift spends at least the shortest leg to an enterprise that its authority may visit there, twice.
    """
    longest = max(s.length_min for s in availability.snapshot.calendar.shifts)
    minutes: dict[tuple[str, str], int] = {}
    nearest: dict[tuple[str, str], int] = {}
    for r in reach:
        street_id = availability.enterprises[r.enterprise_id].street_id
        leg = _least_leg(availability, r.enterprise_id)
        for authority_id in r.authority_ids:
            nearest[street_id, authority_id] = min(nearest.get((street_id, authority_id), leg), leg)
        for authority_id, part in r.forced:
            minutes[street_id, authority_id] = minutes.get((street_id, authority_id), 0) + part
    total = 0
    for key, part in minutes.items():
        useful = longest - 2 * nearest[key]
        total += max(1, -(-part // useful)) if useful > 0 else 1
    return total


def _travel(availability: Availability, reach: Sequence[Reach]) -> int:
    """For every street and authority at least one way to its farthest forced enterprise and home again.

    A way of several legs takes at least the minutes of the direct leg: great-circle distance is a metric, every leg
    that moves adds its parking, and each is rounded up, so the sum is at least the direct leg rounded up.
    """
    farthest: dict[tuple[str, str], int] = {}
    for r in reach:
        leg = _least_leg(availability, r.enterprise_id)
        for authority_id, _ in r.forced:
            key = availability.enterprises[r.enterprise_id].street_id, authority_id
            farthest[key] = max(farthest.get(key, 0), leg)
    return sum(2 * leg for leg in farthest.values())


def _least_leg(availability: Availability, enterprise_id: str) -> int:
    """Minutes from the office, rounded up a hair more cautiously than a leg, so that no sum of legs is less."""
    rules = availability.snapshot.policy.travel
    enterprise = availability.enterprises[enterprise_id]
    office = availability.streets[enterprise.street_id]
    a, b = (office.lon, office.lat), (enterprise.lon, enterprise.lat)
    if a == b:
        return 0
    return max(0, math.ceil(rules.stop_min + 60 * rules.detour * distance_km(a, b) / rules.speed_kmh - 1e-5))
