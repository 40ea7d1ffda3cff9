"""What makes a case ugly: history and caps, quiet periods, hours, crowd and length limits, and unusual items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from scenarios.generate.enterprises import Enterprises, all_industries
from scenarios.generate.items import TRIGGERS, Items
from scenarios.generate.streets import StreetFact

BUFFER_MIN = 5
MAX_OFFICERS = 12
MAX_VISIT_MIN = 150
CREW_SHARES = (0.955, 0.035, 0.010)
"""Shares of items that need one, two and three crews."""

_UNANNOUNCED_SHARE = 0.25  # of the items that are not routine
_CLOSED_ON_MONDAY = 0.05
_LATE_HOURS = ("restaurant", "entertainment")
_LATE_SHARE = 0.75
_VISITED = 0.30  # share of enterprises that were inspected before, in the year of the horizon
_JOINT_HISTORY = 0.15
_EXEMPT_HISTORY = 0.10
_QUIET_STREET_FROM, _QUIET_STREET_DATES = 0.45, 10


def ugly_caps(market_bodies: Sequence[str]) -> list[dict[str, Any]]:
    """Return further caps: two visits a year of any body, and one a half year of market bodies for class A."""
    caps: list[dict[str, Any]] = [
        {"scope": "authority", "authority": "*", "credit_class": "*", "period": "year", "max_visits": 2}
    ]
    return caps + [
        {"scope": "authority", "authority": a, "credit_class": "A", "period": "half_year", "max_visits": 1}
        for a in market_bodies
    ]


def draw_item_crews(items: Items, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the crews that each item needs, 1 to 3."""
    return 1 + rng.choice(len(CREW_SHARES), size=len(items.enterprise), p=CREW_SHARES).astype(np.int64)


def draw_notices(items: Items, rng: np.random.Generator) -> list[str]:
    """Return announced or unannounced for each item; routine items are always announced."""
    secret = (items.trigger != TRIGGERS.index("routine")) & (rng.random(len(items.trigger)) < _UNANNOUNCED_SHARE)
    return ["unannounced" if s else "announced" for s in secret.tolist()]


def exempt_flags(items: Items) -> list[int]:
    """Return 1 for items that caps neither count nor stop: those for a case."""
    case = TRIGGERS.index("case")
    return [int(t == case) for t in items.trigger.tolist()]


def draw_hours(enterprises: Enterprises, rng: np.random.Generator) -> dict[str, list[object]]:
    """Return the columns of closing days and opening hours of enterprises.csv."""
    n = len(enterprises.industry)
    late_industry = np.array([i.code in _LATE_HOURS for i in all_industries()])
    late = late_industry[enterprises.industry] & (rng.random(n) < _LATE_SHARE)
    monday = rng.random(n) < _CLOSED_ON_MONDAY
    return {
        "closed_weekdays": np.where(monday, "1", "").tolist(),
        "open_from": np.where(late, "10:00", "").tolist(),
        "open_to": np.where(late, "20:00", "").tolist(),
    }


def quiet_columns(streets: Sequence[StreetFact], dates: Sequence[date]) -> dict[str, list[object]]:
    """Return the columns of quiet.csv: month ends for factories, two weeks of a street, month starts for class A."""
    first = int(len(dates) * _QUIET_STREET_FROM)
    last = min(first + _QUIET_STREET_DATES, len(dates)) - 1
    span = f"{dates[first].isoformat()}..{dates[last].isoformat()}"
    return {
        "scope": ["industry", "street", "credit_class"],
        "id": ["factory", streets[0].street_code, "A"],
        "rule": ["monthly:25-31", span, "monthly:1-10"],
        "exempt_triggers": ["case", "case;follow_up", "case"],
    }


def draw_history(
    enterprises: Enterprises, items: Items, authority_ids: Sequence[str], before: date, rng: np.random.Generator
) -> dict[str, list[object]]:
    """Return the columns of history.csv: inspections between the start of the year and the horizon.

    The bodies are those that plan items at the enterprise; some inspections were joint, some are exempt from caps.

    Parameters
    ----------
    enterprises : all of them; three in ten were inspected.
    items : which bodies come to whom.
    authority_ids : ids of the bodies.
    before : first date of the horizon; the history ends the day before and reaches back to 1 January, or over the
        year before when the horizon begins with the year.
    rng : source of all draws.
    """
    start = date(before.year - (before == date(before.year, 1, 1)), 1, 1)
    days = (before - start).days
    visited = rng.random(len(enterprises.industry)) < _VISITED
    chosen = np.flatnonzero(visited[items.enterprise] & (rng.random(len(items.enterprise)) < 0.6))
    day = rng.integers(days, size=len(chosen))
    joint = rng.random(len(chosen)) < _JOINT_HISTORY
    exempt = rng.random(len(chosen)) < _EXEMPT_HISTORY
    rows: dict[tuple[int, int], tuple[int, int]] = {}  # (item's enterprise, body) to (day, whether exempt)
    doors: dict[tuple[int, int], int] = {}
    for k, i in enumerate(chosen.tolist()):
        e, b = int(items.enterprise[i]), int(items.body[i])
        if joint[k] and k and int(items.enterprise[chosen[k - 1]]) == e:
            day[k] = day[k - 1]
        if (e, b) not in rows:
            rows[e, b] = int(day[k]), int(exempt[k])
            doors.setdefault((e, int(day[k])), len(doors))
    return {
        "enterprise_id": [enterprises.columns["enterprise_id"][e] for e, _ in rows],
        "authority_id": [authority_ids[b] for _, b in rows],
        "date": [start + timedelta(days=d) for d, _ in rows.values()],
        "visit_id": [f"H{doors[e, d]:06d}" for (e, _), (d, _) in rows.items()],
        "trigger": ["case" if x else "routine" for _, x in rows.values()],
        "cap_exempt": [x for _, x in rows.values()],
    }
