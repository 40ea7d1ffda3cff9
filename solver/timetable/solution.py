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


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A timetable as arrays, for problems with so many visits that records of them would cost too much.

    Parameters
    ----------
    visit_ss, visit_mode : street shift and mode of every visit, -1 where it is not used.
    node_start, node_end, node_crew : minutes and crew of every node; crew -1 where it is not used. Equal numbers are
        one crew, of one street shift and authority; they are less than the number of nodes.
    """

    visit_ss: I64
    visit_mode: I64
    node_start: I64
    node_end: I64
    node_crew: I64


def empty_layout(p: TimetableProblem) -> Layout:
    """Return the timetable without a visit."""
    return Layout(
        visit_ss=np.full(p.num_visits, -1, dtype=np.int64),
        visit_mode=np.full(p.num_visits, -1, dtype=np.int64),
        node_start=np.zeros(p.num_nodes, dtype=np.int64),
        node_end=np.zeros(p.num_nodes, dtype=np.int64),
        node_crew=np.full(p.num_nodes, -1, dtype=np.int64),
    )


def layout_of(state: State, essential: I64) -> Layout:
    """Return the timetable that the cells of a solution hold; crews are numbered from 0."""
    at = state.at
    nodes = essential[at["nodes"] : at["essential"]].reshape(-1, NODE_CELLS)
    crew = nodes[:, CREW].copy()
    used = crew >= 0
    crew[used] = np.unique(crew[used], return_inverse=True)[1]
    return Layout(
        visit_ss=essential[at["visit_ss"] : at["visit_mode"]].copy(),
        visit_mode=essential[at["visit_mode"] : at["nodes"]].copy(),
        node_start=nodes[:, START].copy(),
        node_end=nodes[:, END].copy(),
        node_crew=crew,
    )


def essential_of(p: TimetableProblem, state: State, start: Layout | Sequence[PlacedVisit]) -> I64:
    """Return the cells of a solution that hold a timetable, the reverse of :func:`layout_of`.

    Raises
    ------
    SolverError : a visit's items are no mode of its enterprise, or no place for a visit is left there.
    """
    layout = start if isinstance(start, Layout) else layout_from(p, start)
    at = state.at
    out = np.zeros(int(at["essential"]), dtype=np.int64)
    out[at["visit_ss"] : at["visit_mode"]] = layout.visit_ss
    out[at["visit_mode"] : at["nodes"]] = layout.visit_mode
    nodes = out[at["nodes"] :].reshape(-1, NODE_CELLS)
    nodes[:, START], nodes[:, END], nodes[:, CREW] = layout.node_start, layout.node_end, layout.node_crew
    return out


def placed_visits(p: TimetableProblem, layout: Layout) -> list[PlacedVisit]:
    """Return the visits as plain records, in the order of visits."""
    out = []
    used = np.flatnonzero(layout.visit_ss >= 0)
    modes, places = layout.visit_mode[used].tolist(), layout.visit_ss[used].tolist()
    ents, first_nodes = p.visit_ent[used].tolist(), p.visit_nodes[used].tolist()
    starts, crews = layout.node_start.tolist(), layout.node_crew.tolist()
    for e, mode, ss, first in zip(ents, modes, places, first_nodes, strict=True):
        at = slice(int(p.mode_parts[mode]), int(p.mode_parts[mode + 1]))
        rows = zip(
            p.part_authority[at].tolist(), p.part_node[at].tolist(), p.part_min[at].tolist(), p.part_crews[at].tolist(),
            strict=True,
        )  # fmt: skip
        parts = tuple(
            PlacedPart(
                authority=authority,
                start=starts[first + node],
                minutes=minutes,
                crews=tuple(crews[first + node : first + node + count]),
            )
            for authority, node, minutes, count in rows
        )
        items = tuple(p.mode_item[p.mode_items[mode] : p.mode_items[mode + 1]].tolist())
        out.append(PlacedVisit(enterprise=e, street=ss // p.num_slots, slot=ss % p.num_slots, items=items, parts=parts))
    return out


def layout_from(p: TimetableProblem, visits: Sequence[PlacedVisit]) -> Layout:
    """Return the arrays of a timetable; equal crew numbers in one street shift are one crew.

    Raises
    ------
    SolverError : a visit's items are no mode of its enterprise, or no place for a visit is left there.
    """
    out = empty_layout(p)
    used: set[int] = set()
    crew_of: dict[tuple[int, int, int], int] = {}
    for visit in visits:
        v, mode = _place_for(p, visit, used)
        used.add(v)
        ss = visit.street * p.num_slots + visit.slot
        out.visit_ss[v], out.visit_mode[v] = ss, mode
        first = {int(p.part_authority[k]): k for k in range(p.mode_parts[mode], p.mode_parts[mode + 1])}
        for part in visit.parts:
            begin = int(p.visit_nodes[v] + p.part_node[first[part.authority]])
            for q, crew in enumerate(part.crews):
                out.node_start[begin + q], out.node_end[begin + q] = part.start, part.start + part.minutes
                out.node_crew[begin + q] = crew_of.setdefault((ss, part.authority, crew), len(crew_of))
    return out


def _place_for(p: TimetableProblem, visit: PlacedVisit, used: set[int]) -> tuple[int, int]:
    """Return an unused place for the visit, a pinned one or its home where its slot allows it, and its mode."""
    e, word, bit = visit.enterprise, visit.slot >> 6, np.uint64(1 << (visit.slot & 63))
    places = [v for v in range(p.ent_visits[e], p.ent_visits[e + 1]) if v not in used and p.visit_words[v, word] & bit]
    wanted = sorted(visit.items)
    for mode in range(p.ent_modes[e], p.ent_modes[e + 1]):
        if places and sorted(p.mode_item[p.mode_items[mode] : p.mode_items[mode + 1]]) == wanted:
            return max(places, key=lambda v: (p.visit_pinned[v], bool(p.home_words[v, word] & bit), -v)), mode
    raise SolverError(f"no visit of enterprise {e} can have items {visit.items} in slot {visit.slot}")


def evaluate(p: TimetableProblem, visits: Sequence[PlacedVisit]) -> tuple[int, int, int, int, int]:
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
