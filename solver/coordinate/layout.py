"""A timetable as arrays over all visits and nodes, cut into parts and put together without a loop over visits."""

from __future__ import annotations

import numpy as np

from solver.coordinate.parts import Part
from solver.timetable.problem import I64, TimetableProblem
from solver.timetable.solution import Layout


def copied(start: Layout) -> Layout:
    """Return the same timetable, which may be written to."""
    return Layout(
        visit_ss=start.visit_ss.copy(),
        visit_mode=start.visit_mode.copy(),
        node_start=start.node_start.copy(),
        node_end=start.node_end.copy(),
        node_crew=start.node_crew.copy(),
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
        node_end=whole.node_end[part.nodes],
        node_crew=crew,
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
    whole.node_start[part.nodes], whole.node_end[part.nodes] = found.node_start, found.node_end


def crews_in_use(p: TimetableProblem, layout: Layout) -> I64:
    """Return the crews at work by authority, street and slot."""
    nodes = np.flatnonzero(layout.node_crew >= 0)
    bucket = layout.visit_ss[p.node_visit[nodes]] * p.num_authorities + p.node_authority[nodes]
    crews = np.unique(bucket * p.num_nodes + layout.node_crew[nodes]) // max(1, p.num_nodes)
    counts = np.bincount(crews, minlength=p.num_streets * p.num_slots * p.num_authorities)
    return counts.reshape(p.num_streets, p.num_slots, p.num_authorities).transpose(2, 0, 1)


def lost_weight(p: TimetableProblem, layout: Layout) -> I64:
    """Return the weight that every street leaves unserved."""
    used = np.flatnonzero(layout.visit_ss >= 0)
    out = np.zeros(p.num_streets, dtype=np.int64)
    np.add.at(out, p.ent_street, p.ent_best)
    np.subtract.at(out, p.ent_street[p.visit_ent[used]], p.mode_weight[layout.visit_mode[used]])
    return out
