"""A horizon as it is on a date: what went out so far is history, what is published lies ahead, the rest has changed.

Everything is taken from what is on record, so that a case that was planned can be made again and compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, or_, select

from api.cases.area import Area
from api.cases.in_force import by_dates, counts, of_versions
from api.cases.service import snapshot_of
from api.errors import Refusal
from api.schedules.rows import read_crews, read_visits
from api.store.schema import crew_shifts, enterprises, outcomes, plan_items, plans, publications, unserved, visits
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso
from scheduler.intake.columns import OutcomeName
from scheduler.replan.carry import carry
from scheduler.replan.events import Event, ItemAdded, ItemWithdrawn, NoAccess, Outcome, Refused, VisitDone
from scheduler.replan.replan import look_ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What :func:`scheduler.replan.replan.replan` begins with.

    Parameters
    ----------
    snapshot : the case on the first date of the newest versions, as the registers are now, without new items.
    published : those versions.
    events : outcomes of their visits before `day`, items that are new or gone.
    day : the first date that is planned.
    """

    snapshot: PlanningSnapshot
    published: Schedule
    events: tuple[Event, ...]
    day: int


def case_now(connection: Connection, row: Mapping[Any, Any], area: Area) -> PlanningSnapshot:
    """Return the case of a schedule's row as the registers would give it now.

    Raises
    ------
    Refusal, InvalidCase : as of :func:`replayed`.
    """
    if row["from_date"] is None:
        return snapshot_of(connection, row["horizon_id"], area)
    day = date.fromisoformat(row["from_date"]).toordinal()
    found = replayed(connection, row["horizon_id"], area, day, row["base"])
    ahead = look_ahead(found.snapshot, found.published, found.events, day)
    return ahead.availability.snapshot


def replayed(connection: Connection, horizon_id: str, area: Area, day: int, versions: Mapping[str, int]) -> Replayed:
    """Return a horizon as it is on a date, over some published versions of an area's streets.

    Versions are taken in turn: visits before the first date of the next one took place, unless their outcome says
    otherwise, and what was left over came back for the next.

    Raises
    ------
    Refusal : there is no such horizon, a street has no version, or one begins only after the date.
    InvalidCase : as of :func:`api.cases.service.snapshot_of`.
    """
    require_versions(area, versions)
    mine = of_versions(horizon_id, {s: versions[s] for s in area.street_ids})
    firsts = sorted(set(connection.scalars(select(publications.c.from_date).where(mine))) - {""})
    if firsts and firsts[-1] > iso(day):
        raise Refusal("too_early", first=firsts[-1])
    found = _visits(connection, mine, area)
    given = _outcomes(connection, horizon_id, area, iso(day))
    snapshot = snapshot_of(connection, horizon_id, area, also={i for v in found for i in v.item_ids})
    all_items = {i.item_id: i for i in snapshot.items}
    for first in (date.fromisoformat(f).toordinal() for f in firsts):
        before = tuple(v for v in found if v.day < first)
        found = [v for v in found if v.day >= first]
        events = [given[key] for v in before if (key := (v.visit_id, v.day)) in given]
        snapshot = carry(snapshot, _published(_with_items_left(before, snapshot)), events, first).snapshot
    outcomes_of_newest = [given[key] for v in found if (key := (v.visit_id, v.day)) in given]
    known = {i for v in found for i in v.item_ids} | _left_out(connection, horizon_id, area, versions)
    approved = _approved(connection, horizon_id, area)
    fresh = approved - known
    added = [ItemAdded(item=i) for i in snapshot.items if i.item_id in fresh]
    served = {i for v in found for i in v.item_ids} - {i.item_id for i in snapshot.items}  # as was told late
    again = tuple(all_items[i] for i in sorted(served))
    kept = snapshot.replace(items=(*(i for i in snapshot.items if i.item_id in known), *again))
    unwanted = (known - approved) | served
    gone = [ItemWithdrawn(item_id=i.item_id) for i in kept.items if i.item_id in unwanted]
    crews = read_crews(_counting(connection, mine, crew_shifts, firsts[-1] if firsts else ""))
    return Replayed(
        snapshot=kept,
        published=_published(tuple(found), tuple(crews)),
        events=(*outcomes_of_newest, *added, *gone),
        day=day,
    )


