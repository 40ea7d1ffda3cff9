"""What the bound on crew shifts knows of a timetable problem: options of the enterprises and tasks of the crews.

An *option* is a mode of an enterprise in a slot. It asks for *tasks*: one authority's minutes at the enterprise in
that slot. The tasks of an authority in a street shift form a *group*; a crew shift there does some tasks of the group,
as many as its minutes allow. Meeting at the door, caps and pins are left out, so every timetable is a choice of
options with crew shifts that do their tasks, and what holds for all such choices holds for all timetables.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solver.timetable.problem import TimetableProblem

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
MAX_LISTED = 6
"""Up to so many items of an enterprise every item set that a slot allows is among its modes."""


class Tasks(NamedTuple):
    """Options, tasks and groups as flat arrays, tasks sorted by group.

    Parameters
    ----------
    group_street, group_authority, group_slot : (groups,).
    group_tasks : (groups + 1,) range of tasks.
    task_place, task_min, task_from, task_to : (tasks,) place in the street, minutes, hours of the enterprise.
    task_work : (tasks,) its authority, enterprise (or item set) and minutes as one number, the same in every slot.
    ent_options : (enterprises + 1,) range of options; an enterprise without options costs nothing in the bound.
    ent_several : (enterprises,) may get several visits, so its items are shared out one by one.
    ent_best : (enterprises,) weight that it must reach.
    option_mode, option_slot : (options,).
    option_tasks, option_task, option_crews : ranges of an option's tasks, and the crews that each asks for.
    """

    group_street: I64
    group_authority: I64
    group_slot: I64
    group_tasks: I64
    task_place: I64
    task_min: I64
    task_from: I64
    task_to: I64
    task_work: I64
    ent_options: I64
    ent_several: I64
    ent_best: I64
    option_mode: I64
    option_slot: I64
    option_tasks: I64
    option_task: I64
    option_crews: I64

    @property
    def num_groups(self) -> int:
        """Groups: authorities by street shift."""
        return len(self.group_street)

    @property
    def num_tasks(self) -> int:
        """Tasks of all groups."""
        return len(self.task_place)


def slot_kinds(p: TimetableProblem) -> I64:
    """Return a number for every slot, equal where the shift and every pool are equal."""
    by_slot = [f.reshape(-1, p.num_slots) for f in (p.crews_street, p.crews_district, p.crews_city)]
    table = np.concatenate([*by_slot, p.slot_lo[None], p.slot_hi[None]])
    return np.unique(table, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)


def tasks_of(p: TimetableProblem) -> Tasks:
    """Return options and tasks; an enterprise with one visit has only options of its greatest weight."""
    mode_ent = np.repeat(np.arange(p.num_enterprises), np.diff(p.ent_modes))
    several = np.diff(p.ent_visits) > 1
    useful = known_modes(p)[mode_ent] & (several[mode_ent] | (p.mode_weight == p.ent_best[mode_ent]))
    useful &= p.mode_weight > 0  # nothing is lost by leaving them out
    modes = np.nonzero(useful)[0]
    row, slot = _bits(p.mode_words[modes], p.num_slots)
    mode = modes[row]
    parts = np.diff(p.mode_parts)[mode]
    begin = np.concatenate(([0], np.cumsum(parts)))
    option = np.repeat(np.arange(len(mode)), parts)
    part = np.arange(begin[-1]) - begin[option] + p.mode_parts[mode][option]
    ent = mode_ent[mode][option]
    group_key = (p.ent_street[ent].astype(np.int64) * p.num_authorities + p.part_authority[part]) * p.num_slots + slot[
        option
    ]
    # Two visits of one enterprise may ask a crew for the same minutes twice: there every item set has tasks of its own.
    owner = np.where(several[ent], p.num_enterprises + mode[option], ent)
    keys = np.stack([group_key, owner, p.part_min[part].astype(np.int64), ent])
    order = np.lexsort(keys[::-1])
    sorted_keys = keys[:, order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0)
    number = np.cumsum(new) - 1
    task = np.empty(len(order), dtype=np.int64)
    task[order] = number
    group_of, task_owner, minutes, task_ent = sorted_keys[:, new]
    groups, group_begin = np.unique(group_of, return_index=True)
    slots = group_of % p.num_slots
    works = (task_owner * p.num_authorities + group_of // p.num_slots % p.num_authorities) * (1 << 20) + minutes
    return Tasks(
        group_street=groups // p.num_slots // p.num_authorities,
        group_authority=groups // p.num_slots % p.num_authorities,
        group_slot=groups % p.num_slots,
        group_tasks=np.append(group_begin, len(group_of)).astype(np.int64),
        task_place=p.ent_place[task_ent].astype(np.int64),
        task_min=minutes.astype(np.int64),
        task_from=np.maximum(p.slot_lo[slots], p.ent_from[task_ent]).astype(np.int64),
        task_to=np.minimum(p.slot_hi[slots], p.ent_to[task_ent]).astype(np.int64),
        task_work=works.astype(np.int64),
        ent_options=np.searchsorted(mode_ent[mode], np.arange(p.num_enterprises + 1)).astype(np.int64),
        ent_several=several.astype(np.int64),
        ent_best=p.ent_best.astype(np.int64),
        option_mode=mode.astype(np.int64),
        option_slot=slot.astype(np.int64),
        option_tasks=begin.astype(np.int64),
        option_task=task,
        option_crews=p.part_crews[part].astype(np.int64),
    )


def known_modes(p: TimetableProblem) -> npt.NDArray[np.bool_]:
    """Say of each enterprise whether its modes hold all the item sets that a best timetable may use there.

    Small enterprises list every set. A large one with a single visit whose best is to serve everything has one set: all
    its items, when each of them weighs something.
    """
    known: npt.NDArray[np.bool_] = np.diff(p.ent_items) <= MAX_LISTED
    for e in np.nonzero(~known)[0]:
        first, end = int(p.ent_modes[e]), int(p.ent_modes[e + 1])
        items = np.diff(p.mode_items[first : end + 1])
        total = int(p.ent_items[e + 1] - p.ent_items[e])
        weights = p.mode_weight[first:end]
        whole = weights[items == total]
        one_less = weights[items == total - 1]
        single = p.ent_visits[e + 1] - p.ent_visits[e] == 1
        known[e] = (
            single
            and len(whole) == 1
            and whole[0] == p.ent_best[e]
            and len(one_less) == total
            and bool((one_less < whole[0]).all())
        )
    return known


def least_losses(p: TimetableProblem) -> I64:
    """Return for every enterprise the least weight that it loses when it is not served at its best.

    With one visit and every item set listed, what the next lighter mode loses; else one unit, as weights are whole.
    """
    out = np.ones(p.num_enterprises, dtype=np.int64)
    listed = (np.diff(p.ent_items) <= MAX_LISTED) & (np.diff(p.ent_visits) == 1)
    for e in np.nonzero(listed)[0]:
        weights = p.mode_weight[p.ent_modes[e] : p.ent_modes[e + 1]]
        lighter = weights[weights < p.ent_best[e]]
        out[e] = max(1, int(p.ent_best[e]) - int(lighter.max(initial=0)))
    return out


def item_weights(p: TimetableProblem) -> I64:
    """Return the weight of every item that can be served by itself, 0 of others."""
    weights = np.zeros(int(p.ent_items[-1]), dtype=np.int64)
    single = np.flatnonzero(np.diff(p.mode_items) == 1)
    weights[p.mode_item[p.mode_items[single]]] = p.mode_weight[single]
    return weights


def _bits(words: npt.NDArray[np.uint64], num_slots: int) -> tuple[I64, I64]:
    """Return (row, slot) of every set bit, by rows; a few thousand rows at a time, as the bits take a byte each."""
    rows, slots = [], []
    for k in range(0, len(words), 4096):
        bits = np.unpackbits(np.ascontiguousarray(words[k : k + 4096]).view(np.uint8), axis=1, bitorder="little")
        r, s = np.nonzero(bits[:, :num_slots])
        rows.append(r + k)
        slots.append(s)
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate(rows), np.concatenate(slots)
