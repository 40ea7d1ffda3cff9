"""Merge and arrays together, street by street through the port: the problem of a case, and what enterprises can reach.

An enterprise's merge needs nothing of other streets, and a street's arrays neither, so that a city is prepared on as
many cores as there are, and the objects of one street at a time are all that a worker holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, NamedTuple

from scheduler.availability import Availability
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.policy import QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.arrays import NO_LIMIT, TimetableIndex, build_problem, pools_of
from scheduler.planning.homes import Homes, with_preferred_pins
from scheduler.planning.merge import MergedEnterprise, merge_enterprises
from solver.coordinate.joining import join_problems
from solver.errors import SolverError
from solver.limits import Watcher
from solver.parallel import Port
from solver.timetable.problem import MAX_WEIGHT, TimetableProblem


class Reach(NamedTuple):
    """What an enterprise with a servable item could reach alone, crews shared with nobody.

    Parameters
    ----------
    weight_by_doors : greatest served weight with at most k visits, see :class:`solver.merge.problem.MergeSolution`.
    forced : (authority, minutes on site) that every best plan of the enterprise holds; see :func:`_forced_parts`.
    """

    enterprise_id: str
    authority_ids: tuple[str, ...]
    weight_by_doors: tuple[int, ...]
    forced: tuple[tuple[str, int], ...]

    @property
    def weight(self) -> int:
        """Greatest weight that its items can reach."""
        return self.weight_by_doors[-1]

    @property
    def doors(self) -> int:
        """Fewest visits that reach `weight`."""
        return len(self.weight_by_doors) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A case ready for the search; `reach` is in the order of the problem's enterprises."""

    problem: TimetableProblem
    index: TimetableIndex
    reach: tuple[Reach, ...]


def weight_out_of_reach(snapshot: PlanningSnapshot, reach: Sequence[Reach]) -> int:
    """Return the weight that no schedule can serve: that of all items less what enterprises reach alone."""
    return snapshot.all_weight - sum(r.weight for r in reach)


class CasePart:
    """A snapshot of some streets; on its way to another process its tables are plain rows."""

    def __init__(self, snapshot: PlanningSnapshot, homes: Homes) -> None:
        self.snapshot = snapshot
        self.homes = homes

    def __reduce__(self) -> tuple[Any, ...]:
        """Pack the rows of large tables without their fields' names: ten times as fast as one object each."""
        s = self.snapshot
        tables = {n: _packed(getattr(s, n)) for n in ("enterprises", "items", "history")}
        return _unpacked_part, (replace(s, enterprises=(), items=(), history=()), tables, self.homes)


Packed = tuple[type, tuple[str, ...], list[Any]] | None


def _packed(rows: tuple[Any, ...]) -> Packed:
    if not rows:
        return None
    names = tuple(f.name for f in fields(rows[0]))
    return type(rows[0]), names, list(map(attrgetter(*names), rows))


def _unpacked_part(snapshot: PlanningSnapshot, tables: dict[str, Packed], homes: Homes) -> CasePart:
    full: dict[str, Any] = {}
    for name, packed in tables.items():
        if packed is not None:
            kind, names, rows = packed
            full[name] = tuple(kind(**dict(zip(names, row, strict=True))) for row in rows)
    return CasePart(replace(snapshot, **full), homes)


def prepare(availability: Availability, port: Port, homes: Homes | None = None) -> Prepared:
    """Return the problem of a case; enterprises stand by street and id, whatever the port.

    Parameters
    ----------
    homes : of published visits; those of preferred pins are added.

    Raises
    ------
    SolverError : the weights add up to more than the arrays hold.
    """
    snapshot = availability.snapshot
    found = port.map(_prepare_part, _by_street(snapshot, with_preferred_pins(availability, homes)))
    if len(found) == 1:
        return found[0]
    if sum(r.weight for f in found for r in f.reach) > MAX_WEIGHT:
        raise SolverError(f"weights of all items exceed {MAX_WEIGHT}")
    street_ids = tuple(s.street_id for s in snapshot.streets)
    authority_ids = tuple(a.authority_id for a in snapshot.authorities)
    problem = join_problems([f.problem for f in found], no_limit=NO_LIMIT, **pools_of(availability))
    index = TimetableIndex(
        street_ids=street_ids,
        authority_ids=authority_ids,
        enterprise_ids=tuple(e for f in found for e in f.index.enterprise_ids),
        item_ids=tuple(i for f in found for i in f.index.item_ids),
    )
    return Prepared(problem=problem, index=index, reach=tuple(r for f in found for r in f.reach))


def _by_street(snapshot: PlanningSnapshot, homes: Homes) -> Iterator[CasePart]:
    """Yield the part of every street, in the order of streets; the whole case where there is one street only."""
    if len(snapshot.streets) <= 1:
        yield CasePart(snapshot, homes)
        return
    street_of = {e.enterprise_id: e.street_id for e in snapshot.enterprises}
    tables: dict[str, dict[str, list[Any]]] = {
        name: {s.street_id: [] for s in snapshot.streets} for name in ("enterprises", "items", "history", "pins")
    }
    for name, streets in tables.items():
        for row in getattr(snapshot, name):
            streets[street_of[row.enterprise_id]].append(row)
    for street in snapshot.streets:
        mine: dict[str, Any] = {name: tuple(streets.pop(street.street_id)) for name, streets in tables.items()}
        here = {e.enterprise_id for e in mine["enterprises"]}
        authorities = {i.authority_id for i in mine["items"]}
        areas = street.street_id, street.district_id, WHOLE_CITY
        pools = (p for p in snapshot.crew_pools if p.area_id in areas and p.authority_id in authorities)
        quiet = (q for q in snapshot.policy.quiet_periods if q.scope is not QuietScope.ENTERPRISE or q.target in here)
        policy = replace(snapshot.policy, quiet_periods=tuple(quiet))
        part = replace(snapshot, streets=(street,), crew_pools=tuple(pools), policy=policy, **mine)
        yield CasePart(part, homes.of_those(here))


def _prepare_part(part: CasePart, look: Watcher) -> Prepared:
    availability = Availability(part.snapshot)
    merged = merge_enterprises(availability, part.homes)
    problem, index = build_problem(availability, merged, part.homes)
    return Prepared(problem=problem, index=index, reach=reach_of(merged))


def reach_of(merged: Sequence[MergedEnterprise]) -> tuple[Reach, ...]:
    """Return what merged enterprises could reach."""
    return tuple(
        Reach(
            enterprise_id=m.enterprise.enterprise_id,
            authority_ids=m.authority_ids,
            weight_by_doors=m.solution.weight_by_doors,
            forced=_forced_parts(m),
        )
        for m in merged
    )


def _forced_parts(m: MergedEnterprise) -> tuple[tuple[str, int], ...]:
    """Return by authority the minutes on site that every best plan of the enterprise holds.

    Only when best means serving every item: then each authority has at least one part, with at least one overhead.
    """
    if m.solution.weight != sum(i.weight for i in m.problem.items) or any(i.weight == 0 for i in m.problem.items):
        return ()
    out: dict[str, int] = {}
    for item in m.problem.items:
        authority_id = m.authority_ids[item.authority]
        out[authority_id] = out.get(authority_id, m.problem.overhead) + item.duration
    return tuple(out.items())