def require_versions(area: Area, versions: Mapping[str, int]) -> None:
    """Do nothing when every street of an area has a published version.

    Raises
    ------
    Refusal : some have none.
    """
    if missing := [s for s in area.street_ids if s not in versions]:
        raise Refusal("not_found", what=f"published schedule ({', '.join(missing)})")


def _with_items_left(found: tuple[JointVisit, ...], snapshot: PlanningSnapshot) -> tuple[JointVisit, ...]:
    """Return visits with the items that the case still has: a visit told of late may have served some before."""
    there = {i.item_id for i in snapshot.items}
    left = (replace(v, item_ids=tuple(i for i in v.item_ids if i in there)) for v in found)
    return tuple(v for v in left if v.item_ids)


def _published(found: tuple[JointVisit, ...], crews: tuple[CrewShift, ...] = ()) -> Schedule:
    return Schedule(snapshot_digest="", visits=found, crew_shifts=crews, unserved=())


def _counting(connection: Connection, mine: ColumnElement[bool], table: Table, first: str) -> Sequence[Any]:
    """Return rows of visits or crew shifts, each of the version that counts on its date, from a date on."""
    published = by_dates(mine)
    query = select(table).join(published, counts(published, table)).where(table.c.date >= first)
    return connection.execute(query).mappings().all()


def _visits(connection: Connection, mine: ColumnElement[bool], area: Area) -> list[JointVisit]:
    """Return the visits at enterprises that the area still has."""
    there = select(enterprises.c.enterprise_id).where(enterprises.c.street_id.in_(area.street_ids))
    still = set(connection.scalars(there))
    found = (v for v in read_visits(_counting(connection, mine, visits, "")) if v.enterprise_id in still)
    return sorted(found, key=lambda v: (v.day, v.visit_id))


def _outcomes(connection: Connection, horizon_id: str, area: Area, day: str) -> dict[tuple[str, int], Outcome]:
    query = select(outcomes).where(
        outcomes.c.horizon_id == horizon_id, outcomes.c.street_id.in_(area.street_ids), outcomes.c.date < day
    )
    out: dict[tuple[str, int], Outcome] = {}
    for r in connection.execute(query).mappings():
        out[r["visit_id"], date.fromisoformat(r["date"]).toordinal()] = outcome_of_row(r)
    return out


def outcome_of_row(row: Mapping[Any, Any]) -> Outcome:
    """Return a stored outcome as the event that it is."""
    if row["outcome"] == OutcomeName.NO_ACCESS:
        return NoAccess(visit_id=row["visit_id"])
    if row["outcome"] == OutcomeName.REFUSED:
        return Refused(visit_id=row["visit_id"])
    left = tuple(filter(None, (row["left_items"] or "").split(";")))
    return VisitDone(visit_id=row["visit_id"], minutes=row["minutes"], left_item_ids=left)


def _left_out(connection: Connection, horizon_id: str, area: Area, versions: Mapping[str, int]) -> set[str]:
    """Return the items that some versions leave out."""
    one_of = or_(*(and_(publications.c.street_id == s, publications.c.version == versions[s]) for s in area.street_ids))
    query = (
        select(unserved.c.item_id)
        .join(
            publications,
            and_(
                publications.c.schedule_id == unserved.c.schedule_id, publications.c.street_id == unserved.c.street_id
            ),
        )
        .where(publications.c.horizon_id == horizon_id, one_of)
    )
    return set(connection.scalars(query))


def _approved(connection: Connection, horizon_id: str, area: Area) -> set[str]:
    """Return the ids of the items that are approved now."""
    query = (
        select(plan_items.c.item_id)
        .join(plans, plans.c.plan_id == plan_items.c.plan_id)
        .join(enterprises, enterprises.c.enterprise_id == plan_items.c.enterprise_id)
        .where(plan_items.c.horizon_id == horizon_id, plan_items.c.live, plans.c.state == "approved")
        .where(enterprises.c.street_id.in_(area.street_ids))
    )
    return set(connection.scalars(query))
