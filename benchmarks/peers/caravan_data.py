"""The caravan model as arrays: a team rides together all shift, everyone waits for the slowest at every stop.

A *team* is a route of jobs in one street shift. Its crews of an authority are the most that any of its jobs needs, so
a crew rides along, idle, where it has no part. A stop lasts as long as its longest part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.peers.answer import Placed
from benchmarks.peers.jobs import PeerCase

I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

MAX_STOPS = 24
"""Most stops of a team."""

MAX_TEAMS = 48
"""Most teams of a street shift."""

NUM_NEAR = 16
SHARED = 6
"""Minutes that a shared authority counts when jobs are near each other."""


class CaravanData(NamedTuple):
    """The case. Ranges are (n + 1,) arrays of begins; `near` are jobs of the same street, -1 where fewer."""

    num_slots: int
    num_shifts: int
    num_authorities: int
    num_streets: int
    num_districts: int
    buffer: int
    slot_lo: I64
    slot_hi: I64
    street_district: I64
    street_legs: I64
    street_places: I64
    legs: I64
    job_street: I64
    job_place: I64
    job_from: I64
    job_to: I64
    job_best: I64
    job_options: I64
    option_weight: I64
    option_stay: I64
    option_parts: I64
    option_words: U64
    part_authority: I64
    part_crews: I64
    near: I64
    crews_street: I64
    crews_district: I64
    crews_city: I64


class CaravanState(NamedTuple):
    """Teams and what follows from them; a team's row is valid while `team_ss` is not -1.

    `totals` are weight served, doors, crew shifts, joint days, minutes ridden. `saved_*` are the rows of the teams
    touched since the last decision, so that a rejected move is undone.
    """

    job_team: I64
    job_pos: I64
    job_option: I64
    team_ss: I64
    team_stops: I64
    team_job: I64
    team_start: I64
    team_latest: I64
    team_need: I64
    team_members: I64
    team_ride: I64
    team_place: I64
    free: I64
    free_pos: I64
    ss_team: I64
    ss_teams: I64
    used: I64
    left: I64
    over_street: I64
    over_district: I64
    day_visits: I64
    deficient: I64
    deficient_pos: I64
    touched: I64
    saved_team: I64
    saved_ss: I64
    saved_stops: I64
    saved_job: I64
    saved_option: I64
    counts: I64
    totals: I64
    rng: U64


def caravan_data(case: PeerCase) -> CaravanData:
    """Return the arrays of a case."""
    words = -(-case.num_slots // 64)
    jobs = case.jobs
    options = [o for job in jobs for o in job.options]
    begins, size = [], 0
    for matrix in case.legs:
        begins.append(size)
        size += matrix.size
    return CaravanData(
        num_slots=case.num_slots,
        num_shifts=case.num_shifts,
        num_authorities=case.num_authorities,
        num_streets=case.num_streets,
        num_districts=case.crews_district.shape[1],
        buffer=case.buffer,
        slot_lo=np.array(case.slot_lo, dtype=np.int64),
        slot_hi=np.array(case.slot_hi, dtype=np.int64),
        street_district=np.array(case.street_district, dtype=np.int64),
        street_legs=np.array(begins, dtype=np.int64),
        street_places=np.array([len(m) for m in case.legs], dtype=np.int64),
        legs=np.concatenate([m.reshape(-1) for m in case.legs]),
        job_street=_ints(j.street for j in jobs),
        job_place=_ints(j.place for j in jobs),
        job_from=_ints(j.open_from for j in jobs),
        job_to=_ints(j.open_to for j in jobs),
        job_best=_ints(j.options[0].weight for j in jobs),
        job_options=_ranges(len(j.options) for j in jobs),
        option_weight=_ints(o.weight for o in options),
        option_stay=_ints(o.stay for o in options),
        option_parts=_ranges(len(o.parts) for o in options),
        option_words=np.array(
            [[o.slots >> 64 * w & (2**64 - 1) for w in range(words)] for o in options], dtype=np.uint64
        ).reshape(-1, words),
        part_authority=_ints(p.authority for o in options for p in o.parts),
        part_crews=_ints(p.crews for o in options for p in o.parts),
        near=_near(case),
        crews_street=case.crews_street,
        crews_district=case.crews_district,
        crews_city=case.crews_city,
    )


def _ints(values) -> I64:  # type: ignore[no-untyped-def]
    return np.array(list(values), dtype=np.int64)


def _ranges(lengths) -> I64:  # type: ignore[no-untyped-def]
    return np.concatenate(([0], np.cumsum(list(lengths)))).astype(np.int64)


def _near(case: PeerCase) -> I64:
    out = np.full((len(case.jobs), NUM_NEAR), -1, dtype=np.int64)
    by_street: dict[int, list[int]] = {}
    for j, job in enumerate(case.jobs):
        by_street.setdefault(job.street, []).append(j)
    for street, here in by_street.items():
        places = [case.jobs[j].place for j in here]
        comes = np.zeros((len(here), case.num_authorities), dtype=np.int64)
        for k, j in enumerate(here):
            comes[k, [p.authority for p in case.jobs[j].options[0].parts]] = 1
        keys = case.legs[street][np.ix_(places, places)] - SHARED * (comes @ comes.T)
        np.fill_diagonal(keys, 10**6)
        order = np.argsort(keys, axis=1, kind="stable")[:, : min(NUM_NEAR, len(here) - 1)]
        for k, j in enumerate(here):
            out[j, : order.shape[1]] = [here[o] for o in order[k]]
    return out


def empty_state(d: CaravanData, seed: int) -> CaravanState:
    """Return a state with no job placed."""
    jobs, ss = len(d.job_street), d.num_streets * d.num_slots

    def zeros(*shape: int) -> I64:
        return np.zeros(shape, dtype=np.int64)

    return CaravanState(
        job_team=zeros(jobs) - 1,
        job_pos=zeros(jobs),
        job_option=zeros(jobs) - 1,
        team_ss=zeros(jobs) - 1,
        team_stops=zeros(jobs),
        team_job=zeros(jobs, MAX_STOPS),
        team_start=zeros(jobs, MAX_STOPS),
        team_latest=zeros(jobs, MAX_STOPS),
        team_need=zeros(jobs, d.num_authorities),
        team_members=zeros(jobs),
        team_ride=zeros(jobs),
        team_place=zeros(jobs),
        free=np.arange(jobs, dtype=np.int64),
        free_pos=np.arange(jobs, dtype=np.int64),
        ss_team=zeros(ss, MAX_TEAMS),
        ss_teams=zeros(ss),
        used=zeros(ss, d.num_authorities),
        left=_whole_pools(d),
        over_street=zeros(d.num_authorities, d.num_districts, d.num_slots),
        over_district=zeros(d.num_authorities, d.num_slots),
        day_visits=zeros(d.num_streets, d.num_slots // d.num_shifts),
        deficient=np.arange(jobs, dtype=np.int64),
        deficient_pos=np.arange(jobs, dtype=np.int64),
        touched=zeros(jobs),
        saved_team=zeros(jobs),
        saved_ss=zeros(jobs),
        saved_stops=zeros(jobs),
        saved_job=zeros(jobs, MAX_STOPS),
        saved_option=zeros(jobs, MAX_STOPS),
        counts=np.array([jobs, jobs, 0], dtype=np.int64),
        totals=zeros(5),
        rng=np.array([(seed * 0x9E3779B97F4A7C15 + 0x51ED270B) & (2**64 - 1) or 1], dtype=np.uint64),
    )


def _whole_pools(d: CaravanData) -> I64:
    pools = d.crews_street + d.crews_district[:, d.street_district, :] + d.crews_city
    return np.ascontiguousarray(pools.transpose(1, 2, 0).reshape(-1, d.num_authorities))


class CaravanBest(NamedTuple):
    """A solution apart from the state: team, place in it and option of every job; street shift of every team."""

    job_team: I64
    job_pos: I64
    job_option: I64
    team_ss: I64
    totals: I64


def empty_best(d: CaravanData) -> CaravanBest:
    """Return the solution that places nothing."""
    jobs = len(d.job_street)
    none = np.full(jobs, -1, dtype=np.int64)
    return CaravanBest(none.copy(), np.zeros(jobs, dtype=np.int64), none.copy(), none.copy(), np.zeros(5, np.int64))


class Team(NamedTuple):
    """A team of an answer: where, its stops in order as (job, option index), when each begins."""

    street: int
    slot: int
    stops: tuple[tuple[int, int], ...]
    starts: tuple[int, ...]


def teams_of(case: PeerCase, best: CaravanBest) -> list[Team]:
    """Return the teams of a solution with their earliest starts."""
    rows: dict[int, list[tuple[int, int, int]]] = {}
    first = _ranges(len(j.options) for j in case.jobs)
    for j in np.flatnonzero(best.job_team >= 0).tolist():
        option = int(best.job_option[j] - first[j])
        rows.setdefault(int(best.job_team[j]), []).append((int(best.job_pos[j]), j, option))
    out = []
    for team, stops in sorted(rows.items()):
        ss = int(best.team_ss[team])
        street, slot = divmod(ss, case.num_slots)
        order = tuple((j, o) for _, j, o in sorted(stops))
        out.append(Team(street, slot, order, tuple(_starts(case, street, slot, order))))
    return out


def _starts(case: PeerCase, street: int, slot: int, stops: tuple[tuple[int, int], ...]) -> list[int]:
    legs, clock, here, starts = case.legs[street], case.slot_lo[slot], 0, []
    for k, (j, o) in enumerate(stops):
        job = case.jobs[j]
        arrive = clock + int(legs[here, job.place]) + (case.buffer if k else 0)
        starts.append(max(arrive, job.open_from))
        clock, here = starts[-1] + job.options[o].stay, job.place
    return starts


def placed_of(case: PeerCase, teams: list[Team]) -> list[Placed]:
    """Return the jobs of the teams; all parts of a job begin together, every team has crews of its own."""
    taken: dict[tuple[int, int, int], int] = {}
    placed = []
    for team in teams:
        need: dict[int, int] = {}
        for j, o in team.stops:
            for part in case.jobs[j].options[o].parts:
                need[part.authority] = max(need.get(part.authority, 0), part.crews)
        first = {}
        for a, crews in need.items():
            first[a] = taken.get((team.street, team.slot, a), 0)
            taken[team.street, team.slot, a] = first[a] + crews
        for (j, o), start in zip(team.stops, team.starts, strict=True):
            option = case.jobs[j].options[o]
            crews = tuple(tuple(range(first[p.authority], first[p.authority] + p.crews)) for p in option.parts)
            starts = (start,) * len(option.parts)
            placed.append(Placed(job=j, option=option, slot=team.slot, starts=starts, crews=crews))
    return placed
