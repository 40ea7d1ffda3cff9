"""A network carried out under random factors: when every part starts and ends, and when every crew is there and back.

Rules, in the order in which they act:

1. A crew leaves the office at its departure; each leg takes its planned minutes times its factor. `buffer_min` is
   slack, so nobody spends it.
2. A part starts when all crews of its authority are there (R18), not before its planned start (the announced time), and
   not before the enterprise is ready; with `start_together` (R16) all parts wait for the last crew of the visit.
3. A part takes its planned minutes, overhead included, times its factor, without a break; all its crews leave together
   (R17, R18). Where nobody opens, crews wait the agreed minutes and go on.
4. Nothing is cut short: visits run past the shift's end and the opening hours; the minutes are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduler.delay.draws import Keys, Stream, chances, keys_of
from scheduler.delay.model import DelayModel
from scheduler.delay.network import DelayNetwork, Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What happened, minutes after midnight; axes (part, stop, crew or visit; run).

    Parameters
    ----------
    start, leave : of every part.
    arrive : of every stop.
    back : of every crew shift.
    opened : whether the enterprise of a visit opened, dtype bool.
    """

    start: Minutes
    leave: Minutes
    arrive: Minutes
    back: Minutes
    opened: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def carry_out(network: DelayNetwork, model: DelayModel, runs: Keys) -> Times:
    """Return the times of every run; `runs` are their keys (``draws.run_keys``)."""
    parts, visits, stops, crews = network.parts, network.visits, network.stops, network.crews
    day_keys = _day_keys(network)
    day_travel = model.day_travel.quantile(chances(day_keys, runs, Stream.DAY_LEGS))
    day_parts = model.day_durations.quantile(chances(day_keys, runs, Stream.DAY_PARTS))
    late = chances(visits.key, runs, Stream.LATE) < model.enterprise_late_chance
    opened = chances(visits.key, runs, Stream.NO_SHOW) >= model.no_show_chance
    ready = visits.start[:, None] + np.where(late, model.enterprise_late_min, 0.0)
    factor = model.durations.quantile(chances(parts.key, runs, Stream.PART)) * day_parts[visits.day[parts.visit]]
    length = np.where(opened[parts.visit], parts.minutes[:, None] * factor, model.no_show_wait_min)
    stop_day = visits.day[parts.visit[stops.part]]
    way = stops.leg[:, None] * model.travel.quantile(chances(stops.key, runs, Stream.LEG)) * day_travel[stop_day]
    earliest = np.maximum(parts.start[:, None], ready[parts.visit])
    start, arrive = np.empty_like(length), np.empty_like(way)
    leave = np.empty_like(length)
    for level in network.levels:
        own = level.stops
        before = stops.before[own]
        left = np.where((before < 0)[:, None], stops.depart[own][:, None], leave[before])
        arrive[own] = there = left + way[own]
        complete = np.maximum.reduceat(there, level.first_stop, axis=0)
        start[level.parts] = np.maximum(earliest[level.parts], complete[level.part_group])
        leave[level.parts] = start[level.parts] + length[level.parts]
    home = crews.leg[:, None] * model.travel.quantile(chances(crews.key, runs, Stream.LEG)) * day_travel[crews.day]
    return Times(start=start, leave=leave, arrive=arrive, back=leave[crews.last] + home, opened=opened)


def _day_keys(network: DelayNetwork) -> Keys:
    return keys_of(("day", str(day)) for day in network.days)
