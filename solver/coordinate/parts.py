"""Parts of a timetable problem: the streets of one part as a problem of its own, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.timetable.problem import I32, I64, TimetableProblem

Ints = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some streets of a problem as a problem of its own.

    Parameters
    ----------
    problem : its streets, enterprises, visits, modes, nodes and items are numbered anew in the old order; of the
        authorities only those with a node in it are there, of the districts only those of its streets.
    streets, districts, authorities, enterprises, visits, modes, nodes, items : the old number of every new one.
    """

    problem: TimetableProblem
    streets: I64
    districts: I64
    authorities: I64
    enterprises: I64
    visits: I64
    modes: I64
    nodes: I64
    items: I64


def take_streets(p: TimetableProblem, streets: npt.ArrayLike) -> Part:
    """Return the part of these streets, with every pool of theirs as it is in the whole.

    Time and memory grow with the part, apart from one look at every enterprise's street and authority's pool.
    """
    street_ids = np.unique(np.asarray(streets, dtype=np.int64))
    new_street = _numbering(street_ids, p.num_streets)
    ents = np.flatnonzero(new_street[p.ent_street] >= 0)
    visits, ent_visits = _spans(p.ent_visits, ents)
    modes, ent_modes = _spans(p.ent_modes, ents)
    caps, ent_caps = _spans(p.ent_caps, ents)
    items, ent_items = _spans(p.ent_items, ents)
    nodes, visit_nodes = _spans(p.visit_nodes, visits)
    parts, mode_parts = _spans(p.mode_parts, modes)
    listed, mode_items = _spans(p.mode_items, modes)
    authorities = np.unique(p.node_authority[nodes]).astype(np.int64)
    districts = np.unique(p.street_district[street_ids]).astype(np.int64)
    new_authority = _numbering(authorities, p.num_authorities)
    node_authority = _i32(new_authority[p.node_authority[nodes]])
    auth_nodes, auth_node = nodes_by_authority(node_authority, len(authorities))
    cap_who = p.cap_who[caps]
    places = p.street_places[street_ids].astype(np.int64)
    problem = p._replace(
        num_authorities=len(authorities),
        num_streets=len(street_ids),
        num_districts=len(districts),
        street_district=_i32(_numbering(districts, p.num_districts)[p.street_district[street_ids]]),
        street_places=_i32(places),
        street_legs=_i32(np.concatenate(([0], np.cumsum(places * places)[:-1]))),
        legs=_legs(p, street_ids),
        ent_street=_i32(new_street[p.ent_street[ents]]),
        ent_place=p.ent_place[ents],
        ent_from=p.ent_from[ents],
        ent_to=p.ent_to[ents],
        ent_visits=ent_visits,
        ent_modes=ent_modes,
        ent_caps=ent_caps,
        ent_items=ent_items,
        ent_best=p.ent_best[ents],
        visit_ent=_renumbered(p.visit_ent[visits], ents),
        visit_nodes=visit_nodes,
        visit_pinned=p.visit_pinned[visits],
        visit_words=p.visit_words[visits],
        visit_fixed=p.visit_fixed[visits],
        home_words=p.home_words[visits],
        mode_weight=p.mode_weight[modes],
        mode_longest=p.mode_longest[modes],
        mode_parts=mode_parts,
        mode_items=mode_items,
        mode_merged=p.mode_merged[modes],
        mode_words=p.mode_words[modes],
        part_authority=_i32(new_authority[p.part_authority[parts]]),
        part_node=p.part_node[parts],
        part_min=p.part_min[parts],
        part_crews=p.part_crews[parts],
        part_counted=p.part_counted[parts],
        mode_item=_renumbered(p.mode_item[listed], items),
        node_visit=_renumbered(p.node_visit[nodes], visits),
        node_authority=node_authority,
        node_home=p.node_home[nodes],
        cap_who=_i32(np.where(cap_who < 0, -1, new_authority[cap_who])),
        cap_kind=p.cap_kind[caps],
        cap_left=p.cap_left[caps],
        crews_street=_pools(p.crews_street, p.num_streets, p.num_slots, authorities, street_ids),
        crews_district=_pools(p.crews_district, p.num_districts, p.num_slots, authorities, districts),
        crews_city=_pools(p.crews_city, 1, p.num_slots, authorities, np.zeros(1, dtype=np.int64)),
        neighbours=_neighbours(p, ents),
        auth_nodes=auth_nodes,
        auth_node=auth_node,
    )
    return Part(
        problem=problem,
        streets=street_ids,
        districts=districts,
        authorities=authorities,
        enterprises=ents,
        visits=visits,
        modes=modes,
        nodes=nodes,
        items=items,
    )


def _i32(values: npt.ArrayLike) -> I32:
    return np.asarray(values).astype(np.int32)


def _numbering(kept: I64, size: int) -> I64:
    """Return the new number of every old one, -1 for those left out."""
    new = np.full(size, -1, dtype=np.int64)
    new[kept] = np.arange(len(kept))
    return new


def _renumbered(values: Ints, kept: I64) -> I32:
    """Return values that all are among the kept, by their places there; no array as long as the whole is needed."""
    return _i32(np.searchsorted(kept, values))


def _spans(ends: Ints, chosen: I64) -> tuple[I64, I32]:
    """Return the indices inside the chosen ranges, one range behind the other, and where each begins now."""
    begins = ends[chosen].astype(np.int64)
    sizes = ends[chosen + 1].astype(np.int64) - begins
    after = np.concatenate(([0], np.cumsum(sizes)))
    return np.arange(after[-1]) + np.repeat(begins - after[:-1], sizes), _i32(after)


def _legs(p: TimetableProblem, street_ids: I64) -> npt.NDArray[np.int16]:
    rows = []
    for s in street_ids:
        begin, places = int(p.street_legs[s]), int(p.street_places[s])
        rows.append(p.legs[begin : begin + places * places])
    return np.concatenate(rows) if rows else np.zeros(0, dtype=np.int16)


def _pools(pools: I32, areas: int, slots: int, authorities: I64, kept: I64) -> I32:
    return pools.reshape(-1, areas, slots)[authorities[:, None], kept[None, :]].reshape(-1)


def _neighbours(p: TimetableProblem, ents: I64) -> I32:
    """Neighbours are of the same street, so they are in the part with it."""
    near = p.neighbours[ents]
    return _i32(np.where(near < 0, -1, np.searchsorted(ents, near)))


def nodes_by_authority(node_authority: I32, num_authorities: int) -> tuple[I32, I32]:
    """Return where the nodes of each authority begin in a list of nodes by authority, and the list."""
    counts = np.bincount(node_authority, minlength=num_authorities)
    return _i32(np.concatenate(([0], np.cumsum(counts)))), _i32(np.argsort(node_authority, kind="stable"))
