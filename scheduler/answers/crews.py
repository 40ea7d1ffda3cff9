"""Why an authority sends so many crews to a street shift: a bound on them, proven by exact search where it is small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import networkx as nx

from scheduler.answers.errors import NOBODY_THERE, UNKNOWN_AUTHORITY, UNKNOWN_STREET, BadQuestion
from scheduler.answers.one_shift import fewer_would_do, least_by_prices
from scheduler.domain.calendar import Shift
from scheduler.domain.schedule import CrewShift
from scheduler.explain.facts import iso
from scheduler.moves.index import MoveIndex
from scheduler.travel import Place, leg_min

LARGEST = 12
"""Parts that the exact search takes, at most: it looks at every set of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the authority in the street shift.

    Parameters
    ----------
    start, minutes : as scheduled; minutes after midnight, and minutes on site.
    crews : that come together.
    place : of the enterprise.
    opens, closes : minutes after midnight between which the visit lies; inside the shift.
    """

    visit_id: str
    start: int
    minutes: int
    crews: int
    place: Place
    opens: int
    closes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """What routes there are made of: office, shift, minutes of legs between two places, buffer between two visits."""

    office: Place
    shift: Shift
    legs: Mapping[tuple[Place, Place], int]
    buffer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewsAnswer:
    """Why so many crews.

    Parameters
    ----------
    crews : sent, by the schedule.
    parts : what they do, in order of time.
    at_once : crews busy at the same moment, at most.
    on_site_min : minutes on site of all crews together.
    travel_min : minutes travelled by them.
    by_minutes : least crews by minutes of work against the shift alone.
    fixed_times : least crews when every part keeps its time; exact for crews that travel as the model says, other
        authorities' crews aside.
    free_times : least crews when these visits keep date and shift but parts may begin at any minute, other authorities'
        parts aside; ``None`` when there are more than :data:`LARGEST` parts.
    by_prices : where `free_times` says nothing, the bound of the same question by prices of minutes.
    found : crews in a timetable of these visits, all authorities together, found with one crew less; ``None`` when
        none was found (or looked for, where it is proven that there is none).
    """

    street_id: str
    authority_id: str
    day: int
    shift: Shift
    crews: int
    parts: tuple[Part, ...]
    at_once: int
    on_site_min: int
    travel_min: int
    by_minutes: int
    fixed_times: int
    free_times: int | None
    by_prices: int | None
    found: int | None

    @property
    def at_any_times(self) -> int:
        """Return the best lower bound for times that are free."""
        return max(self.by_minutes, self.free_times or 0, self.by_prices or 0)

    @property
    def proven(self) -> str:
        """Return at which times one crew less is proven impossible: ``any``, the ``same``, or ``nothing`` is."""
        if self.at_any_times >= self.crews:
            return "any"
        return "same" if self.fixed_times >= self.crews else "nothing"


def why_crews(index: MoveIndex, street_id: str, day: int, shift_id: str, authority_id: str) -> CrewsAnswer:
    """Return why a street shift has so many crews of an authority.

    Raises
    ------
    BadMove, BadQuestion : no such street, authority, shift or date, or none of its crews are there.
    """
    shift = index.shift(day, shift_id)
    if street_id not in index.availability.streets:
        raise BadQuestion(UNKNOWN_STREET, id=street_id)
    if authority_id not in {a.authority_id for a in index.snapshot.authorities}:
        raise BadQuestion(UNKNOWN_AUTHORITY, id=authority_id)
    crews = [c for c in index.crews_in.get((street_id, day, shift_id), ()) if c.authority_id == authority_id]
    if not crews:
        raise BadQuestion(NOBODY_THERE, authority=authority_id, street=street_id, day=iso(day), shift=shift_id)
    parts = _parts(index, crews, shift)
    street = _street(index, street_id, shift, parts)
    where = street_id, day, shift_id
    answer = CrewsAnswer(
        street_id=street_id,
        authority_id=authority_id,
        day=day,
        shift=shift,
        crews=len(crews),
        parts=parts,
        at_once=_at_once(parts),
        on_site_min=sum(p.crews * p.minutes for p in parts),
        travel_min=sum(c.travel_min for c in crews),
        by_minutes=least_by_minutes(parts, street),
        fixed_times=least_at_these_times(parts, street),
        free_times=least_at_any_times(parts, street) if len(parts) <= LARGEST else None,
        by_prices=None,
        found=None,
    )
    if answer.proven != "any" and answer.free_times is None:
        answer = replace(answer, by_prices=least_by_prices(index, where, authority_id))
    if answer.proven != "any":
        answer = replace(answer, found=fewer_would_do(index, where, authority_id))
    return answer


def _parts(index: MoveIndex, crews: Sequence[CrewShift], shift: Shift) -> tuple[Part, ...]:
    stops = [s for c in crews for s in c.stops]
    out = {}
    for s in stops:
        e = index.availability.enterprises[index.visits[s.visit_id].enterprise_id]
        out[s.visit_id] = Part(
            visit_id=s.visit_id,
            start=s.start,
            minutes=s.leave - s.start,
            crews=sum(o.visit_id == s.visit_id for o in stops),
            place=(e.lon, e.lat),
            opens=max(shift.start_min, e.open_from or 0),
            closes=shift.end_min if e.open_to is None else min(shift.end_min, e.open_to),
        )
    return tuple(sorted(out.values(), key=lambda p: (p.start, p.visit_id)))


def _street(index: MoveIndex, street_id: str, shift: Shift, parts: Sequence[Part]) -> Street:
    s, travel = index.availability.streets[street_id], index.snapshot.policy.travel
    places = [(s.lon, s.lat), *(p.place for p in parts)]
    legs = {(a, b): leg_min(travel, a, b) for a in places for b in places}
    return Street(office=(s.lon, s.lat), shift=shift, legs=legs, buffer=travel.buffer_min)


def _at_once(parts: Sequence[Part]) -> int:
    return max(sum(o.crews for o in parts if o.start <= p.start < o.start + o.minutes) for p in parts)


def least_by_minutes(parts: Sequence[Part], street: Street) -> int:
    """Return a lower bound on crews: parts, their shortest legs and buffers against the minutes of a shift.

    A crew with m parts uses their minutes, m legs to them, m - 1 buffers and one leg home.
    """
    office, legs = street.office, street.legs
    near = [
        min(legs[o, p.place] for o in (office, *(q.place for k, q in enumerate(parts) if k != n)))
        for n, p in enumerate(parts)
    ]
    home = min(legs[p.place, office] for p in parts)
    work = sum(p.crews * (p.minutes + leg + street.buffer) for p, leg in zip(parts, near, strict=True))
    room = street.shift.length_min - home + street.buffer
    return max(max(p.crews for p in parts), -(-work // max(1, room)))


def least_at_these_times(parts: Sequence[Part], street: Street) -> int:
    """Return the least crews when all parts keep their times: a minimum path cover of what can follow what.

    A crew's route is a path; by König's theorem paths are least when the matching of parts with their next is largest
    (Dilworth's and Fulkerson's path cover of an acyclic graph). A part with several crews is several nodes.
    """
    nodes = [(n, k) for n, p in enumerate(parts) for k in range(p.crews)]
    graph = nx.Graph()
    graph.add_nodes_from(("from", *v) for v in nodes)
    graph.add_nodes_from(("to", *v) for v in nodes)
    for a in nodes:
        for b in nodes:
            p, q = parts[a[0]], parts[b[0]]
            if p is not q and p.start + p.minutes + street.legs[p.place, q.place] + street.buffer <= q.start:
                graph.add_edge(("from", *a), ("to", *b))
    top = [("from", *v) for v in nodes]
    matching = nx.bipartite.hopcroft_karp_matching(graph, top_nodes=top)
    return len(nodes) - len(matching) // 2


def least_at_any_times(parts: Sequence[Part], street: Street) -> int:
    """Return the least crews when parts may begin at any minute, other authorities aside; exact, for few parts.

    For every set of parts the earliest minute at which one crew can have done them, ending at each (Held and Karp's
    recursion with time windows), says which sets one crew can do; then the fewest sets that cover every part as often
    as it needs crews. Crews of one part need not begin together here, so it is a lower bound on what the model asks.
    """
    routes = _sets_of_one_crew(parts, street)
    full = tuple(p.crews for p in parts)

    @cache
    def fewest(left: tuple[int, ...]) -> int:
        first = next((n for n, count in enumerate(left) if count), None)
        if first is None:
            return 0
        open_ = sum(1 << n for n, count in enumerate(left) if count)
        best = sum(left) + 1
        for s in routes[first]:
            if s & ~open_ == 0:
                rest = tuple(count - (s >> n & 1) for n, count in enumerate(left))
                best = min(best, 1 + fewest(rest))
        return best

    return fewest(full)


def _sets_of_one_crew(parts: Sequence[Part], street: Street) -> list[list[int]]:
    """Return for every part the sets (as bits) with it that one crew can do, largest first."""
    legs, office, end = street.legs, street.office, street.shift.end_min
    done: dict[tuple[int, int], int] = {}  # (set, last part) -> earliest minute at which it is left
    for n, p in enumerate(parts):
        begin = max(street.shift.start_min + legs[office, p.place], p.opens)
        if begin + p.minutes <= p.closes:
            done[1 << n, n] = begin + p.minutes
    sets = set()
    for s in range(1, 1 << len(parts)):
        for last in range(len(parts)):
            left = done.get((s, last))
            if left is None:
                continue
            if left + legs[parts[last].place, office] <= end:
                sets.add(s)
            for n, p in enumerate(parts):
                if s >> n & 1:
                    continue
                leave = max(left + legs[parts[last].place, p.place] + street.buffer, p.opens) + p.minutes
                if leave <= p.closes and leave < done.get((s | 1 << n, n), leave + 1):
                    done[s | 1 << n, n] = leave
    ordered = sorted(sets, key=lambda s: (-s.bit_count(), s))
    return [[s for s in ordered if s >> n & 1] for n in range(len(parts))]
