"""A relaxation tried out: carried out, planned again, and judged by the rules; what it serves is counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from scheduler.answers.applying import relaxed_case
from scheduler.answers.settling import put_all_in, search_on
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import TERMS, JointVisit, Relaxation, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import PinsNotKept
from scheduler.explain import explain
from scheduler.replan.replan import moved_published
from scheduler.rules import check
from scheduler.score import score
from solver.limits import Limits

SEARCH = Limits(time_s=None, iterations=4_000, workers=1)
"""Limits of a search that checks a claim, where nothing else is asked for; it repeats bit for bit."""


class Way(StrEnum):
    """How a schedule that serves the item was found."""

    PUT_IN = "put_in"  # put into the published schedule, whose other visits all stay
    SEARCHED = "searched"  # searched on from the published schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the same search reaches without any change; items that it serves are no merit of a relaxation."""

    schedule: Schedule
    served: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of carrying out changes.

    Parameters
    ----------
    changes : carried out together.
    way : how the item got its place; ``None`` when it got none, so that the claim is not confirmed.
    visit : the visit that serves the item (its first piece).
    also_served : other items served after the changes, and neither in the published schedule nor by searching on
        without them.
    no_longer_served : items of the published schedule that are not served after the changes.
    moved : published visits without a visit of their enterprise on their date and shift afterwards.
    terms : (name, growth against the published schedule); none when not confirmed.
    snapshot, schedule : the changed case and its schedule, which keeps every rule.
    """

    changes: tuple[Relaxation, ...]
    way: Way | None
    visit: JointVisit | None = None
    also_served: tuple[str, ...] = ()
    no_longer_served: tuple[str, ...] = ()
    moved: int = 0
    terms: tuple[tuple[str, int], ...] = ()
    snapshot: PlanningSnapshot | None = None
    schedule: Schedule | None = None

    @property
    def confirmed(self) -> bool:
        """Say whether a schedule that keeps every rule serves the item."""
        return self.way is not None


def baseline_of(snapshot: PlanningSnapshot, schedule: Schedule, limits: Limits = SEARCH) -> Baseline:
    """Return the schedule that searching on reaches without any change."""
    try:
        found, _ = search_on(snapshot, schedule, limits)
    except PinsNotKept:
        found = schedule
    return Baseline(schedule=found, served=_served(found))


def try_out(
    snapshot: PlanningSnapshot,
    schedule: Schedule,
    item: PlanItem,
    changes: tuple[Relaxation, ...],
    baseline: Baseline,
    limits: Limits = SEARCH,
) -> Trial:
    """Carry out changes, plan again, and return what is served then.

    The item is put into the published schedule first; then a search goes on from there, and its schedule is taken
    when it still serves the item and others with it.

    Parameters
    ----------
    schedule : published; keeps every rule of `snapshot` and leaves the item out.
    changes : of one item, at most one of which splits it or moves its window.
    """
    case, item_ids = snapshot, _one(item)
    for change in changes:
        relaxed = relaxed_case(case, item, change)
        if relaxed is None:
            return Trial(changes=changes, way=None)
        case, item_ids = relaxed.snapshot, relaxed.item_ids
    put = put_all_in(case, schedule, item_ids)
    put = None if put is None else _explained(case, put)
    if put is not None and check(case, put):
        put = None
    try:
        searched, _ = search_on(case, schedule if put is None else put, limits)
    except PinsNotKept:
        searched = put or schedule
    if put is None and not _serves(searched, item_ids):
        return Trial(changes=changes, way=None)
    best = searched if put is None or _serves_more(searched, put, item_ids, baseline) else put
    return _judged(snapshot, schedule, case, best, changes, item_ids, baseline, put is not None)


def _judged(
    snapshot: PlanningSnapshot,
    published: Schedule,
    case: PlanningSnapshot,
    best: Schedule,
    changes: tuple[Relaxation, ...],
    item_ids: tuple[str, ...],
    baseline: Baseline,
    was_put_in: bool,
) -> Trial:
    before, after = _served(published), _served(best)
    was, now = score(snapshot, published).as_dict(), score(case, best).as_dict()
    visits = {i: v for v in best.visits for i in v.item_ids}
    return Trial(
        changes=changes,
        way=Way.PUT_IN if was_put_in else Way.SEARCHED,
        visit=visits[item_ids[0]],
        also_served=tuple(sorted(after - before - baseline.served - set(item_ids))),
        no_longer_served=tuple(sorted(before - after)),
        moved=moved_published(published.visits, best.visits),
        terms=tuple((name, now[name] - was[name]) for name in TERMS),
        snapshot=case,
        schedule=best,
    )


def _explained(case: PlanningSnapshot, schedule: Schedule) -> Schedule:
    unserved = explain(case, schedule.visits, schedule.crew_shifts)
    return replace(schedule, snapshot_digest=case.digest(), unserved=unserved)


def _served(schedule: Schedule) -> frozenset[str]:
    return frozenset(i for v in schedule.visits for i in v.item_ids)


def _serves(schedule: Schedule, item_ids: tuple[str, ...]) -> bool:
    return _served(schedule).issuperset(item_ids)


def _serves_more(searched: Schedule, put: Schedule, item_ids: tuple[str, ...], baseline: Baseline) -> bool:
    """Say whether a search serves the item, and others that neither the baseline nor the schedule put together does."""
    return _serves(searched, item_ids) and bool(_served(searched) - _served(put) - baseline.served)


def _one(item: PlanItem) -> tuple[str, ...]:
    return (item.item_id,)
