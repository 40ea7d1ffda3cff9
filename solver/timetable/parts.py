"""Parts: every worker searches dates of its own for a round, so that all of them push one timetable forward.

Pools, street shifts and joint days lie within a date. An enterprise belongs to the worker on whose dates all of its
visits are, to none if they are on dates of several, so that caps and items hold too. What the workers reach therefore
fits together, and changes of the totals add up.
"""

from __future__ import annotations

import numpy as np

from solver.timetable.jit import entry
from solver.timetable.problem import I64, TimetableProblem
from solver.timetable.search import save_all
from solver.timetable.state import CREW, NODE_CELLS

ENOUGH = 8
"""Dates (or months, where joint days of a month are limited) for each worker from which they share them out."""


def shared_out(p: TimetableProblem, workers: int, seed: int, turn: int) -> I64 | None:
    """Return for each worker the words of its slots; ``None`` where there are too few dates to share out."""
    unit = p.day_month[p.slot_day] if p.max_street_days else p.slot_day
    units = int(unit.max(initial=0)) + 1
    if workers == 1 or units < ENOUGH * workers:
        return None
    owner = np.arange(units) % workers
    np.random.default_rng((seed, turn)).shuffle(owner)
    words = p.mode_words.shape[1]
    bits = np.zeros((workers, words * 64), dtype=np.uint8)
    for k in range(workers):
        bits[k, : p.num_slots] = owner[unit] == k
    return np.packbits(bits, axis=1, bitorder="little").view(np.int64)


@entry
def begin_part(p, st, slots, index, workers, best, best_totals):  # type: ignore[no-untyped-def]
    """Give a worker its slots and the enterprises that go with them; its best so far is what stands."""
    at, c = st.at, st.cells
    for w in range(p.at.num_words):
        c[at.mine + w] = slots[w]
    for e in range(p.at.num_enterprises):
        owned, placed = True, False
        for v in range(p.ints[p.at.ent_visits + e], p.ints[p.at.ent_visits + e + 1]):
            if c[at.visit_ss + v] >= 0:
                slot = c[at.visit_ss + v] % p.at.num_slots
                placed = True
                owned = owned and (slots[slot >> 6] >> (slot & 63)) & 1 != 0
        c[at.owned + e] = 1 if owned and (placed or e % workers == index) else 0
    save_all(st, best, best_totals)


@entry
def add_part(p, st, part, index, merged):  # type: ignore[no-untyped-def]
    """Copy what is a worker's from its solution into a merged one; its crews keep apart from those of others.

    On its dates also visits of enterprises that are nobody's: they stand as before, but share crews with its visits.
    """
    at, c = st.at, st.cells
    for v in range(p.at.num_visits):
        ss = part[at.visit_ss + v]
        slot = ss % p.at.num_slots
        here = ss >= 0 and (c[at.mine + (slot >> 6)] >> (slot & 63)) & 1 != 0
        if not here and c[at.owned + p.ints[p.at.visit_ent + v]] == 0:
            continue
        merged[at.visit_ss + v] = ss
        merged[at.visit_mode + v] = part[at.visit_mode + v]
        for node in range(p.ints[p.at.visit_nodes + v], p.ints[p.at.visit_nodes + v + 1]):
            r = at.nodes + NODE_CELLS * node
            for k in range(r, r + NODE_CELLS):
                merged[k] = part[k]
            if merged[r + CREW] >= 0:
                merged[r + CREW] += index * p.at.num_nodes
