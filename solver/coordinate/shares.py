"""Shares of shared crews: what each group of streets may use while all groups are improved at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from solver.timetable.problem import I32, I64, TimetableProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Crews of one group of streets.

    Parameters
    ----------
    city : (authorities, slots).
    districts : (authorities, slots) by district, for those of the group's streets.
    """

    city: I32
    districts: dict[int, I32] = field(default_factory=dict)


def share_pools(
    p: TimetableProblem, use: I64, groups: Sequence[I64], lost: I64, rng: np.random.Generator
) -> list[Share]:
    """Return for every group of streets its share of the pools of districts and city.

    Every group keeps what it uses now, so its present timetable keeps its shares; the shares of a pool add up to no
    more than the pool. Then any timetables of the groups within their shares keep the pools together: what a district
    takes from the city is at most what its groups take beyond their shares of the district, added up.

    Idle crews are spread evenly over the groups with nodes of the authority; those that are left over go, slot by slot,
    to the first groups of an order drawn for the slot, the same for all authorities, so that they can meet. The chance
    to be first grows with the weight that a group has lost.

    Parameters
    ----------
    use : crews at work by authority, street and slot.
    groups : streets of every group; a street is in one group at most, and no street outside them has a visit.
    lost : weight that every street leaves unserved.
    """
    own = p.crews_street.reshape(p.num_authorities, p.num_streets, p.num_slots)
    pools = p.crews_district.reshape(p.num_authorities, p.num_districts, p.num_slots)
    city = p.crews_city.reshape(p.num_authorities, p.num_slots)
    chance = 1.0 + np.array([lost[g].sum() for g in groups])
    order = np.argsort(rng.exponential(size=(p.num_slots, len(groups))) / chance, axis=1)
    wants = _wants(p, groups)
    rest = np.zeros((len(groups), p.num_authorities, p.num_slots), dtype=np.int32)
    shares = [Share(city=np.zeros_like(city)) for _ in groups]
    for d in range(p.num_districts):
        here = [g for g, streets in enumerate(groups) if (p.street_district[streets] == d).any()]
        if not here:
            continue
        members = [groups[g][p.street_district[groups[g]] == d] for g in here]
        taken = np.array([np.maximum(0, use[:, s] - own[:, s]).sum(axis=1) for s in members])
        kept = _first_served(taken, pools[:, d])
        rest[here] += (taken - kept).astype(np.int32)
        spread = _spread(pools[:, d] - kept.sum(axis=0), wants[here], _ranks(order, here))
        for k, g in enumerate(here):
            shares[g].districts[d] = (kept[k] + spread[k]).astype(np.int32)
    shared = np.flatnonzero(city.any(axis=1))  # the others need no work: a city has hundreds of local authorities
    spread = _spread(
        city[shared] - rest[:, shared].sum(axis=0), wants[:, shared], _ranks(order, list(range(len(groups))))
    )
    for g, share in enumerate(shares):
        share.city[shared] = rest[g, shared] + spread[g]
    return shares


def _wants(p: TimetableProblem, groups: Sequence[I64]) -> npt.NDArray[np.bool_]:
    """Say for each group and authority whether the group has a node of the authority."""
    there = np.zeros((p.num_streets, p.num_authorities), dtype=bool)
    there[p.ent_street[p.visit_ent[p.node_visit]], p.node_authority] = True
    return np.array([there[streets].any(axis=0) for streets in groups])


def _first_served(taken: I64, pool: I32) -> I64:
    """Return what each group takes from the pool when they are served one after the other."""
    before = np.cumsum(taken, axis=0) - taken
    return np.minimum(np.maximum(0, pool - before), taken)


def _ranks(order: I64, here: list[int]) -> I64:
    """Return (groups, slots) the place of each of these groups in the slot's order of them."""
    place = np.argsort(order, axis=1)[:, here]
    return np.argsort(np.argsort(place, axis=1), axis=1).T


def _spread(idle: npt.NDArray[np.signedinteger], wants: npt.NDArray[np.bool_], ranks: I64) -> I64:
    """Return how many idle crews each group gets, (groups, authorities, slots)."""
    each, left = np.divmod(idle, np.maximum(1, wants.sum(axis=0))[:, None])
    out = np.zeros((len(wants), *idle.shape), dtype=np.int64)
    for g in range(len(wants)):
        # Place of the group in the slot's order among those that want the authority.
        before = (ranks < ranks[g]).astype(np.float64)
        place = wants.T.astype(np.float64) @ before
        out[g] = np.where(wants[g][:, None], each + (place < left), 0)
    return out
