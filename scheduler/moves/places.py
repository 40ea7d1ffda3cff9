"""Where a visit fits into one street shift while everything else there stays: exact, over every minute.

An authority's part can begin at a minute when crews of its own are free then between two of their stops, or when new
crews may be sent. At most one gap of a crew holds a given start, so the crews that cost least are known minute by
minute, and the parts of a visit meet where the sum of their windows' minima is least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler.domain.calendar import Shift
from scheduler.domain.places import Enterprise
from scheduler.domain.policy import VisitRules
from scheduler.domain.schedule import CrewShift
from scheduler.planning.assemble import Call

NEW_CREW, MISSING_CREW = 1 << 20, 1 << 40
"""A cost is three numbers in one, compared in turn: crews missing, crews added, minutes travelled (below 2**19)."""

NEVER = 1 << 60
"""No crew can begin then."""

Costs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What a crew does already: the crew shift it comes from, and the calls that it keeps, in order of time."""

    crew: CrewShift
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part may begin from `lo` to `hi` (minutes after midnight) in this crew's day, at `travel` more minutes."""

    route: Route
    lo: int
    hi: int
    travel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartNeed:
    """What an authority brings: minutes of its part, crews, crews still to be had, and the gaps of those at work."""

    authority_id: str
    minutes: int
    crews: int
    spare: int
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPart:
    """An authority's part: its start, the crews at work that take it, how many new ones come, how many no pool has."""

    authority_id: str
    start: int
    minutes: int
    gaps: tuple[Gap, ...]
    new_crews: int
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A way to hold the visit; `missing` crews are not at work, so that it is allowed only when there are none."""

    start: int
    end: int
    parts: tuple[PlacedPart, ...]
    missing: int
    new_crews: int
    travel: int


class Places:
    """Every start of one visit in one street shift.

    Parameters
    ----------
    leg : minutes between the street office and the enterprise.
    first_leave : the minute from which new crews may leave the office; the shift's start, or later.
    """

    def __init__(
        self,
        enterprise: Enterprise,
        shift: Shift,
        rules: VisitRules,
        needs: Sequence[PartNeed],
        leg: int,
        first_leave: int,
    ) -> None:
        self._needs, self._shift, self._leg, self._first_leave = needs, shift, leg, first_leave
        self._opens = enterprise.open_from or 0
        self._closes = shift.end_min if enterprise.open_to is None else min(shift.end_min, enterprise.open_to)
        longest = max(n.minutes for n in needs)
        span = longest + rules.stretch_min
        if rules.max_visit_min is not None and rules.max_visit_min >= longest:
            span = min(span, rules.max_visit_min)
        self._slack = {n.authority_id: 0 if rules.start_together else span - n.minutes for n in needs}
        self._costs = {n.authority_id: self._cost(n) for n in needs}
        self._least = {a: _least_ahead(c, self._slack[a]) for a, c in self._costs.items()}
        self._by_start = self._all_starts()

    def cheapest(self) -> Placement | None:
        """Return the placement that costs least, the earliest of these; ``None`` when its time fits nowhere."""
        best = int(np.argmin(self._by_start))
        return self.at(best + self._shift.start_min)

    def at(self, start: int) -> Placement | None:
        """Return the cheapest placement that begins at a minute of the shift, ``None`` when there is none."""
        at = start - self._shift.start_min
        if self._by_start[at] >= NEVER:
            return None
        first = min(self._costs, key=lambda a: (int(self._costs[a][at] - self._least[a][at]), a))
        return self._placement(
            {
                n.authority_id: start if n.authority_id == first else start + self._best_within(n.authority_id, at)
                for n in self._needs
            }
        )

    def forced(self, start: int) -> Placement:
        """Return a placement at a minute come what may, by new crews where nobody is free: rules say what breaks."""
        at = start - self._shift.start_min
        starts = {}
        for n in self._needs:
            a = n.authority_id
            within = self._least[a][at] < NEVER
            starts[a] = start + self._best_within(a, at) if within and self._costs[a][at] >= NEVER else start
        if start not in starts.values():
            starts = dict.fromkeys(starts, start)
        return self._placement(starts)

    def _best_within(self, authority_id: str, at: int) -> int:
        window = self._costs[authority_id][at : at + self._slack[authority_id] + 1]
        return int(np.argmin(window))

    def _cost(self, need: PartNeed) -> Costs:
        """Return the cost of a part by its start, for every minute of the shift."""
        size, zero = self._shift.length_min, self._shift.start_min
        by_crew: dict[str, Costs] = {}
        for gap in need.gaps:
            row = by_crew.setdefault(gap.route.crew.crew_id, np.full(size, NEVER, dtype=np.int64))
            lo, hi = max(gap.lo, self._opens), min(gap.hi, self._closes - need.minutes)
            row[max(0, lo - zero) : max(0, hi + 1 - zero)] = gap.travel
        free = np.sort(np.array(list(by_crew.values())), axis=0)[: need.crews] if by_crew else np.empty((0, size), int)
        here = free < NEVER
        new = need.crews - here.sum(axis=0)
        beyond = np.maximum(0, new - need.spare)
        out = np.where(here, free, 0).sum(axis=0) + new * (2 * self._leg + NEW_CREW) + beyond * MISSING_CREW
        from_office = np.zeros(size, dtype=bool)
        lo = max(self._first_leave + self._leg, self._opens)
        hi = min(self._shift.end_min - self._leg, self._closes) - need.minutes
        from_office[max(0, lo - zero) : max(0, hi + 1 - zero)] = True
        return np.where(from_office | (new == 0), out, NEVER).astype(np.int64)

    def _all_starts(self) -> Costs:
        """Return the least cost of the visit by its start: one part begins with it, the others soon enough."""
        total = np.zeros(self._shift.length_min, dtype=np.int64)
        behind = np.full(self._shift.length_min, NEVER, dtype=np.int64)
        never = np.zeros(self._shift.length_min, dtype=bool)
        for a, least in self._least.items():
            never |= least >= NEVER
            total += np.where(least >= NEVER, 0, least)
            behind = np.minimum(behind, np.where(self._costs[a] >= NEVER, NEVER, self._costs[a] - least))
        return np.where(never | (behind >= NEVER), NEVER, total + behind)

    def _placement(self, starts: Mapping[str, int]) -> Placement:
        parts, missing, travel = [], 0, 0
        for n in self._needs:
            t = starts[n.authority_id]
            free = sorted((g for g in n.gaps if g.lo <= t <= g.hi), key=lambda g: (g.travel, g.route.crew.crew_id))
            taken = tuple(free[: n.crews])
            new = n.crews - len(taken)
            beyond = max(0, new - n.spare)
            missing += beyond
            travel += sum(g.travel for g in taken) + new * 2 * self._leg
            part = PlacedPart(
                authority_id=n.authority_id, start=t, minutes=n.minutes, gaps=taken, new_crews=new, missing=beyond
            )
            parts.append(part)
        return Placement(
            start=min(p.start for p in parts),
            end=max(p.start + p.minutes for p in parts),
            parts=tuple(parts),
            missing=missing,
            new_crews=sum(p.new_crews for p in parts),
            travel=travel,
        )


def _least_ahead(costs: Costs, slack: int) -> Costs:
    """Return for every minute the least cost from it to `slack` minutes later."""
    if slack <= 0:
        return costs
    padded = np.concatenate([costs, np.full(slack, NEVER, dtype=np.int64)])
    least: Costs = np.lib.stride_tricks.sliding_window_view(padded, slack + 1).min(axis=1)
    return least
