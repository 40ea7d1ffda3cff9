"""Why a visit starts at its hour and not earlier: what binds it, link by link, each tried out a minute earlier."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from scheduler.domain.schedule import CrewShift, JointVisit, Stop
from scheduler.ledger import RouteEntry, VisitEntry, read_ledger
from scheduler.moves.broken import broken_by
from scheduler.moves.change import Change
from scheduler.moves.check import MoveCheck, check_move
from scheduler.moves.index import MoveIndex
from scheduler.planning.assemble import crew_shift_of
from scheduler.rules import Violation

OF_LENGTH = frozenset({"R08", "R10", "R16"})
"""Rules that hold the parts of a visit together in time."""

MOST_SETS = 6
"""Up to so many authorities every set of parts is tried; beyond, each part, those that begin together, and all."""


class Holder(StrEnum):
    """What holds a part where it is."""

    OPENING = "opening"  # the enterprise opens then
    SHIFT = "shift"  # the crew leaves the office at the shift's start
    FORMER = "former"  # the crew is at another visit before
    TOGETHER = "together"  # other parts of the visit cannot be far from it in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One thing that holds a part of a visit.

    Parameters
    ----------
    authority_id : whose crew; ``None`` for opening hours and parts that belong together.
    begins : minute after midnight at which the part that it holds begins.
    free_at : minute after midnight from which on the crew or the enterprise is free for what comes next.
    leg, buffer : minutes between that and the visit.
    former : the visit at which the crew is before.
    """

    by: Holder
    authority_id: str | None = None
    begins: int = 0
    free_at: int = 0
    leg: int = 0
    buffer: int = 0
    former: JointVisit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A visit of the chain.

    Parameters
    ----------
    part : the authority whose part is asked about; ``None`` where it is the visit's start.
    start : minute after midnight at which it begins.
    slack : minutes by which it could begin earlier with the same crews, all else as it is, at no cost; from 0.
    moved : authorities whose parts were moved one minute further than that.
    tried : the change that moves them; it breaks exactly `broken`, which is never empty.
    holds : what is behind it.
    """

    visit: JointVisit
    part: str | None
    start: int
    slack: int
    moved: tuple[str, ...]
    tried: Change
    broken: tuple[Violation, ...]
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourAnswer:
    """Why a visit does not start earlier.

    Parameters
    ----------
    chain : the visit, and the visits before it that hold its crews, the last one held by none before it or with slack.
    otherwise : a start one minute earlier than its crews allow by whatever crews can; ``None`` outside the shift.
    """

    visit: JointVisit
    chain: tuple[Link, ...]
    otherwise: MoveCheck | None


def why_this_hour(index: MoveIndex, visit_id: str) -> HourAnswer:
    """Return what keeps a visit from starting earlier on its date and shift.

    Parameters
    ----------
    visit_id : of a visit, or of an enterprise with one visit.

    Raises
    ------
    BadMove : no such visit.
    """
    visit = index.visit(visit_id)
    bench = _Bench(index, visit)
    link = bench.link(visit, None)
    chain, seen = [link], {(visit.visit_id, "")}
    while link.slack == 0 or len(chain) == 1:
        behind = next((h for h in link.holds if h.former is not None and h.authority_id is not None), None)
        if behind is None or behind.former is None or (behind.former.visit_id, behind.authority_id or "") in seen:
            break
        seen.add((behind.former.visit_id, behind.authority_id or ""))
        link = bench.link(behind.former, behind.authority_id)
        chain.append(link)
    start = visit.start - chain[0].slack - 1
    inside = start >= index.shifts[visit.shift_id].start_min
    otherwise = check_move(index, visit.visit_id, visit.day, visit.shift_id, start) if inside else None
    return HourAnswer(visit=visit, chain=tuple(chain), otherwise=otherwise)


class _Bench:
    """The street shift of a visit, whose parts can be moved on trial."""

    def __init__(self, index: MoveIndex, visit: JointVisit) -> None:
        self.index = index
        where = visit.street_id, visit.day, visit.shift_id
        here = replace(
            index.schedule,
            visits=tuple(index.visits_in[where]),
            crew_shifts=tuple(index.crews_in[where]),
            unserved=(),
        )
        ledger = read_ledger(index.snapshot, here)
        self.entries: dict[str, VisitEntry] = {e.visit.visit_id: e for e in ledger.visits}
        self.routes: dict[str, RouteEntry] = {r.crew.crew_id: r for r in ledger.routes}

    def link(self, visit: JointVisit, part: str | None) -> Link:
        """Return what holds the start of a visit, or of one authority's part in it."""
        starts = self._starts(visit)
        must = {a for a, s in starts.items() if s == visit.start} if part is None else {part}
        sets = list(_sets(sorted(starts), must))
        slack = 0
        while True:
            tried: list[tuple[tuple[bool, bool, int, int], tuple[str, ...], tuple[Violation, ...]]] = []
            for moved in sets:
                broken = broken_by(self.index, self._earlier(visit, moved, slack + 1))
                if not broken:
                    break
                only_apart = all(v.code in OF_LENGTH for v in broken)
                rank = only_apart, not must.issubset(moved), len(moved), len(broken)
                tried.append((rank, moved, broken))
            else:
                break
            slack += 1
        _, moved, broken = min(tried, key=lambda t: t[:2])
        return Link(
            visit=visit,
            part=part,
            start=visit.start if part is None else starts[part],
            slack=slack,
            moved=moved,
            tried=self._earlier(visit, moved, slack + 1),
            broken=broken,
            holds=tuple(self._holds(visit, moved, must, slack + 1, broken)),
        )

    def _starts(self, visit: JointVisit) -> dict[str, int]:
        return {crew.authority_id: stop.start for crew, stop in self.entries[visit.visit_id].stops}

    def _earlier(self, visit: JointVisit, moved: Collection[str], minutes: int) -> Change:
        """Return the change that begins some parts of a visit earlier, by the same crews."""
        parts: list[tuple[int, int]] = []
        old: list[CrewShift] = []
        new: list[CrewShift] = []
        taken = set(self.index.crew_ids)
        for crew, stop in self.entries[visit.visit_id].stops:
            by = minutes if crew.authority_id in moved else 0
            parts.append((stop.start - by, stop.leave - by))
            if by:
                taken.discard(crew.crew_id)
                old.append(crew)
                new.append(self._shifted(crew, stop, by, taken))
                taken.add(new[-1].crew_id)
        after = replace(visit, start=min(s for s, _ in parts), end=max(e for _, e in parts))
        return Change(old_visits=(visit,), new_visits=(after,), old_crews=tuple(old), new_crews=tuple(new))

    def _shifted(self, crew: CrewShift, moved: Stop, by: int, taken: set[str]) -> CrewShift:
        calls = [
            (
                s.start - (by if s is moved else 0),
                s.leave - (by if s is moved else 0),
                s.visit_id,
                self.entries[s.visit_id].visit.enterprise_id,
            )
            for s in crew.stops
        ]
        made = crew_shift_of(
            self.index.availability, crew.authority_id, crew.street_id, crew.day, crew.shift_id, calls, taken
        )
        return replace(made, crew_id=crew.crew_id)

    def _holds(
        self, visit: JointVisit, moved: Sequence[str], must: set[str], minutes: int, broken: Sequence[Violation]
    ) -> Iterator[Hold]:
        if set(moved) - must or all(v.code in OF_LENGTH for v in broken):
            yield Hold(by=Holder.TOGETHER)
        starts, enterprise = self._starts(visit), self.index.availability.enterprises[visit.enterprise_id]
        first = min(starts[a] for a in moved) - minutes
        if enterprise.open_from is not None and first < enterprise.open_from:
            yield Hold(by=Holder.OPENING, begins=visit.start, free_at=enterprise.open_from)
        shift, seen = self.index.shifts[visit.shift_id], set()
        buffer = self.index.snapshot.policy.travel.buffer_min
        for crew, stop in self.entries[visit.visit_id].stops:
            legs = self.routes[crew.crew_id].legs
            at = next(n for n, leg in enumerate(legs) if leg.stop is stop)
            if crew.authority_id not in moved or legs[at].earliest <= stop.start - minutes:
                continue
            if at == 0:
                hold = Hold(
                    by=Holder.SHIFT,
                    authority_id=crew.authority_id,
                    begins=stop.start,
                    free_at=shift.start_min,
                    leg=legs[0].leg,
                )
            else:
                before = legs[at - 1]
                hold = Hold(
                    by=Holder.FORMER,
                    authority_id=crew.authority_id,
                    begins=stop.start,
                    free_at=before.stop.leave,
                    leg=legs[at].leg,
                    buffer=buffer,
                    former=None if before.entry is None else before.entry.visit,
                )
            if hold not in seen:
                seen.add(hold)
                yield hold


def _sets(authorities: Sequence[str], must: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield sets of authorities with at least one of those that must be in it, small ones first."""
    if len(authorities) > MOST_SETS:
        yield from dict.fromkeys((*((a,) for a in sorted(must)), tuple(sorted(must)), tuple(authorities)))
        return
    for size in range(1, len(authorities) + 1):
        yield from (c for c in combinations(authorities, size) if not set(c).isdisjoint(must))
