"""Independent components: streets that no shared crew can couple are separate problems."""

from __future__ import annotations

import networkx as nx
import numpy as np
import numpy.typing as npt

from solver.timetable.problem import I64, TimetableProblem


def components(p: TimetableProblem) -> list[I64]:
    """Return the streets of every component, ascending, the component of the lowest street first.

    A timetable of all streets is one timetable of each component side by side, every component with all pools of its
    streets as they are; and any such timetables together keep the pools of the whole.

    Proof. Let o[s] be the most crews of an authority that street s could ever use in a slot beyond its own: every crew
    there has a stop, and a stop is a node that some mode lets be served in the slot. A district d takes at most
    f[d] = max(0, sum of o[s] - its own) from the city, whatever happens. Where the f[d] of all districts together
    stay within the city's crews, neither can bind, and nothing is coupled in that slot. Elsewhere a district with
    f[d] = 0 has enough for all its streets, and takes nothing from the city; streets with o[s] = 0 take nothing from
    anybody; the other streets of a district share its crews when there are any, and those of all districts the city's
    when there are any. A pool without crews is shared by nobody.
    """
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(p.num_streets))
    slots = p.num_slots
    own = p.crews_street.reshape(p.num_authorities, p.num_streets, slots)
    district = p.crews_district.reshape(p.num_authorities, p.num_districts, slots)
    city = p.crews_city.reshape(p.num_authorities, slots)
    for a, most in _most_by_authority(p):
        beyond = np.maximum(0, most - own[a])
        over = np.zeros((p.num_districts, slots), dtype=np.int64)
        np.add.at(over, p.street_district, beyond)
        over = np.maximum(0, over - district[a])
        binding = over.sum(axis=0) > city[a]
        takes = (beyond > 0) & (over[p.street_district] > 0) & binding
        _couple(graph, takes & (city[a] > 0), np.zeros(p.num_streets, dtype=np.int64))
        _couple(graph, takes & (district[a][p.street_district] > 0), p.street_district.astype(np.int64))
    found = (np.array(sorted(c), dtype=np.int64) for c in nx.connected_components(graph))
    return sorted(found, key=lambda c: int(c[0]))


def _couple(graph: nx.Graph[int], takes: npt.NDArray[np.bool_], area: I64) -> None:
    """Join the streets of an area that take from its pool in one and the same slot."""
    for k in np.unique(area[takes.any(axis=1)]):
        streets = np.flatnonzero((area == k) & takes.any(axis=1))
        for slot in np.flatnonzero(takes[streets].any(axis=0)):
            there = streets[takes[streets, slot]]
            nx.add_path(graph, there.tolist())


def _most_by_authority(p: TimetableProblem) -> list[tuple[int, I64]]:
    """Return for each authority with nodes the most crews that every street could use by slot, (streets, slots)."""
    ent, authority, words = _open_slots(p)
    nodes = _nodes_of(p, ent, authority)
    bits = np.unpackbits(words.view(np.uint8), axis=1, bitorder="little")[:, : p.num_slots]
    order = np.argsort(authority, kind="stable")
    out = []
    for rows in np.split(order, np.flatnonzero(np.diff(authority[order])) + 1):
        if len(rows):
            most = np.zeros((p.num_streets, p.num_slots), dtype=np.int64)
            np.add.at(most, p.ent_street[ent[rows]], bits[rows] * nodes[rows, None])
            out.append((int(authority[rows[0]]), most))
    return out


def _open_slots(p: TimetableProblem) -> tuple[I64, I64, npt.NDArray[np.uint64]]:
    """Return every (enterprise, authority) with a mode, and the slots of all its modes together as bits."""
    parts = np.diff(p.mode_parts)
    mode = np.repeat(np.arange(len(parts)), parts)
    ent_of_mode = np.repeat(np.arange(p.num_enterprises), np.diff(p.ent_modes))
    key = ent_of_mode[mode].astype(np.int64) * p.num_authorities + p.part_authority
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.diff(key[order], prepend=-1))
    if not len(begins):
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros((0, p.mode_words.shape[1]), dtype=np.uint64)
    words = np.bitwise_or.reduceat(p.mode_words[mode[order]], begins, axis=0)
    found = key[order][begins]
    return found // p.num_authorities, found % p.num_authorities, words


def _nodes_of(p: TimetableProblem, ent: I64, authority: I64) -> I64:
    """Return how many nodes of the authority the enterprise has, over all its visits."""
    keys = p.visit_ent[p.node_visit].astype(np.int64) * p.num_authorities + p.node_authority
    found, counts = np.unique(keys, return_counts=True)
    nodes: I64 = counts[np.searchsorted(found, ent * p.num_authorities + authority)]
    return nodes
