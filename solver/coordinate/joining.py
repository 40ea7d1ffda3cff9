"""One problem of many: problems of different streets side by side, the reverse of taking parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from solver.coordinate.parts import nodes_by_authority
from solver.timetable.problem import I32, TimetableProblem

_AS_THEY_ARE = (
    "street_places", "legs", "ent_place", "ent_from", "ent_to", "ent_best", "visit_pinned", "visit_words",
    "visit_fixed", "home_words", "node_home",
    "mode_weight", "mode_longest", "mode_merged", "mode_words", "part_authority", "part_node", "part_min", "part_crews",
    "part_counted", "node_authority", "cap_who", "cap_kind",
)  # fmt: skip
_RANGES = ("ent_visits", "ent_modes", "ent_caps", "ent_items", "visit_nodes", "mode_parts", "mode_items")

Sizes = Callable[[TimetableProblem], int]
_NUMBERS: dict[str, Sizes] = {
    "ent_street": lambda p: p.num_streets,
    "street_legs": lambda p: len(p.legs),
    "visit_ent": lambda p: p.num_enterprises,
    "node_visit": lambda p: p.num_visits,
    "mode_item": lambda p: int(p.ent_items[-1]),
    "neighbours": lambda p: p.num_enterprises,
}
"""Arrays of indices, and how many indices every problem brings."""


def join_problems(
    problems: Sequence[TimetableProblem],
    *,
    num_districts: int,
    street_district: I32,
    crews_street: I32,
    crews_district: I32,
    crews_city: I32,
    no_limit: int,
) -> TimetableProblem:
    """Return the problem of all the streets, enterprises, visits and so on, one problem's behind the other's.

    Parameters
    ----------
    problems : at least one, of the same calendar, authorities and rules.
    num_districts, street_district, crews_street, crews_district, crews_city : of all the streets together.
    no_limit : what stands in `cap_left` where a kind of period has no further one.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {
        name: np.concatenate([getattr(p, name) for p in problems]) for name in _AS_THEY_ARE
    }
    for name in _RANGES:
        rows = [getattr(p, name) for p in problems]
        begins = np.cumsum([0] + [int(r[-1]) for r in rows])
        whole = [r[1:] + begin for r, begin in zip(rows, begins[:-1], strict=True)]
        arrays[name] = np.concatenate([[0], *whole]).astype(np.int32)
    for name, size in _NUMBERS.items():
        begins = np.cumsum([0] + [size(p) for p in problems])
        moved = [_moved(getattr(p, name), int(b)) for p, b in zip(problems, begins[:-1], strict=True)]
        arrays[name] = np.concatenate(moved).astype(np.int32)
    widest = max(p.cap_left.shape[1] for p in problems)
    wide = [np.pad(p.cap_left, ((0, 0), (0, widest - p.cap_left.shape[1])), constant_values=no_limit) for p in problems]
    first = problems[0]
    auth_nodes, auth_node = nodes_by_authority(arrays["node_authority"].astype(np.int32), first.num_authorities)
    fields = first._asdict() | arrays
    fields |= {
        "num_streets": sum(p.num_streets for p in problems),
        "num_districts": num_districts,
        "street_district": street_district,
        "crews_street": crews_street,
        "crews_district": crews_district,
        "crews_city": crews_city,
        "cap_left": np.concatenate(wide),
        "auth_nodes": auth_nodes,
        "auth_node": auth_node,
    }
    return TimetableProblem(**fields)


def _moved(values: npt.NDArray[np.int32], begin: int) -> npt.NDArray[np.int64]:
    return np.where(values < 0, -1, values.astype(np.int64) + begin)
