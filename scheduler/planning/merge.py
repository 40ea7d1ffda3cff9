"""Merge stage: every enterprise's items into the modes of its visits, and the best that it could reach alone."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.availability import Availability, CapBook, CapRow
from scheduler.domain.calendar import Period
from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import Notice, PlanItem
from scheduler.planning.homes import NO_HOMES, Homes
from solver.merge.modes import Mode, modes_of
from solver.merge.problem import MergeCap, MergeItem, MergeProblem, MergeSolution, slot_classes
from solver.merge.search import solve_merge


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedEnterprise:
    """An enterprise with at least one item that could be served.

    Parameters
    ----------
    items : its servable items in the order of the problem.
    authority_ids : its authorities in the order of the problem's authority indices.
    cap_periods : kind of period of every cap of the problem.
    solution : its optimum, or bounds of it, with crews shared with nobody (R01 to R12, R24, R25, R33).
    modes : item sets that may share a visit, heaviest first.
    """

    enterprise: Enterprise
    items: tuple[PlanItem, ...]
    authority_ids: tuple[str, ...]
    cap_periods: tuple[Period, ...]
    problem: MergeProblem
    solution: MergeSolution
    modes: tuple[Mode, ...]

    @property
    def max_visits(self) -> int:
        """Most visits that caps allow and that items could fill."""
        exempt = sum(i.cap_exempt for i in self.items)
        counted = len(self.items) - exempt
        for cap in self.problem.caps:
            if cap.authority is None:
                counted = min(counted, sum(left for _, left in cap.left))
        return counted + exempt


def merge_enterprises(availability: Availability, homes: Homes = NO_HOMES) -> list[MergedEnterprise]:
    """Return every enterprise with a servable item, in the order of ids; item sets of homes are modes."""
    snapshot = availability.snapshot
    weights = dict(snapshot.policy.priority_weights)
    by_enterprise: dict[str, list[tuple[PlanItem, int]]] = {}
    for item in snapshot.items:
        slots = availability.alone(item)
        if slots and item.notice is Notice.ANNOUNCED:
            slots = homes.allowed_to_announced(item.enterprise_id, slots)
        if slots:
            by_enterprise.setdefault(item.enterprise_id, []).append((item, slots))
    caps = CapBook(availability)
    only_pins = _only_visit_pins(availability)
    out = []
    for enterprise_id in sorted(by_enterprise):
        rows = by_enterprise[enterprise_id]
        wanted = [h.item_ids for h in homes.of(enterprise_id)]
        merged = _merge_one(availability, caps, rows, weights, only_pins.get(enterprise_id), wanted)
        if merged is not None:
            out.append(merged)
    return out


def _merge_one(
    availability: Availability,
    caps: CapBook,
    rows: list[tuple[PlanItem, int]],
    weights: dict[str, int],
    pinned: int | None,
    wanted: list[tuple[str, ...]],
) -> MergedEnterprise | None:
    snapshot = availability.snapshot
    visit = snapshot.policy.visit
    enterprise = availability.enterprises[rows[0][0].enterprise_id]
    authority_ids = tuple(sorted({item.authority_id for item, _ in rows}))
    index = {a: k for k, a in enumerate(authority_ids)}
    cap_rows = caps.rows(enterprise, authority_ids)
    if pinned is not None and _one_visit_at_most(cap_rows, [item for item, _ in rows]):
        rows = [(item, slots & pinned) for item, slots in rows if slots & pinned]
        if not rows:
            return None
    rooms = availability.room_min(enterprise)
    problem = MergeProblem(
        items=tuple(
            MergeItem(
                weight=weights[item.priority],
                authority=index[item.authority_id],
                duration=item.duration_min,
                crews=item.crews,
                exempt=item.cap_exempt,
                notice=int(item.notice is Notice.UNANNOUNCED),
                slots=slots,
            )
            for item, slots in rows
        ),
        caps=tuple(
            MergeCap(authority=None if c.authority_id is None else index[c.authority_id], left=c.left) for c in cap_rows
        ),
        overhead=visit.overhead_min,
        rooms=tuple((room, availability.shift_slots(h)) for h, room in enumerate(rooms)),
        max_part=visit.max_visit_min,
        max_crews=None if visit.max_officers is None else visit.max_officers // OFFICERS_PER_CREW,
        max_authorities=visit.max_authorities,
    )
    classes = slot_classes(problem)
    solution = solve_merge(problem, classes)
    number = {item.item_id: k for k, (item, _) in enumerate(rows)}
    sets = [sum(1 << number[i] for i in ids) for ids in wanted if ids and all(i in number for i in ids)]
    modes = modes_of(problem, [*(items for items, _ in solution.visits), *sets], classes)
    if not modes:
        return None
    return MergedEnterprise(
        enterprise=enterprise,
        items=tuple(item for item, _ in rows),
        authority_ids=authority_ids,
        cap_periods=tuple(c.period for c in cap_rows),
        problem=problem,
        solution=solution,
        modes=tuple(modes),
    )


def _one_visit_at_most(cap_rows: list[CapRow], items: list[PlanItem]) -> bool:
    if any(item.cap_exempt for item in items):
        return len(items) == 1
    doors = [sum(left for _, left in row.left) for row in cap_rows if row.authority_id is None]
    return len(items) == 1 or min(doors, default=2) <= 1


def _only_visit_pins(availability: Availability) -> dict[str, int]:
    """Slots of the pin of every enterprise with one pin."""
    return {e: sets[0] for e, sets in availability.pinned_slots().items() if len(sets) == 1}
