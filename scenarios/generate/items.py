"""Plan items: which body inspects which enterprise, how long, when and how urgently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from scenarios.generate.bodies import Organisation
from scenarios.generate.enterprises import Enterprises, all_industries
from scenarios.generate.streets import read_rows

Ints = npt.NDArray[np.int64]

TRIGGERS = ("routine", "campaign", "case", "follow_up")
TRIGGER_SHARES = (0.75, 0.15, 0.07, 0.03)
PRIORITIES = ("mandatory", "high", "normal")
WINDOW_SHARES = (0.6, 0.3, 0.1)
"""Shares of items that may be served in the whole quarter, in one calendar month, in two weeks."""

_TWO_WEEKS = 10  # inspection dates
_SECOND_ITEM = 0.04  # share of items to which the same body plans a further one at the same enterprise
_BY_STREET_BODY = 0.7
_DURATION_SIGMA = 0.28
_SHORTEST, _LONGEST, _STEP = 20, 90, 5
_MANDATORY_FOR_CAUSE = 0.20
_MANDATORY_ELSE = 1 / 30
_HIGH_BY_CREDIT = (0.13, 0.19, 0.29, 0.36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """What a department looks at in an industry, at which share of its enterprises and for how long (minutes)."""

    industry: int
    department: int
    share: float
    minutes: float
    item_code: str
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """All plan items, enterprise by enterprise; arrays have shape (number of items,).

    Parameters
    ----------
    enterprise, body : indices.
    minutes : on site, without overhead.
    window : index into `windows`.
    trigger, priority : indices of the names above.
    duty : index into the duties, what the item code and the legal basis come from.
    second : whether it is a further item of the same duty at the same enterprise.
    windows : (earliest, latest), both inside.
    """

    enterprise: Ints
    body: Ints
    minutes: Ints
    window: Ints
    trigger: Ints
    priority: Ints
    duty: Ints
    second: npt.NDArray[np.bool_]
    windows: tuple[tuple[date, date], ...]


@cache
def all_duties(departments: tuple[str, ...]) -> tuple[Duty, ...]:
    """Return the duties of the departments in use."""
    industries = [i.code for i in all_industries()]
    seen: dict[str, int] = {}
    duties = []
    for r in read_rows("duties.csv"):
        number = seen[r["department"]] = seen.get(r["department"], 0) + 1
        if r["department"] not in departments:
            continue
        duties.append(
            Duty(
                industry=industries.index(r["industry"]),
                department=departments.index(r["department"]),
                share=float(r["share"]),
                minutes=float(r["minutes"]),
                item_code=f"{r['department']}-{number:02d}",
                legal_basis=r["legal_basis"],
            )
        )
    return tuple(duties)


def draw_items(
    enterprises: Enterprises,
    org: Organisation,
    dates: Sequence[date],
    span: tuple[date, date],
    rng: np.random.Generator,
) -> Items:
    """Return the plan items of a quarter; every enterprise has at least one.

    Parameters
    ----------
    enterprises : whom the items concern.
    org : who is in charge.
    dates : inspection dates.
    span : first and last date of the horizon.
    rng : source of all draws.
    """
    duties = all_duties(tuple(d.code for d in org.departments))
    enterprise, duty, second = _demand(enterprises, duties, org, rng)
    n = len(enterprise)
    base = np.array([d.minutes for d in duties])[duty]
    raw = base * np.exp(rng.normal(0.0, _DURATION_SIGMA, size=n))
    minutes = np.clip(_STEP * np.rint(raw / _STEP), _SHORTEST, _LONGEST).astype(np.int64)
    trigger = rng.choice(len(TRIGGERS), size=n, p=TRIGGER_SHARES).astype(np.int64)
    for_cause = trigger >= TRIGGERS.index("case")
    mandatory = rng.random(n) < np.where(for_cause, _MANDATORY_FOR_CAUSE, _MANDATORY_ELSE)
    high = rng.random(n) < np.array(_HIGH_BY_CREDIT)[enterprises.credit[enterprise]]
    windows, window = _windows(n, dates, span, rng)
    return Items(
        enterprise=enterprise,
        body=_in_charge(enterprises, enterprise, duty, duties, org, rng),
        minutes=minutes,
        window=window,
        trigger=trigger,
        priority=np.where(mandatory, 0, np.where(high, 1, 2)).astype(np.int64),
        duty=duty,
        second=second,
        windows=windows,
    )


def _demand(
    enterprises: Enterprises, duties: Sequence[Duty], org: Organisation, rng: np.random.Generator
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return enterprise and duty of every item, and whether it is a second one of them, sorted by enterprise."""
    picked_enterprise: list[Ints] = []
    picked_duty: list[Ints] = []
    first_duty = np.full(len(enterprises.industry), -1, dtype=np.int64)
    for d, duty in enumerate(duties):
        members = np.flatnonzero(enterprises.industry == duty.industry)
        members = members[org.district_body[enterprises.street[members], duty.department] >= 0]
        fresh = members[first_duty[members] < 0]
        first_duty[fresh] = d
        chosen = members[rng.random(len(members)) < duty.share]
        picked_enterprise.append(chosen)
        picked_duty.append(np.full(len(chosen), d, dtype=np.int64))
    enterprise, duty_of = np.concatenate(picked_enterprise), np.concatenate(picked_duty)
    without = np.setdiff1d(np.flatnonzero(first_duty >= 0), enterprise)
    again = np.flatnonzero(rng.random(len(enterprise)) < _SECOND_ITEM)
    enterprise = np.concatenate((enterprise, without, enterprise[again]))
    duty_of = np.concatenate((duty_of, first_duty[without], duty_of[again]))
    second = np.arange(len(enterprise)) >= len(enterprise) - len(again)
    order = np.lexsort((second, duty_of, enterprise))
    return enterprise[order], duty_of[order], second[order]


