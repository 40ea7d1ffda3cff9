"""The draw of officers for crew shifts: random among the feasible, even over the horizon, replayable.

What is uniform. In one date and shift, officers of an authority who are alike (equal load so far, eligible for the same
crew shifts) have equal chances of every crew shift, however the roster is ordered. Where all are alike, every
assignment of officers to crew shifts is equally likely. ``docs/draw.md`` has the proof; tests hold it over many seeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.schedule import CrewShift, Schedule
from scheduler.draw.roster import Officer, Roster
from scheduler.draw.stream import Stream

SlotKey = tuple[int, str, str]
"""(day, shift, authority): officers are drawn for all its crew shifts together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The officers of a crew shift, sorted."""

    crew_id: str
    officer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A date and shift for which an authority has too few officers.

    Parameters
    ----------
    needed : officers of all its crew shifts there, two each.
    missing : how many of them can't be had, at least 1.
    officers, uncertified, absent : of the authority in all; without a valid certificate on the date; not on duty.
    kept_away : those on duty who may not come to one crew shift or more, recused or there last time.
    crew_ids : crew shifts that no full team is left for.
    """

    authority_id: str
    day: int
    shift_id: str
    needed: int
    missing: int
    officers: int
    uncertified: int
    absent: int
    kept_away: int
    crew_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerDraw:
    """What a draw yields: teams of every crew shift by id, or what is lacking; then there are no teams."""

    teams: tuple[Team, ...]
    lacks: tuple[Lack, ...]


def draw_officers(schedule: Schedule, roster: Roster, seed: bytes, public: str = "") -> OfficerDraw:
    """Draw two officers for every crew shift of a schedule.

    An officer's certificate is valid on the date; the officer is on duty, recused from no enterprise of the route,
    was at none of them when the authority came last, and has one crew shift at a time. Dates and shifts are drawn in
    order of time; officers with fewest crew shifts so far come first.

    Parameters
    ----------
    seed, public : see :class:`scheduler.draw.stream.Stream`.
    """
    book = _Book(schedule, roster)
    load: dict[str, int] = defaultdict(int)
    seats: dict[str, list[str]] = {}
    lacks = []
    for key in sorted(book.crews, key=lambda k: (k[0], book.first_departure(k), k)):
        day, shift_id, authority_id = key
        crews = book.crews[key]
        eligible = {o.officer_id: book.open_to(o, crews) for o in book.on_duty(key)}
        stream = Stream(seed, public, f"officers\n{day}\n{shift_id}\n{authority_id}")
        found = assign({i: where for i, where in eligible.items() if where}, len(crews), load, stream)
        short = OFFICERS_PER_CREW * len(crews) - sum(map(len, found))
        if short:
            lacks.append(book.lack(key, eligible, found, short))
            continue
        for crew, team in zip(crews, found, strict=True):
            seats[crew.crew_id] = team
            for officer_id in team:
                load[officer_id] += 1
            book.remember(crew, team)
    teams = tuple(Team(crew_id=c, officer_ids=tuple(sorted(seats[c]))) for c in sorted(seats))
    return OfficerDraw(teams=() if lacks else teams, lacks=tuple(lacks))


def assign(
    eligible: Mapping[str, Sequence[int]], num_crews: int, load: Mapping[str, int], stream: Stream
) -> list[list[str]]:
    """Return officers for every crew, two each where that is possible.

    Officers come in a random order, those with least load first; each takes a free seat at random, and where none is
    left that the officer may take, others change seats to make room (augmenting paths). So as many seats are filled
    as can be, and with the least loads (the sets of officers that can be seated are a matroid, in which the greedy
    choice is best).

    Parameters
    ----------
    eligible : for every officer the crews, from 0, that the officer may join.
    load : crew shifts so far; 0 where nothing is said.
    """
    order = stream.shuffled(sorted(eligible))
    order.sort(key=lambda o: load.get(o, 0))
    taken: list[str | None] = [None] * (OFFICERS_PER_CREW * num_crews)
    wishes: dict[str, list[int]] = {}
    free = len(taken)
    for officer in order:
        if not free:
            break
        seats = [OFFICERS_PER_CREW * c + k for c in eligible[officer] for k in range(OFFICERS_PER_CREW)]
        wishes[officer] = stream.shuffled(seats)
        free -= _seat(officer, taken, wishes)
    return [
        [o for o in taken[OFFICERS_PER_CREW * c : OFFICERS_PER_CREW * (c + 1)] if o is not None]
        for c in range(num_crews)
    ]


