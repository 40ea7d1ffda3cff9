"""An outline of a horizon: the period of every item, what is left out, and the load of the crews."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.availability import Availability
from scheduler.domain.calendar import Period
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.outline.build import Allowance, OutlinePeriod, build_outline, periods_of
from solver.outline.run import solve_outline

USUAL = Allowance(share=0.65, legs=1.5)
"""Measured, see docs/periods.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLoad:
    """Crew minutes of a pool in a period: asked for by the outline, and there with the allowance taken off."""

    authority_id: str
    area_id: str
    period: int
    asked: int
    there: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Which period serves which item.

    Parameters
    ----------
    periods : in order of time.
    period_of : number of the period of every item that has one.
    impossible : items that no period could serve, whatever else is planned.
    unserved : weight of the items without a period.
    doors : visits, one for each enterprise and period with items.
    loads : of every pool and period, sorted.
    """

    periods: tuple[OutlinePeriod, ...]
    period_of: dict[str, int]
    impossible: frozenset[str]
    unserved: int
    doors: int
    loads: tuple[PoolLoad, ...]


def make_outline(snapshot: PlanningSnapshot, period: Period = Period.QUARTER, allowance: Allowance = USUAL) -> Outline:
    """Return an outline: every item in one period at most, one visit of an enterprise in each period.

    It keeps the windows, closures, quiet periods, frequency caps and the least gap as far as periods can tell, and asks
    of no pool more crew minutes than it has. Weight first, then doors, then an even load.

    Raises
    ------
    BadOutline : there are too many periods.
    """
    availability = Availability(snapshot)
    periods = periods_of(availability, period)
    problem, items = build_outline(availability, periods, allowance)
    found = solve_outline(problem)
    possible = set(problem.option_item.tolist())
    pools = sorted({(p.authority_id, p.area_id) for p in snapshot.crew_pools})
    return Outline(
        periods=periods,
        period_of={i.item_id: int(p) for i, p in zip(items, found.period, strict=True) if p >= 0},
        impossible=frozenset(i.item_id for k, i in enumerate(items) if k not in possible),
        unserved=int(problem.item_weight[found.period < 0].sum()),
        doors=found.doors,
        loads=tuple(
            PoolLoad(
                authority_id=authority_id,
                area_id=area_id,
                period=q,
                asked=round(found.load[k, q]),
                there=round(problem.capacity[k, q]),
            )
            for k, (authority_id, area_id) in enumerate(pools)
            for q in range(len(periods))
        ),
    )
