"""A timetable as arrays over all visits and nodes, cut into parts and put together without a loop over visits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.coordinate.parts import Part
from solver.timetable.problem import I64, TimetableProblem
from solver.timetable.solution import PlacedPart, PlacedVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A timetable.

    Parameters
    ----------
    visit_ss, visit_mode : street shift and mode of every visit, -1 where it is not used.
    node_start, node_crew, node_min : start, crew and minutes of every node; crew -1 where it is not used. Equal crews
        in one street shift and of one authority are one crew; the numbers are less than the number of nodes.
    """

    visit_ss: I64
    visit_mode: I64
    node_start: I64
    node_crew: I64
    node_min: I64


def empty_layout(p: TimetableProblem) -> Layout:
    """Return the timetable without a visit."""
    return Layout(
        visit_ss=np.full(p.num_visits, -1, dtype=np.int64),
        visit_mode=np.full(p.num_visits, -1, dtype=np.int64),
        node_start=np.zeros(p.num_nodes, dtype=np.int64),
        node_crew=np.full(p.num_nodes, -1, dtype=np.int64),
        node_min=np.zeros(p.num_nodes, dtype=np.int64),
    )


def cut(whole: Layout, part: Part, num_slots: int) -> Layout:
    """Return the timetable of a part's visits in the part's numbers."""
    ss, mode = whole.visit_ss[part.visits], whole.visit_mode[part.visits]
    crew = whole.node_crew[part.nodes]
    used = ss >= 0
    street = np.searchsorted(part.streets, ss[used] // num_slots)
    ss[used] = street * num_slots + ss[used] % num_slots
    mode[used] = np.searchsorted(part.modes, mode[used])
    crew[crew >= 0] = np.unique(crew[crew >= 0], return_inverse=True)[1]
    return Layout(
        visit_ss=ss,
        visit_mode=mode,
        node_start=whole.node_start[part.nodes],
        node_crew=crew,
        node_min=whole.node_min[part.nodes],
    )


def paste(whole: Layout, part: Part, found: Layout, num_slots: int) -> None:
    """Write the timetable of a part's visits into that of the whole.

    A crew gets the number of one of the part's own nodes in the whole, so that no two parts use the same.
    """
    ss, mode, crew = found.visit_ss.copy(), found.visit_mode.copy(), found.node_crew.copy()
    used = ss >= 0
    ss[used] = part.streets[ss[used] // num_slots] * num_slots + ss[used] % num_slots
    mode[used] = part.modes[mode[used]]
    crew[crew >= 0] = part.nodes[crew[crew >= 0]]
    whole.visit_ss[part.visits], whole.visit_mode[part.visits] = ss, mode
    whole.node_crew[part.nodes] = crew
    whole.node_start[part.nodes], whole.node_min[part.nodes] = found.node_start, found.node_min


def crews_in_use(p: TimetableProblem, layout: Layout) -> I64:
    """Return the crews at work by authority, street and slot."""
    nodes = np.flatnonzero(layout.node_crew >= 0)
    bucket = layout.visit_ss[p.node_visit[nodes]] * p.num_authorities + p.node_authority[nodes]
    crews = np.unique(bucket * p.num_nodes + layout.node_crew[nodes]) // max(1, p.num_nodes)
    counts = np.bincount(crews, minlength=p.num_streets * p.num_slots * p.num_authorities)
    return counts.reshape(p.num_streets, p.num_slots, p.num_authorities).transpose(2, 0, 1)


def placed(p: TimetableProblem, layout: Layout) -> list[PlacedVisit]:
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
        out.append(
            PlacedVisit(
                enterprise=e,
                street=ss // p.num_slots,
                slot=ss % p.num_slots,
                items=tuple(p.mode_item[p.mode_items[mode] : p.mode_items[mode + 1]].tolist()),
                parts=tuple(
                    PlacedPart(
                        authority=authority,
                        start=starts[first + node],
                        minutes=minutes,
                        crews=tuple(crews[first + node : first + node + count]),
                    )
                    for authority, node, minutes, count in rows
                ),
            )
        )
    return out