def _seat(officer: str, taken: list[str | None], wishes: Mapping[str, Sequence[int]]) -> bool:
    """Give an officer a seat if that is possible without taking another's away, on a shortest path of changes."""
    came_from: dict[int, tuple[str, int | None]] = {}
    queue: list[tuple[str, int | None]] = [(officer, None)]
    for person, seat_now in queue:
        for seat in wishes[person]:
            if seat in came_from:
                continue
            came_from[seat] = person, seat_now
            holder = taken[seat]
            if holder is not None:
                queue.append((holder, seat))
                continue
            last: int | None = seat
            while last is not None:
                mover, before = came_from[last]
                taken[last] = mover
                last = before
            return True
    return False


class _Book:
    """Crew shifts by date, shift and authority, and who may come."""

    def __init__(self, schedule: Schedule, roster: Roster) -> None:
        self.crews: dict[SlotKey, list[CrewShift]] = defaultdict(list)
        for crew in sorted(schedule.crew_shifts, key=lambda c: c.crew_id):
            self.crews[crew.day, crew.shift_id, crew.authority_id].append(crew)
        enterprise = {v.visit_id: v.enterprise_id for v in schedule.visits}
        self.route = {c.crew_id: {enterprise[s.visit_id] for s in c.stops} for c in schedule.crew_shifts}
        self.officers: dict[str, list[Officer]] = defaultdict(list)
        for officer in roster.officers:
            self.officers[officer.authority_id].append(officer)
        self.absences = defaultdict(list)
        for absence in roster.absences:
            self.absences[absence.officer_id].append(absence)
        self.recused: dict[str, set[str]] = defaultdict(set)
        for recusal in roster.recusals:
            self.recused[recusal.officer_id].add(recusal.enterprise_id)
        self.last: dict[tuple[str, str], frozenset[str]] = dict(roster.last_teams())

    def first_departure(self, key: SlotKey) -> int:
        return min(c.depart for c in self.crews[key])

    def certified(self, officer: Officer, day: int) -> bool:
        return officer.valid_from <= day <= officer.valid_to

    def present(self, officer: Officer, day: int, shift_id: str) -> bool:
        return not any(
            a.first_day <= day <= a.last_day and a.shift_id in (None, shift_id)
            for a in self.absences.get(officer.officer_id, ())
        )

    def on_duty(self, key: SlotKey) -> list[Officer]:
        day, shift_id, authority_id = key
        mine = self.officers.get(authority_id, ())
        return [o for o in mine if self.certified(o, day) and self.present(o, day, shift_id)]

    def open_to(self, officer: Officer, crews: Sequence[CrewShift]) -> list[int]:
        return [k for k, crew in enumerate(crews) if self.may_join(officer.officer_id, crew)]

    def may_join(self, officer_id: str, crew: CrewShift) -> bool:
        route = self.route[crew.crew_id]
        if route & self.recused.get(officer_id, set()):
            return False
        return not any(officer_id in self.last.get((e, crew.authority_id), ()) for e in route)

    def remember(self, crew: CrewShift, team: Sequence[str]) -> None:
        """Note a team as the last one at the enterprises of its route."""
        for enterprise_id in self.route[crew.crew_id]:
            self.last[enterprise_id, crew.authority_id] = frozenset(team)

    def lack(
        self, key: SlotKey, eligible: Mapping[str, Sequence[int]], found: Sequence[Sequence[str]], missing: int
    ) -> Lack:
        day, shift_id, authority_id = key
        mine, crews = self.officers.get(authority_id, []), self.crews[key]
        return Lack(
            authority_id=authority_id,
            day=day,
            shift_id=shift_id,
            needed=OFFICERS_PER_CREW * len(crews),
            missing=missing,
            officers=len(mine),
            uncertified=sum(not self.certified(o, day) for o in mine),
            absent=sum(self.certified(o, day) and not self.present(o, day, shift_id) for o in mine),
            kept_away=sum(len(where) < len(crews) for where in eligible.values()),
            crew_ids=tuple(c.crew_id for c, team in zip(crews, found, strict=True) if len(team) < OFFICERS_PER_CREW),
        )
