"""The assignment of invited supervisors to joint days: by lot, with the most even loads that there are, replayable.

It is a flow of least cost from people over (person, date) to joint days. In this order it fills as many places as can
be filled, makes loads (earlier horizons included) as even as possible, and sends people where they accompanied least
so far; the lot decides among what is equal. Loads are exactly even: the sum of their squares is least, and in a flow
this makes the greatest load least and the least one greatest. That is our choice, the rules only say that
such supervisors take part (DOMAIN.md 4.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from scheduler.draw.stream import Stream, commitment_of, seed_of
from scheduler.errors import OnevisitError
from scheduler.invited.roster import Accompanied, Invited, JointDay, input_digest, may_serve

FORMAT = "onevisit-invited/1"
_LOTS = 1000
_SOURCE, _SINK = ("source",), ("sink",)
Seat = tuple[int, str]
"""(day, street)."""


class BadReplacement(OnevisitError):
    """A replacement for somebody who does not accompany the joint day."""

    code = "bad_replacement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """Who accompanies a joint day, sorted, and how many places nobody could be found for."""

    street_id: str
    day: int
    invited_ids: tuple[str, ...]
    missing: int


def assign(
    people: Sequence[Invited],
    days: Sequence[JointDay],
    earlier: Sequence[Accompanied],
    seed: bytes,
    public: str = "",
    each: int = 1,
) -> tuple[Assigned, ...]:
    """Return who accompanies every joint day, in order of date and street; nobody has two on one date.

    Parameters
    ----------
    people, days : with distinct ids, and distinct dates and streets.
    seed, public : see :class:`scheduler.draw.stream.Stream`.
    each : people for a joint day, at least 1.
    """
    stream = Stream(seed, public, "invited")
    order = stream.shuffled(sorted(people, key=lambda p: p.invited_id))
    graph = _graph(order, sorted(days, key=_seat), earlier, each, stream)
    flow: Mapping[Any, Mapping[Any, int]] = nx.max_flow_min_cost(graph, _SOURCE, _SINK) if days and people else {}
    found: dict[Seat, list[str]] = {_seat(d): [] for d in days}
    for node, out in flow.items():
        if node[0] == "date":
            for target, units in out.items():
                if units:
                    found[target[1], target[2]].append(node[1])
    return tuple(
        Assigned(street_id=street, day=day, invited_ids=tuple(sorted(ids)), missing=each - len(ids))
        for (day, street), ids in sorted(found.items())
    )


def _graph(
    people: Sequence[Invited], days: Sequence[JointDay], earlier: Sequence[Accompanied], each: int, stream: Stream
) -> nx.DiGraph:
    """Return the network; a step of load weighs more than all streets, authorities and lots together."""
    been = _been(earlier)
    loads = Counter(a.invited_id for a in earlier)
    seats = each * len(days)
    familiar = max(been.values(), default=0) * (1 + max((len(d.authority_ids) for d in days), default=0))
    step = seats * (familiar + 1) * (_LOTS * seats + 1) + 1
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from((_SOURCE, _SINK))
    for joint in days:
        graph.add_edge(("joint", *_seat(joint)), _SINK, capacity=each, weight=0)
    for person in people:
        open_to = [d for d in days if may_serve(person, d)]
        dates = sorted({d.day for d in open_to})
        who = ("person", person.invited_id)
        for k in range(len(dates)):
            rung = ("rung", person.invited_id, k)
            graph.add_edge(_SOURCE, rung, capacity=1, weight=step * (2 * (loads[person.invited_id] + k) + 1))
            graph.add_edge(rung, who, capacity=1, weight=0)
        for day in dates:
            graph.add_edge(who, ("date", person.invited_id, day), capacity=1, weight=0)
        for joint in open_to:
            weight = _familiar(been, person.invited_id, joint) * (_LOTS * seats + 1) + stream.below(_LOTS)
            node = ("date", person.invited_id, joint.day)
            graph.add_edge(node, ("joint", *_seat(joint)), capacity=1, weight=weight)
    return graph


def replacement(
    people: Sequence[Invited],
    joint: JointDay,
    assigned: Sequence[Assigned],
    cancelled_id: str,
    earlier: Sequence[Accompanied],
    seed: bytes,
    public: str = "",
) -> str | None:
    """Return who comes instead of somebody who cancelled: by lot among those with the least load who are free.

    ``None`` when nobody is. `earlier` counts as in :func:`assign`; joint days of the assignment at hand are added.

    Raises
    ------
    BadReplacement : the person does not accompany that joint day.
    """
    here = next((a for a in assigned if (a.day, a.street_id) == _seat(joint)), None)
    if here is None or cancelled_id not in here.invited_ids:
        raise BadReplacement(f"{cancelled_id} does not accompany {joint.street_id} on that day")
    loads = Counter(a.invited_id for a in earlier) + Counter(i for a in assigned for i in a.invited_ids)
    busy = {i for a in assigned if a.day == joint.day for i in a.invited_ids}
    free = [p.invited_id for p in people if p.invited_id not in busy and may_serve(p, joint)]
    if not free:
        return None
    least = min(loads[i] for i in free)
    lots = Stream(seed, public, f"replacement\n{joint.day}\n{joint.street_id}\n{cancelled_id}")
    return lots.shuffled(sorted(i for i in free if loads[i] == least))[0]


def record(
    people: Sequence[Invited],
    days: Sequence[JointDay],
    earlier: Sequence[Accompanied],
    seed: bytes,
    purpose: str,
    public: str = "",
    each: int = 1,
) -> dict[str, Any]:
    """Draw, and return the record with which anybody can draw again; the seed is revealed in it."""
    drawn = assign(people, days, earlier, seed, public, each)
    return {
        "format": FORMAT,
        "purpose": purpose,
        "commitment": commitment_of(seed, purpose),
        "seed": seed.hex(),
        "public": public,
        "each": each,
        "input_digest": input_digest(people, days, earlier),
        "assigned": [[a.day, a.street_id, list(a.invited_ids)] for a in drawn],
    }


def is_true(
    told: Mapping[str, Any], people: Sequence[Invited], days: Sequence[JointDay], earlier: Sequence[Accompanied]
) -> bool:
    """Say whether a record is what a draw from this input gives.

    Raises
    ------
    KeyError, BadSeed : it is no record.
    """
    seed = seed_of(told["seed"])
    return record(people, days, earlier, seed, told["purpose"], told["public"], told["each"]) == dict(told)


def _seat(joint: JointDay) -> Seat:
    return joint.day, joint.street_id


def _been(earlier: Sequence[Accompanied]) -> Counter[tuple[str, str, str]]:
    """Return how often somebody accompanied a street or an authority."""
    been: Counter[tuple[str, str, str]] = Counter()
    for a in earlier:
        been[a.invited_id, "street", a.street_id] += 1
        been.update((a.invited_id, "authority", authority_id) for authority_id in a.authority_ids)
    return been


def _familiar(been: Counter[tuple[str, str, str]], invited_id: str, joint: JointDay) -> int:
    met = sum(been[invited_id, "authority", a] for a in joint.authority_ids)
    return been[invited_id, "street", joint.street_id] + met
