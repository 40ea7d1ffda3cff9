"""Burden: what a plan costs enterprises and departments, in figures that planners compare before and after."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """Burden of one plan over the horizon.

    Parameters
    ----------
    items_served : plan items served.
    doors : times that an enterprise opens its door.
    person_visits : officers entering an enterprise, summed over visits (a crew counts two).
    enterprise_min : minutes that enterprises host a visit, summed over visits.
    crew_shifts : crew shifts worked.
    travel_min : minutes travelled by crews.
    enterprises : enterprises visited at least once.
    """

    items_served: int
    doors: int
    person_visits: int
    enterprise_min: int
    crew_shifts: int
    travel_min: int
    enterprises: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeAfter:
    """The joint plan against today's practice, in which every authority goes alone.

    Both sides are optimised schedules under the same rules, calendar and crews; alone, an authority knows only its
    own visits, so the cap on all authorities' doors together holds for each authority by itself.

    Parameters
    ----------
    before : every authority alone on the very items that the joint plan serves (what it can of them).
    before_all : every authority alone on all its items (it may serve more, on several dates).
    after : the joint plan.
    """

    before: Burden
    before_all: Burden
    after: Burden


def burden_of(schedule: Schedule) -> Burden:
    """Return the burden of a schedule."""
    served = sum(len(v.item_ids) for v in schedule.visits)
    return Burden(
        items_served=served,
        doors=len(schedule.visits),
        person_visits=OFFICERS_PER_CREW * sum(len(c.stops) for c in schedule.crew_shifts),
        enterprise_min=sum(v.end - v.start for v in schedule.visits),
        crew_shifts=len(schedule.crew_shifts),
        travel_min=sum(c.travel_min for c in schedule.crew_shifts),
        enterprises=len({v.enterprise_id for v in schedule.visits}),
    )
