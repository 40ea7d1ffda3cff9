"""What an outline is made of, in integers; a set of periods is a bit set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

MAX_PERIODS = 8
"""Sets of periods are gone through one by one for every authority at an enterprise: two years of quarters."""


class OutlineProblem(NamedTuple):
    """Enterprises, their items in groups (one for each authority there), and the visits that they could have.

    Parameters
    ----------
    num_periods : from 1 to :data:`MAX_PERIODS`.
    sets : for every set of periods whether one visit in each of them can keep the least gap, shape (2^num_periods,).
    ent_groups : groups of enterprise e are `ent_groups[e]` to `ent_groups[e + 1]` - 1; so for the arrays below.
    ent_caps, cap_set, cap_left : caps on doors: at most so many of a set of periods.
    ent_options, option_period : visits that an enterprise could have in a period; at most one of them is made.
    option_items, option_item : items that could all be served by such a visit.
    group_items, group_caps, gcap_set, gcap_left : items of a group, and caps on its authority's visits.
    group_source : row of prices that says what a minute of this authority costs at this enterprise.
    group_fixed : crew minutes of a visit of this authority before any item: overhead and travel.
    item_weight, item_minutes : what serving it is worth, and crew minutes that it takes.
    item_exempt : whether caps on the authority's visits do not count it.
    source_pools : pools a source may draw from, its own first, -1 for none; shape (sources, 3).
    capacity : crew minutes of a pool in a period, shape (pools, num_periods).
    """

    num_periods: int
    sets: Bools
    ent_groups: Ints
    ent_caps: Ints
    cap_set: Ints
    cap_left: Ints
    ent_options: Ints
    option_period: Ints
    option_items: Ints
    option_item: Ints
    group_items: Ints
    group_caps: Ints
    gcap_set: Ints
    gcap_left: Ints
    group_source: Ints
    group_fixed: Longs
    item_weight: Longs
    item_minutes: Longs
    item_exempt: Bools
    source_pools: Ints
    capacity: Floats

    @property
    def num_enterprises(self) -> int:
        """Enterprises with an item."""
        return len(self.ent_groups) - 1

    @property
    def num_items(self) -> int:
        """Items, servable or not."""
        return len(self.item_weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineResult:
    """Where every item went.

    Parameters
    ----------
    period : of each item, -1 for none; every cap, the gap and the capacities are kept.
    doors : (enterprise, period) pairs with an item.
    load : crew minutes drawn from each pool in each period, shape as `capacity`.
    """

    period: npt.NDArray[np.int8]
    doors: int
    load: Floats
