"""Whether a visit may move to another date, shift and start, what it would break, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.schedule import JointVisit, Score
from scheduler.moves.broken import broken_by
from scheduler.moves.change import Change
from scheduler.moves.index import MoveIndex
from scheduler.moves.places import Placement
from scheduler.moves.placing import change_of, cost_of, places_of, removal_of
from scheduler.rules import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCheck:
    """What is said of a move.

    Parameters
    ----------
    start, end : minutes after midnight of the visit as it was tried: as asked, or where it costs least.
    broken : every rule that it would break; none when it is allowed.
    cost : how much each term grows, also when it is not allowed.
    change : carries the move out (:func:`scheduler.moves.change.apply`).
    cheapest_start : the start of that street shift that is allowed and costs least, with its cost in each term and
        its change; ``None`` when there is none.
    """

    visit: JointVisit
    day: int
    shift_id: str
    start: int
    end: int
    broken: tuple[Violation, ...]
    cost: Score
    change: Change
    cheapest_start: int | None
    cheapest_cost: Score | None
    cheapest_change: Change | None

    @property
    def allowed(self) -> bool:
        """Say whether the move breaks no rule."""
        return not self.broken


def check_move(
    index: MoveIndex,
    visit_id: str,
    day: int,
    shift_id: str,
    start: int | None = None,
    *,
    without: Iterable[str] = (),
    release: bool = False,
) -> MoveCheck:
    """Return whether a visit may move to a street shift, while all others and their times stay.

    Where nobody is free at the start, it is judged with crews beyond those at work, so that rules say what is missing.

    Parameters
    ----------
    visit_id : of a visit, or of an enterprise with one visit.
    start : minutes after midnight; the cheapest start when ``None``.
    without : ids of items that the visit loses on the way; it keeps one at least.
    release : let go the pins that hold the visit where it is.

    Raises
    ------
    BadMove : no such visit, item, shift or date of the horizon, or a start outside the shift.
    """
    visit = index.visit(visit_id)
    shift = index.shift(day, shift_id, start)
    items = index.items_kept(visit, without)
    if release:
        index = index.released(visit)
    removal = removal_of(index, visit)
    places = places_of(index, items, day, shift_id, removal)
    best = places.cheapest()

    def change_to(placement: Placement) -> Change:
        return change_of(index, items, day, shift_id, placement, removal)

    if start is None:
        tried = best or places.forced(shift.start_min)
    else:
        tried = places.at(start) or places.forced(start)
    change = change_to(tried)
    broken, cost = broken_by(index, change), cost_of(index, change)
    cheapest: tuple[Change, Score] | None = None
    if best is not None and best.missing == 0:
        best_change = change if best == tried else change_to(best)
        if not (broken if best == tried else broken_by(index, best_change)):
            cheapest = best_change, cost_of(index, best_change)
    return MoveCheck(
        visit=visit,
        day=day,
        shift_id=shift_id,
        start=tried.start,
        end=tried.end,
        broken=broken,
        cost=cost,
        change=change,
        cheapest_start=None if cheapest is None or best is None else best.start,
        cheapest_cost=None if cheapest is None else cheapest[1],
        cheapest_change=None if cheapest is None else cheapest[0],
    )