def _in_charge(
    enterprises: Enterprises,
    enterprise: Ints,
    duty: Ints,
    duties: Sequence[Duty],
    org: Organisation,
    rng: np.random.Generator,
) -> Ints:
    """Return the body of every item: a city specialist, the street's own body, or the district's."""
    department = np.array([d.department for d in duties])[duty]
    industry = enterprises.industry[enterprise]
    street = enterprises.street[enterprise]
    body: Ints = org.district_body[street, department]
    local = org.street_body[street, department]
    body = np.where((local >= 0) & (rng.random(len(body)) < _BY_STREET_BODY), local, body)
    codes = [i.code for i in all_industries()]
    draw = rng.random(len(body))
    taken = np.zeros((len(org.departments), len(codes)))  # share of a department's items that went to specialists
    for index in org.specialists:
        specialist = org.bodies[index].specialist
        assert specialist is not None
        d = org.departments.index(org.bodies[index].department)
        concerned = np.zeros(len(codes), dtype=bool)
        concerned[[codes.index(c) for c in specialist.industries]] = True
        low = taken[d][industry]
        body = np.where(
            (department == d) & concerned[industry] & (draw >= low) & (draw < low + specialist.share), index, body
        )
        taken[d, concerned] += specialist.share
    return body.astype(np.int64)


def _windows(
    n: int, dates: Sequence[date], span: tuple[date, date], rng: np.random.Generator
) -> tuple[tuple[tuple[date, date], ...], Ints]:
    """Return the windows in use, and the window of each item: the quarter, a month of it, or two weeks."""
    months = sorted({(d.year, d.month) for d in dates})
    month_spans = []
    for year, month in months:
        inside = [d for d in dates if (d.year, d.month) == (year, month)]
        month_spans.append((inside[0], inside[-1]))
    last = max(1, len(dates) - _TWO_WEEKS + 1)
    fortnights = [(dates[i], dates[min(i + _TWO_WEEKS, len(dates)) - 1]) for i in range(last)]
    kind = rng.choice(len(WINDOW_SHARES), size=n, p=WINDOW_SHARES)
    of_month = 1 + rng.integers(len(month_spans), size=n)
    fortnight = 1 + len(month_spans) + rng.integers(last, size=n)
    window: Ints = np.where(kind == 0, 0, np.where(kind == 1, of_month, fortnight)).astype(np.int64)
    return (span, *month_spans, *fortnights), window
