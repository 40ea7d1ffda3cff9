"""A timetable as plain integers, and its evaluation without any solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from solver.errors import SolverError
from solver.timetable.problem import I64, TimetableProblem
from solver.timetable.state import CREW, END, NODE_CELLS, START, State


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPart:
    """One authority's crews at a visit: node of each crew, minutes, start, and crew of each node."""

    authority: int
    start: int
    minutes: int
    crews: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedVisit:
    """A visit with its street shift, its items (global indices) and the parts of its authorities."""

    enterprise: int
    street: int
    slot: int
    items: tuple[int, ...]
    parts: tuple[PlacedPart, ...]


def placed_visits(p: TimetableProblem, state: State, essential: I64) -> list[PlacedVisit]:
    """Return the visits of a solution; equal crew numbers in one street shift are one crew."""
    out = []
    at = state.at
    for v in range(p.num_visits):
        ss, mode = int(essential[at["visit_ss"] + v]), int(essential[at["visit_mode"] + v])
        if ss < 0:
            continue
        parts = []
        for part in range(p.mode_parts[mode], p.mode_parts[mode + 1]):
            first = int(at["nodes"]) + NODE_CELLS * int(p.visit_nodes[v] + p.part_node[part])
            nodes = [first + NODE_CELLS * q for q in range(p.part_crews[part])]
            parts.append(
                PlacedPart(
                    authority=int(p.part_authority[part]),
                    start=int(essential[first + START]),
                    minutes=int(p.part_min[part]),
                    crews=tuple(int(essential[node + CREW]) for node in nodes),
                )
            )
        out.append(
            PlacedVisit(
                enterprise=int(p.visit_ent[v]),
                street=ss // p.num_slots,
                slot=ss % p.num_slots,
                items=tuple(int(i) for i in p.mode_item[p.mode_items[mode] : p.mode_items[mode + 1]]),
                parts=tuple(parts),
            )
        )
    return out


def essential_of(p: TimetableProblem, state: State, visits: Sequence[PlacedVisit]) -> I64:
    """Return the essential cells of a timetable, as :func:`placed_visits` reads them back.

    Raises
    ------
    SolverError : a visit's items are no mode of its enterprise, or no place for a visit is left there.
    """
    at = state.at
    out = np.zeros(int(at["essential"]), dtype=np.int64)
    out[at["visit_ss"] : at["nodes"]] = -1
    out[at["nodes"] + CREW :: NODE_CELLS] = -1
    used: set[int] = set()
    crew_of: dict[tuple[int, int, int], int] = {}
    for visit in visits:
        v, mode = _place_for(p, visit, used)
        used.add(v)
        ss = visit.street * p.num_slots + visit.slot
        out[at["visit_ss"] + v], out[at["visit_mode"] + v] = ss, mode
        first = {int(p.part_authority[k]): k for k in range(p.mode_parts[mode], p.mode_parts[mode + 1])}
        for part in visit.parts:
            begin = int(p.visit_nodes[v] + p.part_node[first[part.authority]])
            for q, crew in enumerate(part.crews):
                node = int(at["nodes"]) + NODE_CELLS * (begin + q)
                out[node + START], out[node + END] = part.start, part.start + part.minutes
                out[node + CREW] = crew_of.setdefault((ss, part.authority, crew), len(crew_of))
    return out


def _place_for(p: TimetableProblem, visit: PlacedVisit, used: set[int]) -> tuple[int, int]:
    """Return an unused place for the visit, a pinned one where its slot allows it, and its mode."""
    e, word, bit = visit.enterprise, visit.slot >> 6, np.uint64(1 << (visit.slot & 63))
    places = [v for v in range(p.ent_visits[e], p.ent_visits[e + 1]) if v not in used and p.visit_words[v, word] & bit]
    wanted = sorted(visit.items)
    for mode in range(p.ent_modes[e], p.ent_modes[e + 1]):
        if places and sorted(p.mode_item[p.mode_items[mode] : p.mode_items[mode + 1]]) == wanted:
            return max(places, key=lambda v: (p.visit_pinned[v], -v)), mode
    raise SolverError(f"no visit of enterprise {e} can have items {visit.items} in slot {visit.slot}")


def evaluate(p: TimetableProblem, visits: list[PlacedVisit]) -> tuple[int, int, int, int, int]:
    """Return (served weight, doors, crew shifts, joint days, travel minutes) from the visits alone."""
    weight_of = {
        tuple(int(i) for i in p.mode_item[p.mode_items[m] : p.mode_items[m + 1]]): int(p.mode_weight[m])
        for m in range(len(p.mode_weight))
    }
    routes: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for v in visits:
        for part in v.parts:
            for crew in part.crews:
                key = v.street * p.num_slots + v.slot, part.authority, crew
                routes.setdefault(key, []).append((part.start, int(p.ent_place[v.enterprise])))
    travel = 0
    for (ss, _, _), stops in routes.items():
        street = ss // p.num_slots
        base, places = int(p.street_legs[street]), int(p.street_places[street])
        path = [0, *(place for _, place in sorted(stops)), 0]
        travel += sum(int(p.legs[base + i * places + j]) for i, j in pairwise(path))
    return (
        sum(weight_of[v.items] for v in visits),
        len(visits),
        len(routes),
        len({(v.street, int(p.slot_day[v.slot])) for v in visits}),
        travel,
    )
