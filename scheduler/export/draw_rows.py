"""Teams, items and lacks of a draw as plain values, the same in files, on the command line and in the service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scheduler.domain.schedule import Schedule
from scheduler.draw.officers import Lack, OfficerDraw
from scheduler.draw.roster import Roster
from scheduler.draw.targets import TargetDraw
from scheduler.explain.facts import iso

TEAM_COLUMNS = "crew_id", "authority_id", "street_id", "date", "shift_id", "officer_id", "name", "certificate_no"
ITEM_COLUMNS = "item_id", "authority_id", "enterprise_id", "duration_min", "earliest", "latest", "priority"


def team_values(schedule: Schedule, roster: Roster, draw: OfficerDraw) -> Iterator[dict[str, str]]:
    """Yield every officer of every crew shift, in order of time, with :data:`TEAM_COLUMNS`."""
    crews = {c.crew_id: c for c in schedule.crew_shifts}
    people = {o.officer_id: o for o in roster.officers}
    for team in sorted(draw.teams, key=lambda t: (crews[t.crew_id].day, crews[t.crew_id].shift_id, t.crew_id)):
        c = crews[team.crew_id]
        for officer_id in team.officer_ids:
            who = people[officer_id]
            values = c.crew_id, c.authority_id, c.street_id, iso(c.day), c.shift_id
            row = *values, officer_id, who.name, who.certificate_no
            yield dict(zip(TEAM_COLUMNS, row, strict=True))


def team_figures(roster: Roster, draw: OfficerDraw) -> dict[str, int]:
    """Return how many crew shifts and officers were drawn, and the least and most crew shifts of an officer."""
    load = {o.officer_id: 0 for o in roster.officers}
    for team in draw.teams:
        for officer_id in team.officer_ids:
            load[officer_id] += 1
    return {
        "crews": len(draw.teams),
        "officers": sum(n > 0 for n in load.values()),
        "least": min(load.values(), default=0),
        "most": max(load.values(), default=0),
    }


def item_values(draw: TargetDraw) -> Iterator[dict[str, Any]]:
    """Yield every plan item of the targets, with :data:`ITEM_COLUMNS`."""
    for i in draw.items:
        days = iso(i.earliest), iso(i.latest)
        row = i.item_id, i.authority_id, i.enterprise_id, i.duration_min, *days, i.priority
        yield dict(zip(ITEM_COLUMNS, row, strict=True))


def lack_values(lack: Lack) -> dict[str, Any]:
    """Return what is lacking on a date and shift."""
    return {
        "authority": lack.authority_id,
        "day": iso(lack.day),
        "shift": lack.shift_id,
        "needed": lack.needed,
        "missing": lack.missing,
        "officers": lack.officers,
        "uncertified": lack.uncertified,
        "absent": lack.absent,
        "kept_away": lack.kept_away,
    }
