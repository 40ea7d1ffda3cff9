"""Crews of every body: derived from its workload, scarce or plenty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scenarios.generate.bodies import Body
from scenarios.generate.spec import CrewSupply

MINUTES_AROUND = 22
"""Minutes that an item takes besides its own: 10 of overhead, 12 of travel and waiting.

With them a crew does about 3.1 items in a shift, as joint schedules of the same kind of street do.
"""

_PLENTY_SHARE = 4  # a body may serve a quarter of its items in one shift
_PLENTY_LEAST = 4
_CELLS = tuple((weekday, shift) for weekday in (2, 4, 3, 1, 5) for shift in ("AM", "PM"))
"""Half days of a week, the usual joint inspection days first: departments that have few crews send them then."""
_JITTER = 2.5


def crew_columns(
    bodies: Sequence[Body],
    workload_min: npt.NDArray[np.int64],
    parts: npt.NDArray[np.int64],
    largest: npt.NDArray[np.int64],
    num_dates: int,
    shift_min: float,
    supply: CrewSupply,
    rng: np.random.Generator,
) -> dict[str, list[object]]:
    """Return the columns of crews.csv.

    Scarce: crew shifts a week are the estimated need over the share of use drawn for the body, rounded up; what does
    not make a crew in every half day of the week goes to single half days. Plenty: a crew for every fourth part.
    Either way a body has, in one half day of the week at least, as many crews as its largest item needs.

    Parameters
    ----------
    bodies : the authorities; all arrays are in their order.
    workload_min : crew minutes of each body's items, with `MINUTES_AROUND` for each.
    parts : each body's items, one that needs several crews counted as often.
    largest : most crews that one item of each body needs.
    num_dates : inspection dates of the horizon.
    shift_min : mean length of a shift.
    supply : scarce or plenty.
    rng : draws the use of each body and the half days it prefers.
    """
    columns: dict[str, list[object]] = {
        name: [] for name in ("authority_id", "area_id", "crews", "from", "to", "weekdays", "shift_id")
    }
    weeks = num_dates / 5
    each = zip(bodies, workload_min.tolist(), parts.tolist(), largest.tolist(), strict=True)
    for body, minutes, count, most in each:
        use = rng.uniform(body.department.use_low, body.department.use_high)
        preference = np.arange(len(_CELLS)) + rng.uniform(0, _JITTER, size=len(_CELLS))
        if supply is CrewSupply.PLENTY:
            every, single = max(_PLENTY_LEAST, -(-count // _PLENTY_SHARE)), 0
        else:
            a_week = max(1, int(np.ceil(minutes / shift_min / use / weeks)))
            every, single = divmod(a_week, len(_CELLS))
        if every:
            _add_row(columns, body, every)
        cells = np.argsort(preference, kind="stable").tolist()
        for rank, cell in enumerate(cells[: max(single, 1)]):
            crews = min(single, 1) if rank else max(min(single, 1), most - every)
            if crews:
                _add_row(columns, body, crews, *_CELLS[cell])
    return columns


def _add_row(
    columns: dict[str, list[object]], body: Body, crews: int, weekday: int | None = None, shift: str = ""
) -> None:
    row = (body.authority_id, body.area_id, crews, None, None, weekday, shift)
    for values, value in zip(columns.values(), row, strict=True):
        values.append(value)
